"""A log of a million records within seconds: rows in bulk, tiles computed beside, and the root held against the records."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence

import psycopg
from sqlalchemy import make_url

from bot.core.ids import ChangeRef
from bot.core.tlog.tiles import TileReader, grown
from bot.core.tlog.tree import hash_leaf, root_at
from bot.ports.records import NewRecord
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.storage.material import NOW, SHA, SHOP, naive_root

A_CHANGE = 8
"""Records about one change."""
COLUMNS = ("position", "id", "kind", "about", "head_sha", "regards", "bundle", "stored_at")
TILE_COLUMNS = ("level", "number", "hashes")
Row = tuple[object, ...]


def record_at(position: int) -> NewRecord:
    """The id is a digest, as in production: it falls anywhere in the index."""
    bundle = b"the bundle of record %d" % position
    return NewRecord("decision", hashlib.sha256(bundle).hexdigest(), ChangeRef(SHOP, position // A_CHANGE).key, bundle, SHA)


def fill(url: str, count: int) -> None:
    """Records, tiles and head of an empty log, past the store. ValueError where the root is not that of the records."""
    leaves = [hash_leaf(hashlib.sha256(record_at(position).bundle).digest()) for position in range(count)]
    write = _into_sqlite if url.startswith("sqlite") else _into_postgresql
    write(url, _records(count), _tiles(leaves), count)
    store = SqlStore(url, FakeClock())
    try:
        with store.look() as unit:
            seen = root_at(unit.log_size(), TileReader(unit.tiles))
    finally:
        store.close()
    if seen != naive_root(leaves):
        raise ValueError(f"saw the root {seen.hex()} over {count:,} records; wanted {naive_root(leaves).hex()}")


def _records(count: int) -> Iterator[Row]:
    for position in range(count):
        new = record_at(position)
        yield (position, new.id, new.kind, new.about, new.head_sha, new.regards, new.bundle, NOW)


def _tiles(leaves: Sequence[bytes]) -> list[Row]:
    return [(tile.level, tile.index, hashes) for tile, hashes in grown(0, leaves, {}).items()]


def _into_sqlite(url: str, records: Iterator[Row], tiles: list[Row], count: int) -> None:
    path = make_url(url).database
    assert path
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA cache_size=-200000")
    rows = ((*row[:-1], f"{NOW:%Y-%m-%d %H:%M:%S.%f}") for row in records)
    with connection:
        for table, columns, new in (("records", COLUMNS, rows), ("log_tiles", TILE_COLUMNS, iter(tiles))):
            marks = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", new)
        connection.execute("UPDATE log_head SET size = ?", (count,))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _into_postgresql(url: str, records: Iterator[Row], tiles: list[Row], count: int) -> None:
    with psycopg.connect(url) as connection:
        for table, columns, new in (("records", COLUMNS, records), ("log_tiles", TILE_COLUMNS, iter(tiles))):
            with connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
                for row in new:
                    copy.write_row(row)
        connection.execute("UPDATE log_head SET size = %s", [count])
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE records")
        connection.execute("CHECKPOINT")
