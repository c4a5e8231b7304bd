"""Who is who, by the log and by the database's own rows: links and passkeys are kept beside the records that made them.

What serves is the row, what proves is the record. An audit holds the one against the other, in the memory of as many ties as
were ever made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.core import base64url
from bot.core.records import Record
from bot.handlers.ledger.discrepancy import Discrepancy
from bot.ports.identity import Link, Passkey

MADE_BY_RECORD = ("link", "passkey")
ENDED_BY_RECORD = ("unlink", "passkey-removed")


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says that its record must say too; `live`: it counts."""

    kind: str
    named: str
    about: str
    details: frozenset[tuple[str, str]]
    live: bool


@dataclass(slots=True)
class Ties:
    """What the records say, as they are read."""

    _made: dict[str, Record] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)

    def see(self, record_id: str, record: Record) -> None:
        """In the order of the log. An unlink that regards no record is one of itself: an account that may not act for now."""
        if record.kind in MADE_BY_RECORD or (record.kind == "unlink" and not record.regards):
            self._made[record_id] = record
        if record.kind in ENDED_BY_RECORD:
            self._ended.add(record.regards or record_id)

    def against(self, links: Iterable[Link], passkeys: Iterable[Passkey]) -> Iterator[Discrepancy]:
        """Rows, ended ones too, that the records do not say, and records that no row says."""
        rows = {link.id: _link_row(link) for link in links} | {key.record: _passkey_row(key) for key in passkeys}
        for record_id, row in rows.items():
            yield from self._row(record_id, row)
        for record_id, record in self._made.items():
            if record_id not in rows:
                saw = (
                    f"no row of the {record.kind} that record {record_id[:12]} made for {record.about.removeprefix('person:')}"
                )
                yield Discrepancy("unlogged", saw, "the row", record_id=record_id)

    def _row(self, record_id: str, row: Row) -> Iterator[Discrepancy]:
        record = self._made.get(record_id)
        if record is None:
            yield Discrepancy(
                "unlogged", f"{row.named} without a record of it in the log", "one that made it", record_id=record_id
            )
        elif not _agrees(row, record):
            yield Discrepancy("unlogged", f"{row.named}, otherwise than its record says", "the same", record_id=record_id)
        elif row.live and record_id in self._ended:
            yield Discrepancy("unlogged", f"{row.named}, which a later record ended", "an ended row", record_id=record_id)
        elif not row.live and record_id not in self._ended:
            yield Discrepancy("unlogged", f"{row.named} ended, and no record of that", "one that ended it", record_id=record_id)


def _agrees(row: Row, record: Record) -> bool:
    same_kind = row.kind == record.kind or (row.kind == "link" and record.kind == "unlink")
    return same_kind and row.about == record.about and row.details <= frozenset(record.details.items())


def _link_row(link: Link) -> Row:
    details = frozenset({("chat", link.chat.key), ("account", link.account.key)})
    named = f"the link of {link.chat.id} with @{link.account.login}"
    return Row("link", named, f"person:{link.person}", details, link.ended_at is None)


def _passkey_row(key: Passkey) -> Row:
    details = frozenset({("credentialId", key.id), ("publicKey", base64url.encode(key.public_key))})
    return Row("passkey", f"a passkey of {key.person}", f"person:{key.person}", details, key.removed_at is None)
