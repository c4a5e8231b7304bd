"""What was signed stays as it was: the databases refuse to change it, whoever asks and in whatever words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.ports.errors import Conflict
from bot.ports.records import Anchor
from storage.log_tables import APPEND_ONLY
from storage.store import SqlStore
from storage.tables import METADATA
from tests.storage.material import NOW, checkpoint, decision, raw

COLUMNS = {
    "records": "bundle",
    "voids_before_log": "because",
    "checkpoints": "note",
    "cosignatures": "taken_at",
    "timestamps": "token",
    "anchors": "reference",
}


@pytest.fixture
def filled(store: SqlStore, database_url: str) -> str:
    """The address of a database with a row in each table."""
    with store.begin() as unit:
        unit.add_record(decision(), NOW)
        unit.add_checkpoint(checkpoint())
        unit.add_cosignature(1, "a line", NOW)
        unit.add_timestamp(1, b"token", NOW)
        unit.add_anchor(Anchor(1, "git", "c0ffee", NOW))
        unit.commit()
    raw(
        database_url,
        "INSERT INTO voids_before_log (approval_id, because, voided_at) VALUES ('a1', 'x', '2026-03-03 09:00:00.0')",
    )
    return database_url


def rows(url: str, table: str) -> list[tuple[object, ...]]:
    return raw(url, f"SELECT * FROM {table}")


def forged(table: str) -> tuple[str, str]:
    """Columns of the table, and values of a row as it is there but for one column."""
    columns = [column.name for column in METADATA.tables[table].columns]
    changed = COLUMNS[table]
    other = {"bundle": "substr(bundle, 2)", "token": "substr(token, 2)", "taken_at": "CURRENT_TIMESTAMP"}.get(
        changed, "'forged'"
    )
    return ", ".join(columns), ", ".join(other if name == changed else name for name in columns)


def test_every_table_of_the_log_is_tried() -> None:
    assert tuple(COLUMNS) == APPEND_ONLY


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_row_is_changed_or_deleted(filled: str, table: str) -> None:
    before, column = rows(filled, table), COLUMNS[table]
    on_sqlite = ("UPDATE OR REPLACE", "UPDATE OR IGNORE", "UPDATE OR FAIL") if filled.startswith("sqlite") else ()
    for statement in (f"DELETE FROM {table}", *(f"{verb} {table} SET {column} = {column}" for verb in ("UPDATE", *on_sqlite))):
        with pytest.raises(Conflict, match=f"{table} are append-only"):
            raw(filled, statement)
    assert len(before) == 1
    assert rows(filled, table) == before


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_row_is_replaced(filled: str, table: str) -> None:
    """SQLite's REPLACE deletes without saying so; PostgreSQL's words for it are an update."""
    before, (columns, values) = rows(filled, table), forged(table)
    key = ", ".join(column.name for column in METADATA.tables[table].primary_key)
    upsert = f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE TRUE ON CONFLICT ({key}) "
    upsert += f"DO UPDATE SET {COLUMNS[table]} = excluded.{COLUMNS[table]}"
    if filled.startswith("sqlite"):
        for verb in ("REPLACE", "INSERT OR REPLACE"):
            raw(filled, f"{verb} INTO {table} ({columns}) SELECT {values} FROM {table}")
        raw(filled, upsert)
    else:
        with pytest.raises(Conflict, match="append-only"):
            raw(filled, upsert)
    assert rows(filled, table) == before


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_table_is_emptied_at_once(postgresql_url: str, table: str) -> None:
    for words in ("", " CASCADE"):
        with pytest.raises(Conflict, match=f"{table} are append-only"):
            raw(postgresql_url, f"TRUNCATE {table}{words}")


def test_no_record_takes_the_place_of_another(filled: str) -> None:
    """A second record at a taken position, and a known one at a new position."""
    before = rows(filled, "records")
    columns = ", ".join(column.name for column in METADATA.tables["records"].columns)
    for position, record_id in (("position", "'new'"), ("position + 1", "id")):
        values = f"{position}, {record_id}, kind, about, head_sha, regards, bundle, stored_at"
        insert = f"INSERT INTO records ({columns}) SELECT {values} FROM records"
        if filled.startswith("sqlite"):
            raw(filled, insert)
        else:
            with pytest.raises(Conflict):
                raw(filled, insert)
    assert rows(filled, "records") == before


def test_the_store_itself_adds_nothing_twice(store: SqlStore, filled: str) -> None:
    before = {table: rows(filled, table) for table in APPEND_ONLY}
    with store.begin() as unit:
        assert not unit.add_checkpoint(replace(checkpoint(), note="another"))
        assert not unit.add_cosignature(1, "a line\n", NOW)
        assert not unit.add_timestamp(1, b"another", NOW)
        assert not unit.add_anchor(Anchor(1, "git", "another", NOW))
        unit.commit()
    assert {table: rows(filled, table) for table in APPEND_ONLY} == before
