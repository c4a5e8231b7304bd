"""What an audit of the log finds: each thing with what was seen, what was wanted, and what that means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Fault = Literal[
    "removed",
    "altered",
    "inserted",
    "reordered",
    "rolled-back",
    "forked",
    "forged",
    "misfiled",
    "unlogged",
    "tiles",
    "checkpoint",
    "anchor",
    "unproved",
]
"""removed, altered, inserted, reordered: an entry is. rolled-back: the log is smaller than a head that it signed. forked: it is
another log than the one that was anchored. forged: no key of the organisation signed the record. misfiled: its row says other
than its statement. unlogged: a link or passkey is not what
the records say. tiles, checkpoint, anchor: those. unproved: could not look.
"""

MEANS: dict[Fault, str] = {
    "removed": "somebody removed it from the database",
    "altered": "somebody changed it in the database",
    "inserted": "somebody put it in afterwards",
    "reordered": "somebody changed the order of records",
    "rolled-back": "records were removed from the end, or an older copy of the database was brought back",
    "forked": "records before that size were removed, changed, added or put in another order after it was signed",
    "forged": "somebody without the organisation's key wrote it; nothing it says counts",
    "misfiled": "somebody changed what the record is found by; the statement itself holds",
    "unlogged": "somebody changed who is who past the gate",
    "tiles": "somebody changed what proofs are made from; the records themselves are what was signed for",
    "checkpoint": "somebody changed or removed what the log had signed",
    "anchor": "somebody wrote there who has not the log's key, or removed what stood there",
    "unproved": "what follows could not be checked",
}
REMEMBERED = 4096
"""So many differing entries are told apart; of more, only the first are named."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that is not as it was signed. `index` and `record_id` where they are known."""

    fault: Fault
    saw: str
    wanted: str
    index: int | None = None
    record_id: str = ""

    @property
    def means(self) -> str:
        return MEANS[self.fault]

    def __str__(self) -> str:
        return f"{self.fault}: saw {self.saw}; wanted {self.wanted}; {self.means}"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was looked at, and what was found. `good` only where everything held."""

    size: int
    checkpoints: int
    outside: int
    """Notes from outside of the database that were compared."""
    found: tuple[Discrepancy, ...]

    @property
    def good(self) -> bool:
        return not self.found


@dataclass(slots=True)
class Leaves:
    """Where entries and the tiles over them differ, until it can be said how: by position, both hashes."""

    signed: dict[int, bytes] = field(default_factory=dict)
    """As the tiles have them."""
    stored: dict[int, tuple[bytes, str]] = field(default_factory=dict)
    """As the records have them, with the record's id."""
    more: int = 0

    def note(self, index: int, signed: bytes | None, stored: tuple[bytes, str] | None) -> None:
        if len(self.signed) + len(self.stored) >= REMEMBERED:
            self.more += 1
            return
        if signed is not None:
            self.signed[index] = signed
        if stored is not None:
            self.stored[index] = stored

    def __bool__(self) -> bool:
        return bool(self.signed or self.stored)

    def told_apart(self) -> Iterator[Discrepancy]:
        """Which entries were altered, removed, put in or moved, taking the tiles for what was signed."""
        places = {leaf: index for index, leaf in self.signed.items()}
        moved = {index: places[leaf] for index, (leaf, _) in self.stored.items() if leaf in places}
        gone = [index for index in self.signed if index not in moved.values()]
        new = [index for index in self.stored if index not in moved]
        altered = [index for index in gone if index in new]
        yield from self._altered(altered)
        if self.more:  # a window's end looks like an entry that went or came: only its beginning says anything
            gone, new = gone[:1], new[:1]
        for index in gone:
            if index not in altered:
                yield Discrepancy("removed", f"no entry {index} that was signed for", "every entry to stay", index)
        for index in new:
            if index not in altered:
                record_id = self.stored[index][1]
                saw = f"entry {index} ({record_id[:12]}) that the tiles do not have"
                yield Discrepancy("inserted", saw, "entries at the end alone", index, record_id)
        yield from self._reordered(moved)

    def _altered(self, indexes: Iterable[int]) -> Iterator[Discrepancy]:
        for index in indexes:
            record_id = self.stored[index][1]
            saw = f"entry {index} ({record_id[:12]}) with other bytes than the tiles were made from"
            yield Discrepancy("altered", saw, "the bytes that were signed for", index, record_id)

    def _reordered(self, moved: dict[int, int]) -> Iterator[Discrepancy]:
        """Whether those that are elsewhere now also passed each other: a shift alone is told by what went or came."""
        places = [moved[index] for index in sorted(moved)]
        if places == sorted(places):
            return
        told: Sequence[str] = [f"{was} at {now}" for now, was in sorted(moved.items())[:4]]
        index = min(moved)
        record_id = self.stored[index][1]
        saw = f"entries in other places ({', '.join(told)}{', …' if len(moved) > 4 else ''})"
        yield Discrepancy("reordered", saw, "the order in which they were signed for", index, record_id)
