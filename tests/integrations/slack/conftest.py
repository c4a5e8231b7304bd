"""One stage a test, on the transport the test asks for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integrations.slack.stage import TRANSPORTS, Stage


@pytest.fixture(params=TRANSPORTS)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The adapter on each transport in turn."""
    made = Stage(str(request.param))
    yield made
    made.close()


@pytest.fixture
def http_stage() -> Iterator[Stage]:
    made = Stage("http")
    yield made
    made.close()
