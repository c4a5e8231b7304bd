"""Tiles: growth, reading proofs out of them, and the paths and bundles of C2SP tlog-tiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.tlog.tiles import (
    BadTile,
    Tile,
    TilePath,
    TileReader,
    entries_path,
    grown,
    node_from_tile,
    parse_entry_bundle,
    parse_tile_path,
    render_entry_bundle,
    right_edge,
    tile_of,
    tile_path,
)
from bot.core.tlog.tree import (
    HASH,
    Node,
    consistency_proof,
    hash_children,
    hash_leaf,
    inclusion_proof,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from tests.core.tlog.trees import naive_root, split

MANY = tuple(hash_leaf(b"entry %d" % number) for number in range(1100))
LEAF = hash_leaf(b"the same again")


class Shelf:
    """Tiles at hand, and what was asked of them."""

    def __init__(self, tiles: Mapping[Tile, bytes]) -> None:
        self.tiles = dict(tiles)
        self.asked: list[Sequence[Tile]] = []

    def read(self, tiles: Sequence[Tile]) -> Mapping[Tile, bytes]:
        self.asked.append(tiles)
        return {tile: self.tiles[tile] for tile in tiles if tile in self.tiles}

    def append(self, size: int, leaves: Sequence[bytes]) -> dict[Tile, bytes]:
        changed = grown(size, leaves, {tile: self.tiles[tile] for tile in right_edge(size)})
        self.tiles |= changed
        return changed


def uniform(size: int) -> Shelf:
    """A tree of that many equal leaves: all hashes of a level are one, so that a large tree costs nothing."""
    tiles: dict[Tile, bytes] = {}
    value, count, level = LEAF, size, 0
    while count:
        for index in range((count + 255) // 256):
            tiles[Tile(level, index)] = value * min(256, count - 256 * index)
        value, count, level = node_from_tile(value * 256, 8, 0), count // 256, level + 1
    return Shelf(tiles)


@cache
def uniform_root(size: int) -> bytes:
    return LEAF if size == 1 else hash_children(uniform_root(split(size)), uniform_root(size - split(size)))


def as_specified(leaves: Sequence[bytes]) -> dict[Tile, bytes]:
    """All tiles of a tree by the formula of "Merkle Tree": MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l])."""
    tiles: dict[Tile, bytes] = {}
    for level in range(3):
        step = 256**level
        for at in range(len(leaves) // step):
            tile = Tile(level, at // 256)
            tiles[tile] = tiles.get(tile, b"") + naive_root(leaves[at * step : (at + 1) * step])
    return tiles


@given(st.lists(st.integers(0, 400), max_size=8))
def test_tiles_grown_in_batches_are_those_of_the_specification(batches: list[int]) -> None:
    shelf, size = Shelf({}), 0
    for batch in batches:
        leaves = MANY[size : size + batch]
        before = dict(shelf.tiles)
        changed = shelf.append(size, leaves)
        assert all(before.get(tile) != hashes for tile, hashes in changed.items())
        size += len(leaves)
    assert shelf.tiles == as_specified(MANY[:size])


@given(st.integers(1, 1100), st.data())
def test_roots_and_proofs_come_out_of_tiles(size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    shelf = Shelf({})
    shelf.append(0, MANY)  # wider than the tree asked for: what a log that grew meanwhile has at hand
    read = TileReader(shelf.read)
    root = naive_root(MANY[:size])
    assert root_at(size, read) == root
    assert verify_inclusion(MANY[index], index, size, inclusion_proof(index, size, read), root)
    assert verify_consistency(old, size, consistency_proof(old, size, read), naive_root(MANY[:old]), root)


@pytest.mark.parametrize("size", [1_000, 1_000_000])
def test_a_proof_costs_one_read_of_a_few_tiles_at_any_size(size: int) -> None:
    shelf = uniform(size)
    read, root = TileReader(shelf.read), uniform_root(size)
    assert root_at(size, read) == root
    assert verify_inclusion(LEAF, 613, size, inclusion_proof(613, size, read), root)
    assert verify_consistency(700, size, consistency_proof(700, size, read), uniform_root(700), root)
    assert len(shelf.asked) == 3
    levels = 1 + max(tile.level for tile in shelf.tiles)
    assert all(len(set(asked)) == len(asked) <= 2 * levels for asked in shelf.asked)


def test_what_is_kept_of_a_tile_is_never_given_for_another_one() -> None:
    shelf = uniform(70_000)
    read, upper = TileReader(shelf.read), Tile(1, 0)
    untouched = shelf.tiles[upper]
    for _ in range(2):
        assert root_at(70_000, read) == uniform_root(70_000)
        shelf.tiles[upper] = bytes([untouched[0] ^ 1]) + untouched[1:]
        assert root_at(65_536 // 2, read) != uniform_root(65_536 // 2)
        shelf.tiles[upper] = untouched[:-1] + bytes([untouched[-1] ^ 1])
        assert root_at(65_535, read) == uniform_root(65_535)
        assert root_at(65_536 // 2, read) == uniform_root(65_536 // 2)
        shelf.tiles[upper] = untouched


def test_what_the_specification_says_of_70000_entries_holds() -> None:
    widths = {tile: len(hashes) // HASH for tile, hashes in uniform(70_000).tiles.items()}
    assert right_edge(70_000) == (Tile(0, 273), Tile(1, 1), Tile(2, 0))
    assert [widths[tile] for tile in right_edge(70_000)] == [112, 17, 1]
    assert sum(width == 256 for tile, width in widths.items() if tile.level == 0) == 273
    assert sum(width == 256 for tile, width in widths.items() if tile.level == 1) == 1


def test_a_full_tile_is_no_edge_and_its_root_stands_above() -> None:
    assert right_edge(0) == ()
    assert right_edge(255) == (Tile(0, 0),)
    assert right_edge(256) == (Tile(1, 0),)
    assert right_edge(257) == (Tile(0, 1), Tile(1, 0))
    assert right_edge(65_536) == (Tile(2, 0),)
    shelf = Shelf({})
    assert set(shelf.append(0, MANY[:255])) == {Tile(0, 0)}
    assert shelf.append(255, MANY[255:256])[Tile(1, 0)] == naive_root(MANY[:256])


def test_growing_by_nothing_changes_nothing() -> None:
    assert grown(300, (), {}) == {}


@pytest.mark.parametrize("edge", [{}, {Tile(0, 0): MANY[0]}, {Tile(0, 0): b"".join(MANY[:3])}, {Tile(0, 0): b"x" * 63}])
def test_nothing_is_appended_to_an_edge_that_is_not_the_size_s(edge: dict[Tile, bytes]) -> None:
    with pytest.raises(BadTile, match="wanted 64, the 2 hashes"):
        grown(2, MANY[2:3], edge)


def test_nothing_is_appended_that_is_no_leaf_hash() -> None:
    with pytest.raises(BadTile, match="saw a leaf hash of 5 bytes; wanted 32"):
        grown(0, [MANY[0], b"entry"], {})


@given(st.integers(0, 20), st.integers(0, 2**40))
def test_a_node_lies_in_its_tile_s_bottom_row(level: int, index: int) -> None:
    tile, start, end = tile_of(level, index)
    width = 256**tile.level
    first = (tile.index * 256 + start) * width
    assert (first, end - start) == (index << level, 1 << level % 8)
    assert 0 <= start < end <= 256


def test_every_node_of_a_tile_is_hashed_from_its_bottom_row() -> None:
    row = b"".join(MANY[:256])
    for level in range(9):
        for offset in range(0, 256, 1 << level):
            assert node_from_tile(row, level, offset) == naive_root(MANY[offset : offset + (1 << level)])


def test_a_missing_or_narrow_tile_is_told() -> None:
    wanted: list[Node] = [(0, 300)]
    with pytest.raises(BadTile, match="saw no tile 1 at level 0"):
        TileReader(Shelf({}).read)(wanted)
    with pytest.raises(BadTile, match="saw a tile of 44 hashes; wanted 45"):
        TileReader(Shelf({Tile(0, 1): MANY[0] * 44}).read)(wanted)


PATHS = {
    "tile/0/x001/x234/067": TilePath(Tile(0, 1_234_067)),  # the specification's example
    "tile/0/273.p/112": TilePath(Tile(0, 273), 112),
    "tile/1/001.p/17": TilePath(Tile(1, 1), 17),
    "tile/2/000.p/1": TilePath(Tile(2, 0), 1),
    "tile/63/000": TilePath(Tile(63, 0)),
    "tile/0/x001/000.p/255": TilePath(Tile(0, 1000), 255),
    "tile/entries/000": TilePath(Tile(0, 0), entries=True),
    "tile/entries/x001/x234/067.p/8": TilePath(Tile(0, 1_234_067), 8, entries=True),
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_written_and_read_as_specified(path: str) -> None:
    asked = PATHS[path]
    assert parse_tile_path(path) == asked
    assert (entries_path(asked.tile.index, asked.width) if asked.entries else tile_path(asked.tile, asked.width)) == path


@given(st.integers(0, 63), st.integers(0, 10**20), st.integers(1, 256))
def test_every_path_written_is_read_back(level: int, index: int, width: int) -> None:
    assert parse_tile_path(tile_path(Tile(level, index), width)) == TilePath(Tile(level, index), width)
    assert parse_tile_path(entries_path(index, width)) == TilePath(Tile(0, index), width, entries=True)


@pytest.mark.parametrize(
    "path",
    [
        "", "tile", "/tile/0/000", "tile/0/000/", "tile/0/0", "tile/0/0000", "tile/0/00x", "tile/0/-01", "tile/0/x000/001",
        "tile/0/001/002", "tile/0/x001", "tile/0/X001/002", "tile/00/000", "tile/64/000", "tile/100/000", "tile/-1/000",
        "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p/-1", "tile/0/000.p/1/",
        "tile/0/000\n", "tile/0/000.p/1\n", "tile/0/\u0661\u0662\u0663", "tile/data/000", "tile/entries/0", "tile/8/0/000",
        "tile/0/" + "x999/" * 7 + "999", "tile/0/../000", "tile//000",
    ],
)  # fmt: skip
def test_any_other_path_is_none(path: str) -> None:
    assert parse_tile_path(path) is None


@pytest.mark.parametrize("width", [-1, 0, 257])
def test_no_path_is_written_for_a_width_that_no_tile_has(width: int) -> None:
    with pytest.raises(BadTile, match="wanted 1 to 256"):
        tile_path(Tile(0, 0), width)


def test_entries_stand_behind_their_length() -> None:
    assert render_entry_bundle([b"", b"a", b"x" * 300]).startswith(b"\x00\x00\x00\x01a\x01\x2cxxx")
    assert render_entry_bundle([]) == b""
    assert render_entry_bundle([b"x" * 65_535])[:3] == b"\xff\xffx"
    with pytest.raises(BadTile, match="saw an entry of 65,536 bytes; wanted at most 65,535"):
        render_entry_bundle([b"x" * 65_536])


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_is_read_back(entries: list[bytes]) -> None:
    assert parse_entry_bundle(render_entry_bundle(entries)) == tuple(entries)


@pytest.mark.parametrize("bundle", [b"\x00", b"\x00\x01", b"\x00\x02a", b"\x00\x01ab"])
def test_a_bundle_that_ends_within_an_entry_is_refused(bundle: bytes) -> None:
    with pytest.raises(BadTile, match="ends within entry"):
        parse_entry_bundle(bundle)


def test_a_bundle_of_more_than_256_entries_is_refused() -> None:
    with pytest.raises(BadTile, match="more than 256"):
        parse_entry_bundle(b"\x00\x00" * 257)
