"""The tree grown again from its leaves gives the roots that RFC 6962 defines, and keeps no more than its right edge."""

from __future__ import annotations

import hashlib
import itertools

import pytest

from bot.core.tlog.tree import EMPTY_ROOT, HASH
from bot.handlers.ledger.regrowth import Regrowth
from tests.storage.material import naive_root

LEAVES = [hashlib.sha256(b"%d" % number).digest() for number in range(700)]


@pytest.mark.parametrize("steps", [[1] * 20, [255, 1, 1, 255], [256, 256, 188], [3, 300, 1, 300]])
def test_each_root_is_that_of_the_leaves_so_far(steps: list[int]) -> None:
    tree = Regrowth()
    assert tree.root() == EMPTY_ROOT
    for size, step in zip(itertools.accumulate(steps), steps, strict=True):
        list(tree.add(LEAVES[size - step : size]))
        assert (tree.size, tree.root()) == (size, naive_root(LEAVES[:size]))


def test_no_more_is_kept_than_one_partial_tile_a_level() -> None:
    tree = Regrowth()
    for start in range(0, 700, 100):
        list(tree.add(LEAVES[start : start + 100]))
    assert [(tile.level, len(row) // HASH) for tile, row in tree.edge()] == [(1, 2)]
