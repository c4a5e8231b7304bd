"""A log with two anchored heads, and somebody who has every right on its database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.sandbox.clock import FakeClock
from tests.scenarios.archive import Administrator, Archive


@pytest.fixture
def archive(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Archive]:
    """Ten records under an anchored head, two more under a newer one."""
    made = Archive(database_url, tmp_path, clock)
    made.fill(10)
    made.tick()
    made.fill(2)
    made.tick()
    yield made
    made.close()


@pytest.fixture
def administrator(archive: Archive) -> Administrator:
    return Administrator(archive.url)
