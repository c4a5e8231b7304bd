"""What is remembered of changes."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import cast

from sqlalchemy import Insert, RowMapping, bindparam, func, select, text

from bot.core.detection.model import Signal
from bot.core.ids import ChangeRef, RepoRef
from bot.ports.forge import HeadFacts
from bot.ports.store import ChangeRecord
from storage.codec import dump, dump_as, load_as
from storage.requests import read_request
from storage.rows import Rows, insert_into
from storage.tables import CHANGES, REQUESTS

SIGNALS = tuple[Signal, ...]
PUSHERS = tuple[tuple[str, str], ...]
PREFIX = "request_"

_earlier = REQUESTS.alias("earlier")
_newest = select(func.max(_earlier.c.id)).where(_earlier.c.change_key == CHANGES.c.key).scalar_subquery()
_records = select(CHANGES, *(column.label(PREFIX + column.name) for column in REQUESTS.c)).select_from(
    CHANGES.outerjoin(REQUESTS, REQUESTS.c.id == _newest)
)
_record = _records.where(CHANGES.c.key == bindparam("key"))
_several = _records.where(CHANGES.c.key.in_(bindparam("keys", expanding=True)))
_open = _records.where(text("changes.open")).order_by(CHANGES.c.key)
_open_in = _open.where(CHANGES.c.repo_key == bindparam("repo_key"))
_on_head = (
    select(CHANGES.c.key)
    .where(CHANGES.c.repo_key == bindparam("repo_key"), CHANGES.c.head_sha == bindparam("head_sha"), text("changes.open"))
    .order_by(CHANGES.c.key)
)

_anywhere = (
    select(CHANGES.c.key).where(CHANGES.c.head_sha == bindparam("head_sha"), text("changes.open")).order_by(CHANGES.c.key)
)


@cache
def _save(dialect: str) -> Insert:
    statement = insert_into(CHANGES, dialect)
    kept = {column.name: statement.excluded[column.name] for column in CHANGES.c if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=["key"], set_=kept)


class ChangeRows(Rows):
    def change(self, ref: ChangeRef) -> ChangeRecord | None:
        row = self._execute(_record, {"key": ref.key}).mappings().one_or_none()
        return None if row is None else _read(row)

    def changes(self, refs: Collection[ChangeRef]) -> dict[ChangeRef, ChangeRecord]:
        """Those of them that are known, in one query."""
        found = self._execute(_several, {"keys": sorted({ref.key for ref in refs})}).mappings()
        return {record.ref: record for record in map(_read, found)}

    def save_change(self, record: ChangeRecord) -> None:
        """Keep all of the record but its `request`, which has verbs of its own."""
        row = {
            "key": record.ref.key,
            "repo_key": record.ref.repo.key,
            "open": record.open,
            "head_sha": record.head.head_sha if record.head else "",
            "head": dump(record.head).decode() if record.head else None,
            "signals": dump_as(SIGNALS, record.signals).decode(),
            "pushers": dump_as(PUSHERS, record.pushers).decode(),
            "facts": record.facts,
            "verdict": record.verdict,
            "evaluated_at": record.evaluated_at,
        }
        self._execute(_save(self._dialect), row)

    def open_changes(self, repo: RepoRef | None = None) -> tuple[ChangeRecord, ...]:
        found = self._execute(_open) if repo is None else self._execute(_open_in, {"repo_key": repo.key})
        return tuple(_read(row) for row in found.mappings())

    def changes_on_head(self, repo: RepoRef, head_sha: str, *, elsewhere: bool = False) -> tuple[ChangeRef, ...]:
        """Open changes of the repository with this head commit; with `elsewhere` those of the whole host."""
        if not elsewhere:
            found = self._execute(_on_head, {"repo_key": repo.key, "head_sha": head_sha})
            return tuple(ChangeRef.from_key(key) for key in found.scalars())
        anywhere = [ChangeRef.from_key(key) for key in self._execute(_anywhere, {"head_sha": head_sha}).scalars()]
        return tuple(ref for ref in anywhere if (ref.repo.forge, ref.repo.host) == (repo.forge, repo.host))


def _read(row: RowMapping) -> ChangeRecord:
    return ChangeRecord(
        ref=ChangeRef.from_key(row["key"]),
        head=None if row["head"] is None else cast(HeadFacts, load_as(HeadFacts, row["head"])),
        signals=cast("tuple[Signal, ...]", load_as(SIGNALS, row["signals"])),
        facts=row["facts"],
        verdict=row["verdict"],
        request=None if row[PREFIX + "id"] is None else read_request(row, PREFIX),
        pushers=cast("tuple[tuple[str, str], ...]", load_as(PUSHERS, row["pushers"])),
        evaluated_at=row["evaluated_at"],
        open=row["open"],
    )
