"""Tiles: how the hashes of a log's tree are kept and served (C2SP tlog-tiles).

A tile is the bottom row of a subtree of height 8, up to 256 hashes of 32 bytes; the rows above are hashed from it when they
are wanted. Tiles at the right edge are partial and grow; a full one never changes, and its root stands in the tile above
(c2sp.org/tlog-tiles, "Merkle Tree" and "Partial Tiles"). Entries are served in bundles of the same width ("Log entries").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.core.tlog.tree import HASH, Node, hash_row

HEIGHT = 8
TILE_WIDTH = 256
"""Hashes of a full tile, entries of a full bundle."""
MAX_LEVEL = 63
DEAR = 16
"""Hashes below a node from which on it is worth keeping."""
KEPT_NODES = 1024
"""Of up to 4 KiB each, the half of a tile below it; a full tile has 30 dear ones."""
MAX_ENTRY = 0xFFFF
"""Bytes of the longest entry: its length is a uint16 in a bundle."""
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?", re.ASCII)


class BadTile(ValueError):
    """A tile or bundle is missing or not as the tree needs it; the message names what was seen and what was wanted."""


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Where a tile lies: its level (0 holds leaf hashes, each further one 8 rows higher) and its number from the left."""

    level: int
    index: int


@dataclass(frozen=True, slots=True)
class TilePath:
    """What a path asks for: `width` hashes of a tile or, with `entries`, as many entries of the bundle under that tile."""

    tile: Tile
    width: int = TILE_WIDTH
    entries: bool = False


ReadTiles = Callable[[Sequence[Tile]], Mapping[Tile, bytes]]
"""The bottom rows of tiles, 32 bytes a hash, possibly partial; a tile that is not there is left out."""


def tile_of(level: int, index: int) -> tuple[Tile, int, int]:
    """The tile that yields a node, and which hashes of its bottom row (from, up to) are hashed into it."""
    row = level % HEIGHT
    beside = HEIGHT - row
    start = (index & ((1 << beside) - 1)) << row
    return Tile(level // HEIGHT, index >> beside), start, start + (1 << row)


def node_from_tile(hashes: bytes, level_in_tile: int, offset: int) -> bytes:
    """The node `level_in_tile` rows above a bottom row, over the hashes from `offset` on (the first number of `tile_of`).

    Raises BadTile where the row ends before the node does.
    """
    return _node(_below(hashes, level_in_tile, offset))


def _below(hashes: bytes, level_in_tile: int, offset: int) -> bytes:
    """The part of a bottom row that a node stands over."""
    end = offset + (1 << level_in_tile)
    if len(hashes) < end * HASH:
        raise BadTile(f"saw a tile of {len(hashes) // HASH} hashes; wanted {end} for a node {level_in_tile} rows above")
    return hashes[offset * HASH : end * HASH]


def _node(row: bytes) -> bytes:
    """What a row of nodes comes to."""
    while len(row) > HASH:
        row = hash_row(row)
    return row


_kept_node = lru_cache(maxsize=KEPT_NODES)(_node)
"""By the hashes below it, so that it is right whatever a database says next."""


class TileReader:
    """Implements `tree.ReadHashes` over tiles: one read of tiles for each read of nodes.

    Every proof needs nodes of the few tiles above the lowest, so the dear ones of those are kept: a proof in a log of a
    million entries costs little more hashing than in one of a thousand.
    """

    def __init__(self, read_tiles: ReadTiles) -> None:
        self._read_tiles = read_tiles

    def __call__(self, wanted: Sequence[Node], /) -> Sequence[bytes]:
        """The nodes' hashes. Raises BadTile when a tile is missing or too narrow."""
        places = [(level % HEIGHT, *tile_of(level, index)) for level, index in wanted]
        tiles = self._read_tiles(sorted({tile for _, tile, _, _ in places})) if places else {}
        below = [(tile.level, _below(_found(tiles, tile), row, start)) for row, tile, start, _ in places]
        return [_kept_node(row) if level and len(row) >= DEAR * HASH else _node(row) for level, row in below]


def right_edge(size: int) -> tuple[Tile, ...]:
    """The partial tiles of a tree: what must be at hand to append to it (`grown`), from the leaves upwards."""
    counts = ((level, size >> (level * HEIGHT)) for level in range(_levels(size)))
    return tuple(Tile(level, count // TILE_WIDTH) for level, count in counts if count % TILE_WIDTH)


def grown(size: int, leaves: Sequence[bytes], tiles: Mapping[Tile, bytes]) -> dict[Tile, bytes]:
    """Append leaf hashes to a tree of `size` entries, whose right edge is `tiles`. Comes back: every tile that changed, whole.

    Raises BadTile when a tile of the right edge is missing or not as wide as the size says, or when a leaf is no hash: what
    is appended wrongly stays wrong.
    """
    stray = next((leaf for leaf in leaves if len(leaf) != HASH), None)
    if stray is not None:
        raise BadTile(f"saw a leaf hash of {len(stray):,} bytes; wanted {HASH}")
    changed: dict[Tile, bytes] = {}
    row, count, level = list(leaves), size, 0
    while row:
        index, width = divmod(count, TILE_WIDTH)
        edge = _edge(tiles, Tile(level, index), width) if width else b""
        whole = edge + b"".join(row)
        parts = [whole[at : at + TILE_WIDTH * HASH] for at in range(0, len(whole), TILE_WIDTH * HASH)]
        changed |= {Tile(level, index + number): part for number, part in enumerate(parts)}
        row = [_root(part) for part in parts if len(part) == TILE_WIDTH * HASH]
        count, level = index, level + 1
    return changed


def tile_path(tile: Tile, width: int = TILE_WIDTH) -> str:
    """Where a tile is served, below the log's prefix: `tile/0/x001/x234/067`, with `.p/W` when it is partial."""
    return f"tile/{tile.level}/{_elements(tile.index)}{_partial(width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Where the bundle of entries under the level 0 tile of that number is served: `tile/entries/x001/x234/067`."""
    return f"tile/entries/{_elements(index)}{_partial(width)}"


def parse_tile_path(path: str) -> TilePath | None:
    """Read `tile_path` and `entries_path` back; None for anything that they would not write, byte for byte."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    kind, elements, partial = found.groups()
    entries, width = kind == "entries", int(partial or TILE_WIDTH)
    asked = TilePath(Tile(0 if entries else int(kind), int(re.sub("[x/]", "", elements))), width, entries)
    if asked.tile.level > MAX_LEVEL or not 1 <= width <= TILE_WIDTH:
        return None
    written = entries_path(asked.tile.index, width) if entries else tile_path(asked.tile, width)
    return asked if written == path else None


def render_entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries one after another, each behind its length as a big-endian uint16. Raises BadTile for one that is too long."""
    longest = max(map(len, entries), default=0)
    if longest > MAX_ENTRY:
        raise BadTile(f"saw an entry of {longest:,} bytes; wanted at most {MAX_ENTRY:,}")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_entry_bundle(bundle: bytes) -> tuple[bytes, ...]:
    """The entries of a bundle. Raises BadTile when it ends inside one or holds more than a full bundle does."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + 2
        end = start + int.from_bytes(bundle[at:start], "big")
        if start > len(bundle) or end > len(bundle):
            raise BadTile(f"saw a bundle of {len(bundle):,} bytes that ends within entry {len(entries)}; wanted {end:,} bytes")
        if len(entries) == TILE_WIDTH:
            raise BadTile(f"saw more than {TILE_WIDTH} entries in a bundle; wanted at most that many")
        entries.append(bundle[start:end])
        at = end
    return tuple(entries)


def _elements(index: int) -> str:
    """A number in path elements of three digits, all but the last behind an `x`."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))


def _partial(width: int) -> str:
    if not 1 <= width <= TILE_WIDTH:
        raise BadTile(f"saw a tile of width {width} asked; wanted 1 to {TILE_WIDTH}")
    return "" if width == TILE_WIDTH else f".p/{width}"


def _levels(size: int) -> int:
    """Levels of tiles that hold anything."""
    return -(-size.bit_length() // HEIGHT)


def _found(tiles: Mapping[Tile, bytes], tile: Tile) -> bytes:
    if tile not in tiles:
        raise BadTile(f"saw no tile {tile.index} at level {tile.level}; wanted it for a proof")
    return tiles[tile]


def _edge(tiles: Mapping[Tile, bytes], tile: Tile, width: int) -> bytes:
    hashes = tiles.get(tile, b"")
    if len(hashes) != width * HASH:
        saw = f"saw tile {tile.index} at level {tile.level} with {len(hashes):,} bytes"
        raise BadTile(f"{saw}; wanted {width * HASH:,}, the {width} hashes that the tree's size says")
    return hashes


def _root(full: bytes) -> bytes:
    return node_from_tile(full, HEIGHT, 0)
