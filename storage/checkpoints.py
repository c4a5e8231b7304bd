"""Signed heads of the log, and what others said of them: cosignatures, timestamps, anchors. All of it is only ever added to."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from itertools import groupby

from sqlalchemy import RowMapping, bindparam, func, select
from sqlalchemy.sql.dml import ReturningInsert

from bot.core.tlog.note import BadNote, parse_signature
from bot.ports.records import Anchor, StoredCheckpoint
from storage.log_tables import ANCHORS, CHECKPOINTS, COSIGNATURES, TIMESTAMPS
from storage.rows import Rows, insert_into

_all = (
    select(CHECKPOINTS, COSIGNATURES.c.line, TIMESTAMPS.c.token)
    .select_from(
        CHECKPOINTS.outerjoin(COSIGNATURES, COSIGNATURES.c.size == CHECKPOINTS.c.size).outerjoin(
            TIMESTAMPS, TIMESTAMPS.c.size == CHECKPOINTS.c.size
        )
    )
    .order_by(CHECKPOINTS.c.size, COSIGNATURES.c.taken_at, COSIGNATURES.c.line)
)
_latest = _all.where(CHECKPOINTS.c.size == select(func.max(CHECKPOINTS.c.size)).scalar_subquery())
_lines = select(COSIGNATURES.c.line).where(COSIGNATURES.c.size == bindparam("of_size"))
_anchors = select(ANCHORS).order_by(ANCHORS.c.size, ANCHORS.c.placed_at, ANCHORS.c.place)


@cache
def _add_checkpoint(dialect: str) -> ReturningInsert[int]:
    once = insert_into(CHECKPOINTS, dialect).on_conflict_do_nothing(index_elements=["size"])
    return once.returning(CHECKPOINTS.c.size)


@cache
def _add_cosignature(dialect: str) -> ReturningInsert[int]:
    """Only where there is such a checkpoint."""
    line, taken_at = COSIGNATURES.c.line, COSIGNATURES.c.taken_at
    values = (bindparam("line", type_=line.type), bindparam("taken_at", type_=taken_at.type))
    checkpoint = select(CHECKPOINTS.c.size, *values).where(CHECKPOINTS.c.size == bindparam("of_size"))
    new = insert_into(COSIGNATURES, dialect).from_select(["size", "line", "taken_at"], checkpoint)
    return new.on_conflict_do_nothing(index_elements=["size", "line"]).returning(COSIGNATURES.c.size)


@cache
def _add_timestamp(dialect: str) -> ReturningInsert[int]:
    """Only where there is such a checkpoint."""
    token, taken_at = TIMESTAMPS.c.token, TIMESTAMPS.c.taken_at
    values = (bindparam("token", type_=token.type), bindparam("taken_at", type_=taken_at.type))
    checkpoint = select(CHECKPOINTS.c.size, *values).where(CHECKPOINTS.c.size == bindparam("of_size"))
    new = insert_into(TIMESTAMPS, dialect).from_select(["size", "token", "taken_at"], checkpoint)
    return new.on_conflict_do_nothing(index_elements=["size"]).returning(TIMESTAMPS.c.size)


@cache
def _add_anchor(dialect: str) -> ReturningInsert[int]:
    once = insert_into(ANCHORS, dialect).on_conflict_do_nothing(index_elements=["size", "place"])
    return once.returning(ANCHORS.c.size)


class CheckpointRows(Rows):
    def add_checkpoint(self, checkpoint: StoredCheckpoint) -> bool:
        """False when one of this size is there already."""
        row = {"size": checkpoint.size, "root": checkpoint.root, "note": checkpoint.note, "made_at": checkpoint.at}
        new = self._execute(_add_checkpoint(self._dialect), row).scalar() is not None
        if new and checkpoint.timestamp:
            self.add_timestamp(checkpoint.size, checkpoint.timestamp, checkpoint.at)
        return new

    def checkpoints(self) -> tuple[StoredCheckpoint, ...]:
        """Oldest first, with their cosignatures in the note."""
        rows = self._execute(_all).mappings().all()
        return tuple(_read(list(those)) for _, those in groupby(rows, key=lambda row: row["size"]))

    def latest_checkpoint(self) -> StoredCheckpoint | None:
        rows = self._execute(_latest).mappings().all()
        return _read(list(rows)) if rows else None

    def add_cosignature(self, size: int, line: str, now: datetime) -> bool:
        """A line to stand below the note, with its newline or without. False when one of that key stands there, or there is no
        such note."""
        line = line.rstrip("\n")
        if _signer(line) in map(_signer, self._execute(_lines, {"of_size": size}).scalars()):
            return False
        values = {"of_size": size, "line": line, "taken_at": now}
        return self._execute(_add_cosignature(self._dialect), values).scalar() is not None

    def add_timestamp(self, size: int, token: bytes, now: datetime) -> bool:
        """False when the checkpoint has one already, or there is no such checkpoint."""
        values = {"of_size": size, "token": token, "taken_at": now}
        return self._execute(_add_timestamp(self._dialect), values).scalar() is not None

    def add_anchor(self, anchor: Anchor) -> bool:
        """False when the checkpoint of this size stands in that place already."""
        row = {"size": anchor.size, "place": anchor.place, "reference": anchor.reference, "placed_at": anchor.at}
        return self._execute(_add_anchor(self._dialect), row).scalar() is not None

    def anchors(self) -> tuple[Anchor, ...]:
        """Oldest checkpoint first."""
        found = self._execute(_anchors).mappings()
        return tuple(Anchor(row["size"], row["place"], row["reference"], row["placed_at"]) for row in found)


def _read(rows: list[RowMapping]) -> StoredCheckpoint:
    """One checkpoint from its rows, which differ in the cosignature.

    The first line of each key stands: replicas that took two at once, and earlier versions, kept more; a note has its limit.
    """
    first = rows[0]
    lines: dict[object, str] = {}
    for row in rows:
        if row["line"] is not None:
            lines.setdefault(_signer(row["line"]), f"{row['line']}\n")
    note = first["note"] + "".join(lines.values())
    return StoredCheckpoint(first["size"], first["root"], note, first["made_at"], timestamp=first["token"] or b"")


def _signer(line: str) -> object:
    """What tells lines of different keys apart. One that is no signature stands for itself: whoever reads the note says so."""
    try:
        return parse_signature(line).signer
    except BadNote:
        return line
