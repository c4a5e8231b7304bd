"""One pass over the log, from its first record to its last, in the memory of one tile and of the tree's right edge.

Two trees are grown side by side: one from the records, one from the hashes that the tiles keep. Where they differ, the heads
that were signed say which of them is what it was; where neither is, only that something before a head was changed can be said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.tlog.tiles import TILE_WIDTH, Tile
from bot.core.tlog.tree import EMPTY_ROOT, HASH, hash_leaf
from bot.handlers.ledger.claims import Claim
from bot.handlers.ledger.discrepancy import Discrepancy, Leaves
from bot.handlers.ledger.regrowth import Regrowth
from bot.handlers.ledger.transparency import entry_of
from bot.ports.records import LogUnit, StoredRecord

BEFORE_ALL = -(1 << 62)
Examine = Callable[[StoredRecord], Iterable[Discrepancy]]
Tell = Callable[[int, int], None]
"""Told of progress: how many of how many."""


def silent(done: int, of: int) -> None:
    """Nobody waits for it."""


@dataclass(slots=True)
class Judged:
    """The claims, by what the trees say of them."""

    held: list[int] = field(default_factory=list)
    """Sizes at which a claim held for the records."""
    failed: list[Claim] = field(default_factory=list)
    for_tiles: list[Claim] = field(default_factory=list)
    """The tiles are what was signed for, the records are not."""
    for_records: list[Claim] = field(default_factory=list)
    """The other way round."""
    beyond: list[Claim] = field(default_factory=list)
    """Larger than the log is."""

    def held_before(self, size: int) -> int:
        """The largest of them below that size, 0 without one."""
        return max((held for held in self.held if held < size), default=0)

    def judge(self, claim: Claim, records: bytes, tiles: bytes) -> None:
        if claim.root == records:
            self.held.append(claim.size)
            if records != tiles:
                self.for_records.append(claim)
        elif claim.root == tiles:
            self.for_tiles.append(claim)
        else:
            self.failed.append(claim)


class Walk:
    """A pass. After `run`, `size` is how many records there are, and `found`, `leaves` and `judged` what is not as it was."""

    def __init__(self, unit: LogUnit, examine: Examine, claims: Sequence[Claim]) -> None:
        self.size = 0
        self.found: list[Discrepancy] = []
        self.leaves = Leaves()
        self.judged = Judged()
        self._unit, self._examine = unit, examine
        self._claims: dict[int, list[Claim]] = defaultdict(list)
        for claim in claims:
            self._claims[claim.size].append(claim)
        self._records, self._tiles = Regrowth(), Regrowth()
        self._row = b""
        for claim in self._claims.pop(0, ()):
            self.judged.judge(claim, EMPTY_ROOT, EMPTY_ROOT)

    def run(self, tell: Tell) -> None:
        outcast = self._unit.records_from(BEFORE_ALL, 1)
        if outcast and outcast[0].index < 0:
            saw = f"a record at {outcast[0].index}, before the first entry"
            self.found.append(Discrepancy("inserted", saw, "entries from 0 on", outcast[0].index, outcast[0].id))
        while rows := self._unit.records_from(self.size, TILE_WIDTH + 1):
            if not self._take(rows):
                break
            tell(self.size, max(self.size, self._unit.log_size()))
        self._end()

    def _take(self, rows: Sequence[StoredRecord]) -> bool:
        """The records up to the end of their tile. False where the pass must stop."""
        block = self.size // TILE_WIDTH
        end = (block + 1) * TILE_WIDTH
        here = {row.index: row for row in rows if row.index < end}
        last = end if rows[-1].index >= end else max(here) + 1
        self._row = self._unit.tiles([Tile(0, block)]).get(Tile(0, block), b"")
        grown = self._grown(here, range(self.size, last), block * TILE_WIDTH)
        for at in (*(size for size in sorted(self._claims) if self.size < size < last), last):
            taken = grown[: at - self.size]
            grown = grown[at - self.size :]
            self._grow([record for record, _ in taken], [tile for _, tile in taken])
            if self.size != at:
                return False
        return True

    def _grown(self, here: Mapping[int, StoredRecord], indexes: range, first: int) -> list[tuple[bytes, bytes]]:
        """Both leaf hashes of each entry, up to the first of which there is neither."""
        leaves: list[tuple[bytes, bytes]] = []
        for index in indexes:
            record, at = here.get(index), (index - first) * HASH
            signed = self._row[at : at + HASH]
            if record is None and not signed:
                self._lost(index)
                break
            stored = hash_leaf(entry_of(record)) if record else signed
            if record is None or (signed and stored != signed):
                self.leaves.note(index, signed, (stored, record.id) if record else None)
            if not signed and (at == len(self._row) or index == self.size):
                saw = f"no hash of entry {index} in its tile"
                self.found.append(Discrepancy("tiles", saw, "one for each record", index, record.id if record else ""))
            if record:
                self.found.extend(self._examine(record))
            leaves.append((stored, signed or stored))
        return leaves

    def _lost(self, index: int) -> None:
        self.found.append(Discrepancy("removed", f"no record {index}, and no hash of it", "records without a gap", index))
        self.found.append(
            Discrepancy("unproved", f"nothing to grow the tree from at {index}", "every entry, or its hash", index)
        )

    def _grow(self, records: Sequence[bytes], tiles: Sequence[bytes]) -> None:
        full = dict(self._tiles.add(tiles))
        for tile, row in self._records.add(records):
            self._compare(tile, row, full.get(tile, row))
        self.size += len(records)
        for claim in self._claims.pop(self.size, ()):
            self.judged.judge(claim, self._records.root(), self._tiles.root())

    def _compare(self, tile: Tile, *either: bytes) -> None:
        """The tile must begin with one of these rows; that it goes on is no fault, since the log may have grown meanwhile."""
        kept = self._unit.tiles([tile]).get(tile, b"")
        if not any(kept[: len(row)] == row for row in either):
            saw = f"other hashes in tile {tile.index} of level {tile.level} than the tree has"
            self.found.append(
                Discrepancy("tiles", saw, "those that the entries give", tile.index * TILE_WIDTH ** (tile.level + 1))
            )

    def _end(self) -> None:
        edge = dict(self._tiles.edge())
        for tile, row in self._records.edge():
            self._compare(tile, row, edge.get(tile, row))
        self.judged.beyond = [claim for claims in self._claims.values() for claim in claims]
        head = self._unit.log_size()
        if head > self.size:
            saw = f"{self.size:,} records where the head of the log counts {head:,}"
            self.found.append(Discrepancy("removed", saw, "as many records", self.size))
        elif head < self.size:
            saw = f"{self.size:,} records where the head of the log counts {head:,}"
            self.found.append(Discrepancy("inserted", saw, "no more than that", head))
        self._look_beyond(max(head, self.size))

    def _look_beyond(self, size: int) -> None:
        """Hashes of entries that are no more."""
        last = Tile(0, size // TILE_WIDTH)
        kept = self._unit.tiles([last, Tile(0, last.index + 1)])
        held = last.index * TILE_WIDTH + sum(len(row) for row in kept.values()) // HASH
        if held > size and not self.leaves:
            self.found.append(
                Discrepancy("removed", f"hashes of {held:,} entries, and {size:,} records", "a record each", size)
            )
