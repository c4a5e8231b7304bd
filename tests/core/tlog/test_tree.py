"""The Merkle tree against published vectors and against the RFC's recursion."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.tlog.tree import (
    EMPTY_ROOT,
    Node,
    consistency_proof,
    hash_children,
    hash_leaf,
    inclusion_proof,
    proof_length,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from tests.core.tlog.trees import naive_consistency, naive_inclusion, naive_root, reading

# Leaves, roots and proofs of certificate-transparency's cpp/merkletree/merkle_tree_test.cc.
ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
LEAVES = tuple(hash_leaf(bytes.fromhex(entry)) for entry in ENTRIES)
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
_A, _B, _C, _D, _E, _F, _G, _H = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
INCLUSION = {(0, 1): (), (0, 8): (_A, _B, _C), (5, 8): (_D, _E, _F), (2, 3): (_G,), (1, 5): (ROOTS[1], _B, _D)}
CONSISTENCY = {(1, 1): (), (1, 8): (_A, _B, _C), (6, 8): (_H, _E, _F), (2, 5): (_B, _D)}

MANY = tuple(hash_leaf(b"entry %d" % number) for number in range(300))
READ = reading(MANY)
MANY_ROOTS = tuple(naive_root(MANY[:size]) for size in range(301))


def hexed(proof: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(value.hex() for value in proof)


def test_the_published_roots_come_out() -> None:
    assert tuple(root_at(size, reading(LEAVES)).hex() for size in range(9)) == ROOTS
    assert EMPTY_ROOT.hex() == ROOTS[0]


def test_the_published_leaf_and_node_hashes_come_out() -> None:
    # transparency-dev/merkle, rfc6962/rfc6962_test.go
    assert hash_leaf(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert hash_leaf(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert hash_children(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_the_published_inclusion_proofs_come_out(index: int, size: int) -> None:
    proof = inclusion_proof(index, size, reading(LEAVES))
    assert hexed(proof) == INCLUSION[index, size]
    assert verify_inclusion(LEAVES[index], index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_the_published_consistency_proofs_come_out(old: int, new: int) -> None:
    proof = consistency_proof(old, new, reading(LEAVES))
    assert hexed(proof) == CONSISTENCY[old, new]
    assert verify_consistency(old, new, proof, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]))


def test_every_root_up_to_300_entries_is_the_recursion_s() -> None:
    assert tuple(root_at(size, READ) for size in range(301)) == MANY_ROOTS


def test_every_inclusion_proof_up_to_300_entries_is_verified() -> None:
    for size in range(1, 301):
        for index in range(size):
            proof = inclusion_proof(index, size, READ)
            assert verify_inclusion(MANY[index], index, size, proof, MANY_ROOTS[size])


def test_every_consistency_proof_up_to_300_entries_is_verified() -> None:
    for new in range(301):
        for old in range(new + 1):
            proof = consistency_proof(old, new, READ)
            assert verify_consistency(old, new, proof, MANY_ROOTS[old], MANY_ROOTS[new])


@given(st.integers(1, 300), st.data())
def test_proofs_are_those_of_the_recursion(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    assert list(inclusion_proof(index, size, READ)) == naive_inclusion(index, MANY[:size])
    assert list(consistency_proof(index + 1, size, READ)) == naive_consistency(index + 1, MANY[:size])
    assert proof_length(index, size) == len(naive_inclusion(index, MANY[:size]))


@given(st.integers(1, 300), st.data())
def test_no_altered_inclusion_proof_is_verified(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, leaf, root = inclusion_proof(index, size, READ), MANY[index], MANY_ROOTS[size]
    for altered in alterations(proof):
        assert not verify_inclusion(leaf, index, size, altered, root)
    for other in {0, index - 1, index + 1, index ^ 2, size - 1, size} - {index}:
        assert not verify_inclusion(leaf, other, size, proof, root)
    assert not verify_inclusion(flipped(leaf, 0), index, size, proof, root)
    assert not verify_inclusion(leaf, index, size, proof, flipped(root, 31))
    assert not verify_inclusion(leaf[:31], index, size, proof, root)


@given(st.integers(2, 300), st.data())
def test_no_altered_consistency_proof_is_verified(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof, old_root, new_root = consistency_proof(old, new, READ), MANY_ROOTS[old], MANY_ROOTS[new]
    for altered in alterations(proof):
        assert not verify_consistency(old, new, altered, old_root, new_root)
    for other in {0, old - 1, old + 1, new, new + 1} - {old}:
        assert not verify_consistency(other, new, proof, old_root, new_root)
    assert not verify_consistency(old, new, proof, flipped(old_root, 5), new_root)
    assert not verify_consistency(old, new, proof, old_root, flipped(new_root, 5))
    assert not verify_consistency(old, new, proof, new_root, old_root)


def test_no_byte_can_be_moved_from_one_hash_to_another() -> None:
    leaf, (sibling, *rest) = MANY[2], inclusion_proof(2, 7, READ)
    assert verify_inclusion(leaf, 2, 7, (sibling, *rest), MANY_ROOTS[7])
    assert not verify_inclusion(leaf[:31], 2, 7, (leaf[31:] + sibling, *rest), MANY_ROOTS[7])
    first, second, *more = consistency_proof(6, 8, READ)
    assert verify_consistency(6, 8, (first, second, *more), MANY_ROOTS[6], MANY_ROOTS[8])
    assert not verify_consistency(6, 8, (first[:31], first[31:] + second, *more), MANY_ROOTS[6], MANY_ROOTS[8])


def test_a_tree_grows_out_of_the_empty_one_and_out_of_itself() -> None:
    assert consistency_proof(0, 7, READ) == consistency_proof(7, 7, READ) == ()
    assert verify_consistency(0, 7, (), EMPTY_ROOT, MANY_ROOTS[7])
    assert not verify_consistency(0, 7, (), MANY_ROOTS[1], MANY_ROOTS[7])
    assert not verify_consistency(0, 7, (MANY[0],), EMPTY_ROOT, MANY_ROOTS[7])
    assert not verify_consistency(7, 7, (), MANY_ROOTS[6], MANY_ROOTS[7])
    assert not verify_consistency(7, 7, (MANY[0],), MANY_ROOTS[7], MANY_ROOTS[7])
    assert not verify_consistency(8, 7, (), MANY_ROOTS[8], MANY_ROOTS[7])


def test_no_entry_is_in_the_empty_tree() -> None:
    assert not verify_inclusion(EMPTY_ROOT, 0, 0, (), EMPTY_ROOT)
    assert not verify_inclusion(MANY[0], -1, 1, (), MANY[0])


def test_an_inner_node_does_not_pass_as_an_entry() -> None:
    node = hash_children(MANY[0], MANY[1])
    assert root_at(2, READ) == node
    assert hash_leaf(MANY[0] + MANY[1]) != node


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0), (7, 5)])
def test_no_proof_is_made_of_an_entry_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="wanted one from 0 to"):
        inclusion_proof(index, size, READ)


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5)])
def test_no_proof_is_made_from_a_larger_tree(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="wanted the smaller tree first"):
        consistency_proof(old, new, READ)
    with pytest.raises(ValueError, match="wanted 0 or more"):
        root_at(-1, READ)


def test_whatever_is_asked_is_read_at_once() -> None:
    reads: list[Sequence[Node]] = []

    def counted(wanted: Sequence[Node], /) -> Sequence[bytes]:
        reads.append(wanted)
        return READ(wanted)

    root_at(299, counted)
    inclusion_proof(200, 299, counted)
    consistency_proof(77, 299, counted)
    assert len(reads) == 3
    assert all(reads)


def alterations(proof: Sequence[bytes]) -> list[tuple[bytes, ...]]:
    """A hash less, a hash more, two exchanged, and each hash with one bit turned over or one byte less."""
    some = MANY[299]
    changed = [(*proof, some), (some, *proof), (*proof, b""), proof[:-1], proof[1:], tuple(reversed(proof))]
    for at, value in enumerate(proof):
        changed += [(*proof[:at], other, *proof[at + 1 :]) for other in (flipped(value, at), value[:-1], EMPTY_ROOT)]
    return [tuple(one) for one in changed if tuple(one) != tuple(proof)]


def flipped(value: bytes, at: int) -> bytes:
    return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
