"""Fixtures for every test: the clock, and the store on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.sandbox.clock import FakeClock
from storage.migrate import upgrade
from storage.store import SqlStore
from tests import hypothesis_profile as hypothesis_profile
from tests.postgres import TEMPLATE, PostgresServer


@pytest.fixture
def clock() -> FakeClock:
    """A clock that moves when the test says so."""
    return FakeClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for each process of the run, started by the first test that asks."""
    server = PostgresServer()
    try:
        upgrade(server.create_template())
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table and no row."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A database of the test's own, with its tables made."""
    path = tmp_path / "llmgate.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgres: PostgresServer) -> Iterator[str]:
    """A database of the test's own, with its tables made."""
    url = postgres.create(TEMPLATE)
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The test runs twice: on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def store(database_url: str, clock: FakeClock) -> Iterator[SqlStore]:
    """An open store on a fresh database, on SQLite and on PostgreSQL."""
    opened = SqlStore(database_url, clock)
    yield opened
    opened.close()
