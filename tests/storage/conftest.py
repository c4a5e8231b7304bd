"""A store on SQLite alone, for what no database decides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore


@pytest.fixture
def sqlite_store(sqlite_url: str, clock: FakeClock) -> Iterator[SqlStore]:
    opened = SqlStore(sqlite_url, clock)
    yield opened
    opened.close()
