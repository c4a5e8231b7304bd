"""The transparency log as the store keeps it: records in the order they came, tiles over them, checkpoints, anchors.

A record is a signed bundle. Its leaf is the SHA-256 of the bundle, so that what is served of the log names nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.core.tlog.tiles import Tile

RecordKind = Literal[
    "decision", "void", "override", "override-review", "link", "unlink", "passkey", "passkey-removed", "policy"
]
"""decision: a person's word about a head (carried over or not). void: one of those no longer counts."""


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A bundle that was just signed. `id` is the SHA-256 hex of the statement in it, `about` what it is found by: the key of a
    change, `person:<id>` or `repo:<key>`; `regards` the id of the earlier record that it ends, carries on or reviews."""

    kind: RecordKind
    id: str
    about: str
    bundle: bytes
    head_sha: str = ""
    regards: str = ""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record with its place in the log."""

    index: int
    kind: RecordKind
    id: str
    about: str
    bundle: bytes
    head_sha: str
    regards: str
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed head of the tree. `note` is the signed note, with every cosignature that came since."""

    size: int
    root: bytes
    note: str
    at: datetime
    timestamp: bytes = b""
    """An RFC 3161 token over the SHA-256 of the note's text, if one was had."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a checkpoint was put outside of this database: `place` (`git`, `chat`, `witness`) and the outside's name for it."""

    size: int
    place: str
    reference: str
    at: datetime


class LogUnit(Protocol):
    """What a transaction can do with the log. Rows are added and never changed, which the database itself enforces."""

    def add_record(self, record: NewRecord, now: datetime) -> int | None:
        """Append; its index. None when this very record is there already. Appends of all processes go one after another: from
        the first one on the unit holds the log until it ends. So keep it short, and change links before the first
        record, in every unit that does both: two that take the log and the links in another order wait for each other."""
        ...

    def add_records(self, records: Sequence[NewRecord], now: datetime) -> tuple[int | None, ...]:
        """As `add_record` for each, in their order, at the cost of one."""
        ...

    def record(self, record_id: str) -> StoredRecord | None: ...
    def records(self, about: str, kinds: Sequence[RecordKind] = ()) -> tuple[StoredRecord, ...]:
        """In the order of the log; `kinds` empty: all."""
        ...

    def records_from(self, index: int, limit: int) -> tuple[StoredRecord, ...]: ...
    def log_size(self) -> int:
        """How many records there are. Read it before the tiles: those may be wider already, never narrower."""
        ...

    def tiles(self, wanted: Sequence[Tile]) -> Mapping[Tile, bytes]:
        """Hashes of each tile's bottom row; a tile that is not there is left out."""
        ...

    def add_checkpoint(self, checkpoint: StoredCheckpoint) -> bool:
        """False when one of this size is there already."""
        ...

    def checkpoints(self) -> tuple[StoredCheckpoint, ...]:
        """Oldest first, with their cosignatures in the note."""
        ...

    def latest_checkpoint(self) -> StoredCheckpoint | None: ...
    def add_cosignature(self, size: int, line: str, now: datetime) -> bool:
        """A verified signature line. False when one of the same key is there already, or no checkpoint of this size is: a
        witness that sees the same head again says nothing new."""
        ...

    def add_timestamp(self, size: int, token: bytes, now: datetime) -> bool:
        """False when the checkpoint has one already, or no checkpoint of this size is there."""
        ...

    def add_anchor(self, anchor: Anchor) -> bool:
        """False when a checkpoint of this size is in that place already."""
        ...

    def anchors(self) -> tuple[Anchor, ...]:
        """Those of the smallest size first."""
        ...
