"""One stage a transport for all tests of a process, blank for each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integrations.slack.stage import TRANSPORTS, Stage


@pytest.fixture(scope="session", params=TRANSPORTS)
def built(request: pytest.FixtureRequest) -> Iterator[Stage]:
    made = Stage(str(request.param))
    yield made
    made.close()


@pytest.fixture(scope="session")
def built_http() -> Iterator[Stage]:
    made = Stage("http")
    yield made
    made.close()


@pytest.fixture
def stage(built: Stage) -> Stage:
    """The adapter on each transport in turn."""
    built.renew()
    return built


@pytest.fixture
def http_stage(built_http: Stage) -> Stage:
    built_http.renew()
    return built_http
