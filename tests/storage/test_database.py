"""The edges of the database: its address, its errors, its locks, its end."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.ports.errors import Refused, Unavailable, WorldError
from integrations.sandbox.clock import FakeClock
from storage.database import PostgresDatabase, SqliteDatabase, open_database
from storage.store import SqlStore
from tests.postgres import PostgresServer
from tests.storage.material import CHANGE, NOW, comment, decision, record, touched


@pytest.mark.parametrize("url", ["mysql://u:hush@h/d", "sqlite://", "sqlite:///:memory:", "hush"])
def test_an_address_that_is_neither_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Refused, match="wanted") as caught:
        open_database(url)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_understood(scheme: str) -> None:
    database = open_database(f"{scheme}://u@localhost/d")
    assert isinstance(database, PostgresDatabase)
    database.close()


def test_a_directory_that_is_not_there_is_named_with_its_cure(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(WorldError, match="make the directory"):
        SqlStore(f"sqlite:///{tmp_path}/nowhere/x.db", clock)


def test_a_server_that_is_not_there_is_unavailable_and_its_password_unsaid(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(Unavailable) as caught:
        SqlStore(f"postgresql://u:hush@/d?host={tmp_path}", clock)
    assert "hush" not in str(caught.value)


def test_sqlite_keeps_a_log_reaches_the_disk_and_checks_references(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    with database.write() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with database.write(durable=False) as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 1
    with database.write() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
    database.close()


def test_a_unit_inside_a_unit_is_told_so_and_does_not_wait_for_itself(sqlite_url: str, clock: FakeClock) -> None:
    store = SqlStore(sqlite_url, clock)
    with store.begin(), pytest.raises(RuntimeError, match="open unit"):
        store.accept(touched(), "lane", "d1")
    assert store.accept(touched(), "lane", "d1")
    store.close()


def test_writers_of_two_stores_on_one_file_take_turns(sqlite_url: str, clock: FakeClock) -> None:
    """None of them ever meets SQLite's own busy handler, which is short here: it would fail."""
    stores = [SqlStore(sqlite_url, clock) for _ in range(2)]

    def write(number: int) -> None:
        with stores[number % 2].begin() as unit:
            unit.add_job(touched(), f"lane{number}", f"d{number}", NOW)
            unit.commit()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(200)))
    assert stores[0].backlog().jobs == 200
    for store in stores:
        store.close()


def test_readers_wait_for_no_writer(sqlite_url: str, clock: FakeClock) -> None:
    store = SqlStore(sqlite_url, clock)
    with store.begin() as unit:
        unit.add_job(touched(), "lane", "d1", NOW)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(store.backlog).result(timeout=10).jobs == 0
    store.close()


def fill(path: Path, store: SqlStore, full: bool) -> None:
    """Give SQLite no page beyond those it has, as a full disk would; or give them back."""
    database = store._database
    assert isinstance(database, SqliteDatabase)
    with database.write() as connection:
        connection.execute(text(f"PRAGMA max_page_count = {1 if full else 1_000_000}"))


def test_a_full_disk_is_unavailable_and_loses_nothing(sqlite_url: str, clock: FakeClock, tmp_path: Path) -> None:
    store = SqlStore(sqlite_url, clock)
    assert store.accept(touched(), "lane", "before")
    fill(tmp_path, store, full=True)
    big = "x" * 200_000
    barrier = threading.Barrier(8)

    def accept(number: int) -> str:
        barrier.wait()
        try:
            store.accept(touched(big), "lane", f"d{number}")
        except Unavailable as error:
            return str(error)
        return "stored"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(accept, range(8)))
    assert all("full" in answer and "free space" in answer for answer in answers)
    with pytest.raises(Unavailable), store.begin() as unit:
        unit.add_action(CHANGE.key, comment(big), NOW)
    assert (store.backlog().jobs, store.backlog().actions) == (1, 0)
    fill(tmp_path, store, full=False)
    assert all(store.accept(touched(big), "lane", f"d{number}") for number in range(8))
    assert store.backlog().jobs == 9
    store.close()


def test_a_file_locked_by_another_program_is_unavailable(
    sqlite_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.BUSY_MS", 10)
    store = SqlStore(sqlite_url, clock)
    stranger = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="end the other process"):
        store.accept(touched(), "lane", "d1")
    stranger.execute("ROLLBACK")
    stranger.close()
    assert store.accept(touched(), "lane", "d1")
    store.close()


def test_a_server_that_dropped_its_connections_loses_no_delivery(
    postgresql_url: str, postgres: PostgresServer, clock: FakeClock
) -> None:
    store = SqlStore(postgresql_url, clock)
    store.accept(touched(), "lane", "d1")
    postgres.disconnect(postgresql_url)
    assert store.accept(touched(), "lane", "d2")
    with pytest.raises(Unavailable):  # who can ask again is told so, once
        store.backlog()
    assert store.backlog().jobs == 2
    store.close()


def test_a_store_opens_again_after_it_was_closed(store: SqlStore, database_url: str, clock: FakeClock) -> None:
    with store.begin() as unit:
        unit.save_change(record())
        unit.add_record(decision(), NOW)
        unit.commit()
    store.close()
    again = SqlStore(database_url, clock)
    with again.begin() as unit:
        assert unit.change(CHANGE) == record()
        assert [approval.id for approval in unit.approvals(CHANGE)] == ["a1"]
    again.close()
