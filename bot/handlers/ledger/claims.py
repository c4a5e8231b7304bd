"""What was signed of the log, in the database and outside of it: heads that the tree must have had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.tlog.checkpoint import Checkpoint, parse_checkpoint
from bot.core.tlog.encoding import Malformed
from bot.core.tlog.note import parse_note, verified
from bot.handlers.ledger.discrepancy import Discrepancy
from bot.ports.anchors import AnchoredNote
from bot.ports.records import Anchor, StoredCheckpoint
from bot.ports.trust import LogSigner, TimestampAuthority


@dataclass(frozen=True, slots=True)
class Claim:
    """That the tree of `size` entries has this root; `where` it stands, in words."""

    size: int
    root: bytes
    where: str
    outside: bool


def read_head(note: str, signer: LogSigner) -> Checkpoint | str:
    """The head in a signed note of this log; or what is wrong with it."""
    try:
        parsed = parse_note(note)
        checkpoint = parse_checkpoint(parsed.text)
    except Malformed as error:
        return error.saw
    if checkpoint.origin != signer.origin:
        return f"a checkpoint of {checkpoint.origin[:60]!r}"
    if not verified(parsed, (signer.key, *signer.earlier), signer.check):
        return "a checkpoint without a good signature by the log's key"
    return checkpoint


def claims_within(
    checkpoints: Sequence[StoredCheckpoint], signer: LogSigner, authority: TimestampAuthority | None
) -> Iterator[Claim | Discrepancy]:
    """The database's own checkpoints: rows that are what was signed, and others."""
    for stored in checkpoints:
        named = f"the checkpoint of {stored.size:,} records in the database"
        head = read_head(stored.note, signer)
        if isinstance(head, str):
            yield Discrepancy("checkpoint", f"{head}, as {named}", "the note as the log signed it")
        elif (head.size, head.root) != (stored.size, stored.root):
            yield Discrepancy("checkpoint", f"another size or root in the row of {named} than in its note", "both alike")
            yield Claim(head.size, head.root, named, outside=False)
        else:
            yield Claim(head.size, head.root, named, outside=False)
            yield from _dated(stored, named, authority)


def _dated(stored: StoredCheckpoint, named: str, authority: TimestampAuthority | None) -> Iterator[Discrepancy]:
    if authority is None or not stored.timestamp:
        return
    checked = authority.check(stored.timestamp, parse_note(stored.note).text.encode())
    if isinstance(checked, str):
        yield Discrepancy("checkpoint", f"a time-stamp of {named} that does not hold ({checked})", "one that does")


def claims_outside(place: str, notes: Sequence[AnchoredNote], signer: LogSigner) -> Iterator[Claim | Discrepancy]:
    """What stands in a place that whoever rules the database does not rule."""
    for found in notes:
        where = f"{place} {found.reference[:40]}"
        head = read_head(found.note, signer)
        if isinstance(head, str):
            yield Discrepancy("anchor", f"{head} at {where}", "a checkpoint that the log signed")
        else:
            yield Claim(head.size, head.root, where, outside=True)


def vanished(anchors: Sequence[Anchor], place: str, notes: Sequence[AnchoredNote]) -> Iterator[Discrepancy]:
    """What was put there once, by the database's memory, and stands there no more."""
    there = {found.reference for found in notes}
    for anchor in anchors:
        if anchor.place == place and anchor.reference not in there:
            saw = f"no {anchor.reference[:40]} in the history of {place}"
            yield Discrepancy("anchor", saw, f"the checkpoint of {anchor.size:,} records that was put there")
