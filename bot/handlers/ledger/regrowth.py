"""The tree of the log, grown again from its entries: what it must have been at each size, in the memory of its right edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.core.tlog.tiles import TILE_WIDTH, Tile, TileReader, grown, right_edge
from bot.core.tlog.tree import HASH, root_at


class Regrowth:
    """A tree that only grows. Of what it covers it keeps the tiles that are not full, at most one a level."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: Mapping[Tile, bytes] = {}

    def add(self, leaves: Sequence[bytes]) -> Iterator[tuple[Tile, bytes]]:
        """Leaf hashes, in order. Comes back: each tile above the leaves that became full by them."""
        changed = grown(self.size, leaves, self._edge)
        self.size += len(leaves)
        wanted, known = right_edge(self.size), {**self._edge, **changed}
        self._edge = {tile: known[tile] for tile in wanted}
        return ((tile, row) for tile, row in changed.items() if tile.level and len(row) == TILE_WIDTH * HASH)

    def root(self) -> bytes:
        """Of all that was added."""
        return root_at(self.size, TileReader(lambda _: self._edge))

    def edge(self) -> Iterator[tuple[Tile, bytes]]:
        """The tiles above the leaves that are not full."""
        return ((tile, row) for tile, row in self._edge.items() if tile.level)
