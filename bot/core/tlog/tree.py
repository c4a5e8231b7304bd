"""The Merkle tree of a transparency log: hashes, proofs, and how a proof is verified.

RFC 6962 section 2.1 defines the tree, RFC 9162 section 2.1 the same tree with its verifying algorithms written out; both are
followed here with SHA-256. Nothing here knows where hashes are kept: whoever needs some names them by (level, index) and
asks once, so that a proof costs one read however many entries the log has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

HASH = 32
"""Bytes of a hash."""
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without entries (RFC 6962 section 2.1)."""

Node = tuple[int, int]
"""(level, index) of a complete subtree: level 0 holds leaf hashes, (l, i) covers the entries i * 2**l up to (i + 1) * 2**l."""
_Span = tuple[int, int]
"""Entries from the first up to, not including, the second: what RFC 6962 writes D[a:b]."""


class ReadHashes(Protocol):
    """Whoever keeps the hashes of complete subtrees."""

    def __call__(self, wanted: Sequence[Node], /) -> Sequence[bytes]:
        """The hashes of the nodes, in their order, 32 bytes each. Raises whatever the keeper raises when it lacks one."""


def hash_leaf(data: bytes) -> bytes:
    """SHA-256(0x00 || data): the prefix keeps an entry from passing as an inner node (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_children(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right), the hash of an inner node (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def hash_row(row: bytes) -> bytes:
    """The row of nodes above an even number of nodes, one after another: `hash_children` of each two.

    A proof out of tiles hashes hundreds of nodes, which is most of what it costs, so each is one slice and one call.
    """
    pairs = range(0, len(row), 2 * HASH)
    return b"".join([hashlib.sha256(b"\x01" + row[at : at + 2 * HASH]).digest() for at in pairs])


def root_at(size: int, read: ReadHashes) -> bytes:
    """The root over the first `size` entries, in one read. Raises ValueError on a negative size."""
    if size < 0:
        raise ValueError(f"saw a tree of {size} entries; wanted 0 or more")
    return _roots([(0, size)], read)[0] if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: ReadHashes) -> tuple[bytes, ...]:
    """The siblings from the leaf up to the root (RFC 6962 section 2.1.1), in one read; none where the leaf is the root.

    Raises ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"saw entry {index} of a tree of {size}; wanted one from 0 to {size - 1}")
    return _roots(_siblings(index, size), read)


def proof_length(index: int, size: int) -> int:
    """How many hashes prove entry `index` of a tree of `size` entries, 0 <= index < size."""
    return len(_siblings(index, size))


def consistency_proof(old: int, new: int, read: ReadHashes) -> tuple[bytes, ...]:
    """What shows that the tree of `new` entries starts with the tree of `old` (RFC 6962 section 2.1.2), in one read.

    Empty where nothing is to be shown: `old` is 0 or equals `new`. Raises ValueError unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"saw a proof from {old} to {new} entries wanted; wanted the smaller tree first")
    if old in (0, new):
        return ()
    spans: list[_Span] = []
    low, high = 0, new
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    if low:  # else the old tree is a whole subtree of the new one, and whoever verifies has its root
        spans.append((low, high))
    return _roots(spans[::-1], read)


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf is entry `index` of the tree of `size` entries with that root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes((leaf_hash, root, *proof)):
        return False
    position, last, found = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = hash_children(sibling, found)
            position, last = _up_to_a_right_child(position, last)
        else:
            found = hash_children(found, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the tree with the new root starts with the tree with the old root (RFC 9162 section 2.1.4.2).

    Every tree starts with the empty one, so from 0 only the empty root and an empty proof are asked.
    """
    if not 0 <= old <= new or not _are_hashes((old_root, new_root, *proof)):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    whole = old & (old - 1) == 0  # then the old tree is a subtree of the new one, and its root is left out
    return bool(proof) and _verify_growth(old, new, (old_root, *proof) if whole else proof) == (old_root, new_root)


def _siblings(index: int, size: int) -> list[_Span]:
    """The subtrees beside the way from a leaf up to the root."""
    spans: list[_Span] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            spans.append((middle, high))
            high = middle
        else:
            spans.append((low, middle))
            low = middle
    return spans[::-1]


def _verify_growth(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots as the path gives them; None where it has not the length of such a proof."""
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_found = new_found = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old_found, new_found = hash_children(sibling, old_found), hash_children(sibling, new_found)
            position, last = _up_to_a_right_child(position, last)
        else:
            new_found = hash_children(new_found, sibling)
        position, last = position >> 1, last >> 1
    return (old_found, new_found) if last == 0 else None


def _up_to_a_right_child(position: int, last: int) -> tuple[int, int]:
    """On the right border a node without a sibling is carried up unhashed: skip the levels where that happens."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH for value in values)


def _split(count: int) -> int:
    """The largest power of two smaller than `count`: where RFC 6962 section 2.1 divides a tree."""
    return 1 << ((count - 1).bit_length() - 1)


def _complete(span: _Span) -> list[Node]:
    """The complete subtrees that a span of a proof consists of, left to right: one for each bit of its length."""
    low, high = span
    nodes: list[Node] = []
    for level in reversed(range((high - low).bit_length())):
        if (high - low) >> level & 1:
            nodes.append((level, low >> level))
            low += 1 << level
    return nodes


def _roots(spans: Sequence[_Span], read: ReadHashes) -> tuple[bytes, ...]:
    """The root over each span. All their nodes are read at once."""
    parts = [_complete(span) for span in spans]
    hashes = iter(read([node for part in parts for node in part]) if parts else ())
    return tuple(_joined([next(hashes) for _ in part]) for part in parts)


def _joined(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring subtrees, each smaller than the one to its left."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = hash_children(left, root)
    return root
