"""The log: positions without gaps, tiles that are those of the tree, and what an append costs. On both databases."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
import sqlalchemy
from sqlalchemy import Engine

from bot.core.tlog.tiles import TILE_WIDTH, Tile, TileReader
from bot.core.tlog.tree import inclusion_proof, root_at, verify_inclusion
from bot.ports.errors import Conflict
from bot.ports.records import NewRecord
from bot.ports.store import Unit
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, OTHER, decision, fill_log, kept_root, leaf, naive_root, numbered, raw, void

ALL = 1_000_000


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that reach a database inside the block; SQLite's BEGIN is none."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    sqlalchemy.event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sqlalchemy.event.remove(Engine, "before_cursor_execute", note)


def append(store: SqlStore, *records: NewRecord) -> list[int | None]:
    """Each in a transaction of its own."""
    indexes = []
    for record in records:
        with store.begin() as unit:
            indexes.append(unit.add_record(record, NOW))
            unit.commit()
    return indexes


def whole_root(unit: Unit) -> bytes:
    return naive_root([leaf(record.bundle) for record in unit.records_from(0, ALL)])


def test_a_record_comes_back_as_it_was_added(store: SqlStore) -> None:
    added = NewRecord("override", "o1", "repo:github:github.com/acme/shop", b"\x00bundle", "a" * 40, "a1")
    assert append(store, added) == [0]
    with store.look() as unit:
        found = unit.record("o1")
        assert found is not None
        assert (found.index, found.stored_at) == (0, NOW)
        assert NewRecord(found.kind, found.id, found.about, found.bundle, found.head_sha, found.regards) == added
        assert unit.record("o2") is None


def test_records_are_found_by_what_they_are_about_and_by_kind(store: SqlStore) -> None:
    append(store, decision("a1"), decision("b1", change=OTHER), void("a1", "a push"), decision("a2"))
    with store.look() as unit:
        assert [found.index for found in unit.records(CHANGE.key)] == [0, 2, 3]
        assert [found.index for found in unit.records(CHANGE.key, ["decision"])] == [0, 3]
        assert [found.index for found in unit.records(CHANGE.key, ["void", "link"])] == [2]
        assert unit.records("person:ada") == ()


def test_records_are_read_in_stretches(store: SqlStore) -> None:
    fill_log(store, 10)
    with store.look() as unit:
        assert [found.index for found in unit.records_from(3, 4)] == [3, 4, 5, 6]
        assert [found.index for found in unit.records_from(8, 100)] == [8, 9]
        assert unit.records_from(10, 100) == ()


def test_the_same_record_is_taken_once_and_takes_no_place(store: SqlStore) -> None:
    assert append(store, decision("a1"), decision("a1", b"else"), decision("a2"), decision("a1")) == [0, None, 1, None]
    with store.begin() as unit:
        assert unit.add_records([decision("a3"), decision("a2"), decision("a4"), decision("a3", b"else")], NOW) == (
            2,
            None,
            3,
            None,
        )
        unit.commit()
    with store.look() as unit:
        assert [(found.index, found.id, found.bundle) for found in unit.records_from(0, ALL)] == [
            (number, f"a{number + 1}", b"one") for number in range(4)
        ]
        assert kept_root(unit) == whole_root(unit)


def test_no_records_are_no_append(store: SqlStore) -> None:
    with store.begin() as unit:
        assert unit.add_records([], NOW) == ()
        assert unit.log_size() == 0
        assert kept_root(unit) == naive_root([])


def test_a_unit_that_is_not_committed_leaves_no_gap(store: SqlStore) -> None:
    append(store, decision("a1"))
    with store.begin() as unit:
        assert unit.add_record(decision("a2", b"lost"), NOW) == 1
    assert append(store, decision("a3")) == [1]
    with store.look() as unit:
        assert unit.log_size() == 2
        assert kept_root(unit) == whole_root(unit)


def test_tiles_are_those_of_the_tree_at_every_size_around_their_edges(store: SqlStore) -> None:
    fill_log(store, 253)
    leaves = [leaf(record.bundle) for record in numbered(0, 261)]
    for size in range(253, 261):
        with store.begin() as unit:
            assert unit.add_record(numbered(size, 1)[0], NOW) == size
            assert kept_root(unit) == naive_root(leaves[: size + 1])
            unit.commit()
    with store.look() as unit:
        assert unit.tiles([Tile(0, 0), Tile(0, 1), Tile(1, 0), Tile(2, 0), Tile(0, 2)]) == {
            Tile(0, 0): b"".join(leaves[:TILE_WIDTH]),
            Tile(0, 1): b"".join(leaves[TILE_WIDTH:]),
            Tile(1, 0): naive_root(leaves[:TILE_WIDTH]),
        }


@pytest.mark.parametrize("at_once", [1, 7, 256, 300, 1000])
def test_a_batch_leaves_the_tree_that_single_appends_would(sqlite_store: SqlStore, at_once: int) -> None:
    fill_log(sqlite_store, 600, at_once)
    with sqlite_store.look() as unit:
        assert unit.log_size() == 600
        assert kept_root(unit) == whole_root(unit)


def test_the_third_level_of_tiles_begins_where_it_should(store: SqlStore, database_url: str) -> None:
    """The head and the edge of a log of 65,535 records, without the records."""
    leaves = [leaf(b"%d" % number) for number in range(TILE_WIDTH**2 - 1)]
    rows = {(0, 255): leaves[255 * TILE_WIDTH :], (1, 0): [naive_root(leaves[at * 256 :][:256]) for at in range(255)]}
    for (level, number), hashes in rows.items():
        values: dict[str, object] = {"level": level, "number": number, "hashes": b"".join(hashes)}
        raw(database_url, "INSERT INTO log_tiles (level, number, hashes) VALUES (:level, :number, :hashes)", values)
    raw(database_url, "UPDATE log_head SET size = :size", {"size": len(leaves)})
    for number in range(3):
        record = decision(f"n{number}", b"%d" % len(leaves))
        leaves.append(leaf(record.bundle))
        assert append(store, record) == [len(leaves) - 1]
        with store.look() as unit:
            assert kept_root(unit) == naive_root(leaves)
    with store.look() as unit:
        assert unit.tiles([Tile(2, 0)]) == {Tile(2, 0): naive_root(leaves[: TILE_WIDTH**2])}


def test_an_append_costs_the_same_however_long_the_log_is(store: SqlStore) -> None:
    costs = []
    for size in (0, 1, 254, 255, 256, 700):
        with store.look() as unit:
            missing = size - unit.log_size()
        fill_log(store, missing)
        with store.begin() as unit, counted() as statements:
            unit.add_record(numbered(size, 1)[0], NOW)
            costs.append(len(statements))
            unit.commit()
    assert costs == [5, 6, 6, 6, 6, 6]
    with store.begin() as unit, counted() as statements:
        unit.add_records(numbered(701, 1000), NOW)
    assert len(statements) == 6


def test_a_record_that_is_known_costs_two_statements(store: SqlStore) -> None:
    append(store, decision("a1"))
    with store.begin() as unit, counted() as statements:
        assert unit.add_record(decision("a1"), NOW) is None
    assert len(statements) == 2


def test_a_proof_reads_its_tiles_in_one_statement(store: SqlStore) -> None:
    fill_log(store, 700)
    with store.look() as unit:
        root = kept_root(unit)
        for index in (0, 255, 256, 511, 699):
            with counted() as statements:
                proof = inclusion_proof(index, 700, TileReader(unit.tiles))
            assert len(statements) == 1
            assert verify_inclusion(leaf(numbered(index, 1)[0].bundle), index, 700, proof, root)


def test_no_statement_of_the_log_reads_a_whole_table(sqlite_store: SqlStore, sqlite_url: str) -> None:
    """SQLite's own plan of each, on a log without statistics, as it is in production."""
    fill_log(sqlite_store, 600)
    with sqlite_store.begin() as unit, counted() as statements:
        unit.add_record(numbered(600, 1)[0], NOW)
        unit.tiles([Tile(0, 0), Tile(0, 1), Tile(1, 0)])
        unit.approvals(CHANGE)
        unit.records(CHANGE.key, ["decision"])
        unit.records_from(5, 5)
        unit.record("a1")
    shell = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    for statement in statements:
        plan = shell.execute(f"EXPLAIN QUERY PLAN {statement}", ["0"] * statement.count("?")).fetchall()
        assert not [step for *_, step in plan if step.startswith("SCAN")], statement
    shell.close()


def test_a_tree_of_an_earlier_size_is_read_from_tiles_that_grew(store: SqlStore) -> None:
    fill_log(store, 300)
    leaves = [leaf(record.bundle) for record in numbered(0, 300)]
    with store.look() as unit:
        for size in (1, 100, 256, 257, 299):
            assert root_at(size, TileReader(unit.tiles)) == naive_root(leaves[:size])
        assert unit.tiles([]) == {}


def test_appends_from_many_sides_leave_no_gap_and_no_wrong_hash(database_url: str, clock: FakeClock) -> None:
    stores = [SqlStore(database_url, clock) for _ in range(2)]
    records = numbered(0, 120)
    random.Random(7).shuffle(records)
    with ThreadPoolExecutor(8) as pool:
        indexes = list(pool.map(lambda at: append(stores[at % 2], records[at])[0], range(len(records))))
    assert sorted(index for index in indexes if index is not None) == list(range(120))
    with stores[0].look() as unit:
        found = unit.records_from(0, ALL)
        assert [record.index for record in found] == list(range(120))
        assert [record.id for record in found] == [id for _, id in sorted(zip(indexes, (r.id for r in records), strict=True))]
        assert kept_root(unit) == whole_root(unit)
    for store in stores:
        store.close()


def test_one_record_from_many_sides_is_taken_once(database_url: str, clock: FakeClock) -> None:
    stores = [SqlStore(database_url, clock) for _ in range(2)]
    barrier = Barrier(8)

    def race(number: int) -> int | None:
        barrier.wait()
        return append(stores[number % 2], decision("a1"))[0]

    with ThreadPoolExecutor(8) as pool:
        indexes = list(pool.map(race, range(8)))
    assert sorted(indexes, key=str) == [0, *[None] * 7]
    for store in stores:
        store.close()


@pytest.mark.parametrize(
    ("damage", "saw"),
    [
        ("UPDATE log_head SET size = 1", "saw tile 0 at level 0"),
        ("DELETE FROM log_tiles", "saw tile 0 at level 0"),
    ],
)
def test_a_log_that_is_torn_grows_no_further(store: SqlStore, database_url: str, damage: str, saw: str) -> None:
    fill_log(store, 3)
    raw(database_url, damage)
    with pytest.raises(Conflict, match=rf"{saw}.*wanted.*restore"):
        append(store, decision("a1"))


def test_a_head_that_fell_behind_overwrites_no_record(store: SqlStore, database_url: str) -> None:
    """Head and tiles from an old copy: the place of the next record is taken."""
    fill_log(store, 3)
    raw(database_url, "UPDATE log_head SET size = 2")
    raw(database_url, "UPDATE log_tiles SET hashes = :hashes", {"hashes": b"".join(leaf(r.bundle) for r in numbered(0, 2))})
    with pytest.raises(Conflict, match="wanted"):
        append(store, decision("a1"))
    with store.look() as unit:
        assert [found.id for found in unit.records_from(0, ALL)] == [record.id for record in numbered(0, 3)]
