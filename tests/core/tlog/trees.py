"""RFC 6962 section 2.1, word for word and recursive: slow, and written apart from what it is compared with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bot.core.tlog.tree import Node, ReadHashes


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH over leaf hashes."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_inclusion(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*naive_inclusion(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_inclusion(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_consistency(m: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of section 2.1.2; PROOF(m, D[n]) with b true."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*naive_consistency(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_consistency(m - k, leaves[k:], False), naive_root(leaves[:k])]


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def reading(leaves: Sequence[bytes]) -> ReadHashes:
    """The complete subtrees over leaf hashes. Asserts that only complete ones are asked."""

    known: dict[Node, bytes] = {}

    def read(wanted: Sequence[Node], /) -> Sequence[bytes]:
        for level, index in wanted:
            assert (index + 1) << level <= len(leaves)
            if (level, index) not in known:
                known[level, index] = naive_root(leaves[index << level : (index + 1) << level])
        return [known[node] for node in wanted]

    return read
