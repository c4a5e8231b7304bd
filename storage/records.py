"""The log's records and the tiles over them, which grow together. The database itself refuses to change a record.

Whoever appends holds the row of `log_head` until the commit, so that the appends of all replicas go one after another and
positions have no gap. An append costs six statements, of one record or of a thousand and however long the log is: the head,
which records are known, the tiles at the right edge, the records, the tiles that changed, the head again. (Five in an empty
log, and two when every record is known.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Insert, RowMapping, Select, and_, bindparam, insert, or_, select, update

from bot.core.tlog.tiles import Tile, grown, right_edge
from bot.core.tlog.tree import hash_leaf
from bot.ports.errors import Conflict
from bot.ports.records import NewRecord, RecordKind, StoredRecord
from storage.log_tables import LOG_HEAD, RECORDS, TILES
from storage.rows import Rows, insert_into

_size = select(LOG_HEAD.c.size).where(LOG_HEAD.c.id == 1)
_hold = _size.with_for_update()
_move = update(LOG_HEAD).where(LOG_HEAD.c.id == 1, LOG_HEAD.c.size == bindparam("old")).values(size=bindparam("new"))
_known = select(RECORDS.c.id).where(RECORDS.c.id.in_(bindparam("ids", expanding=True)))
_add = insert(RECORDS).returning(RECORDS.c.position)
_by_id = select(RECORDS).where(RECORDS.c.id == bindparam("id"))
_about = select(RECORDS).where(RECORDS.c.about == bindparam("about")).order_by(RECORDS.c.position)
_of_kinds = _about.where(RECORDS.c.kind.in_(bindparam("kinds", expanding=True)))
_from = (
    select(RECORDS)
    .where(RECORDS.c.position >= bindparam("first"))
    .order_by(RECORDS.c.position)
    .limit(bindparam("limit", type_=RECORDS.c.position.type))
)


@cache
def _keep_tiles(dialect: str) -> Insert:
    statement = insert_into(TILES, dialect)
    kept = {"hashes": statement.excluded.hashes}
    return statement.on_conflict_do_update(index_elements=["level", "number"], set_=kept)


class RecordRows(Rows):
    def add_record(self, record: NewRecord, now: datetime) -> int | None:
        """Append; its index. None when this very record is there already."""
        return self.add_records((record,), now)[0]

    def add_records(self, records: Sequence[NewRecord], now: datetime) -> tuple[int | None, ...]:
        """Append those that are not there yet, in their order; the index of each, or None. Other appends wait meanwhile.

        Raises Conflict when head, records and tiles do not agree: such a log is for a person to look at.
        """
        if not records:
            return ()
        size: int = self._execute(_hold).scalar_one()
        known = set(self._execute(_known, {"ids": [record.id for record in records]}).scalars())
        new: dict[str, NewRecord] = {}
        for record in records:
            if record.id not in known:
                new.setdefault(record.id, record)
        if new:
            self._append(size, list(new.values()), now)
        positions = {id: size + number for number, id in enumerate(new)}
        return tuple(positions.pop(record.id, None) for record in records)

    def _append(self, size: int, new: Sequence[NewRecord], now: datetime) -> None:
        changed = _grown(size, new, self.tiles(right_edge(size)))
        added = self._execute(_add, [_row(size + number, record, now) for number, record in enumerate(new)])
        if len(added.all()) != len(new):  # where a place is taken SQLite leaves the row out, without a word
            raise Conflict(_torn(size, "a record at that place"))
        tiles = [{"level": tile.level, "number": tile.index, "hashes": hashes} for tile, hashes in changed.items()]
        self._execute(_keep_tiles(self._dialect), tiles)
        if self._execute(_move, {"old": size, "new": size + len(new)}).rowcount != 1:
            raise Conflict(_torn(size, "another size"))

    def record(self, record_id: str) -> StoredRecord | None:
        row = self._execute(_by_id, {"id": record_id}).mappings().one_or_none()
        return None if row is None else _read(row)

    def records(self, about: str, kinds: Sequence[RecordKind] = ()) -> tuple[StoredRecord, ...]:
        """In the order of the log; `kinds` empty: all."""
        values = {"about": about, "kinds": list(kinds)}
        found = self._execute(_of_kinds, values) if kinds else self._execute(_about, {"about": about})
        return tuple(_read(row) for row in found.mappings())

    def records_from(self, index: int, limit: int) -> tuple[StoredRecord, ...]:
        """In the order of the log, from this index on."""
        found = self._execute(_from, {"first": index, "limit": limit})
        return tuple(_read(row) for row in found.mappings())

    def log_size(self) -> int:
        size: int = self._execute(_size).scalar_one()
        return size

    def tiles(self, wanted: Sequence[Tile]) -> Mapping[Tile, bytes]:
        """Hashes of each tile's bottom row, in one statement; a tile that is not there is left out."""
        if not wanted:
            return {}
        numbers: dict[int, list[int]] = {}
        for tile in sorted(set(wanted)):
            numbers.setdefault(tile.level, []).append(tile.index)
        found = self._execute(_tiles_on(tuple(numbers)), {f"on_{level}": those for level, those in numbers.items()})
        return {Tile(row.level, row.number): row.hashes for row in found}


@cache
def _tiles_on(levels: Sequence[int]) -> Select[tuple[int, int, bytes]]:
    """In words for which both databases use the index: SQLite reads the whole table for a list of pairs."""
    of_each = [
        and_(TILES.c.level == level, TILES.c.number.in_(bindparam(f"on_{level}", expanding=True, type_=TILES.c.number.type)))
        for level in levels
    ]
    return select(TILES.c.level, TILES.c.number, TILES.c.hashes).where(or_(*of_each))


def _grown(size: int, new: Sequence[NewRecord], edge: Mapping[Tile, bytes]) -> Mapping[Tile, bytes]:
    leaves = [hash_leaf(hashlib.sha256(record.bundle).digest()) for record in new]
    try:
        return grown(size, leaves, edge)
    except ValueError as error:
        raise Conflict(_torn(size, str(error))) from error


def _torn(size: int, saw: str) -> str:
    return f"the log of {size} records cannot grow: {saw}; wanted: head, records and tiles that agree; restore the last backup"


def _row(position: int, record: NewRecord, now: datetime) -> Mapping[str, object]:
    return {
        "position": position,
        "id": record.id,
        "kind": record.kind,
        "about": record.about,
        "head_sha": record.head_sha,
        "regards": record.regards,
        "bundle": record.bundle,
        "stored_at": now,
    }


def _read(row: RowMapping) -> StoredRecord:
    return StoredRecord(
        index=row["position"],
        kind=row["kind"],
        id=row["id"],
        about=row["about"],
        bundle=row["bundle"],
        head_sha=row["head_sha"],
        regards=row["regards"],
        stored_at=row["stored_at"],
    )
