"""How differing entries are told apart: what was altered, removed, put in, moved; and where only the first can be named."""

from __future__ import annotations

from collections.abc import Sequence

from bot.handlers.ledger.discrepancy import REMEMBERED, Leaves


def leaf(name: int) -> bytes:
    return name.to_bytes(32, "big")


def told(signed: Sequence[int], stored: Sequence[int]) -> list[tuple[str, int | None]]:
    """The differences between what the tiles have and what the records are, both as names of leaves by position."""
    leaves = Leaves()
    for index in range(max(len(signed), len(stored))):
        was = leaf(signed[index]) if index < len(signed) else None
        now = (leaf(stored[index]), f"id{stored[index]}") if index < len(stored) else None
        if was is None or now is None or was != now[0]:
            leaves.note(index, was, now)
    return [(one.fault, one.index) for one in leaves.told_apart()]


def test_nothing_differs() -> None:
    assert told([1, 2, 3], [1, 2, 3]) == []
    assert not Leaves()


def test_another_leaf_in_its_place_is_an_alteration() -> None:
    assert told([1, 2, 3], [1, 9, 3]) == [("altered", 1)]


def test_what_moves_up_without_passing_another_only_closed_a_gap() -> None:
    assert told([1, 2, 3, 4], [1, 3, 4]) == [("removed", 1)]


def test_what_moves_down_made_room() -> None:
    assert told([1, 2, 3], [1, 9, 2, 3]) == [("inserted", 1)]


def test_what_passes_another_was_put_in_another_order() -> None:
    assert told([1, 2, 3, 4], [1, 4, 3, 2]) == [("reordered", 1)]


def test_a_rotation_is_another_order_too() -> None:
    assert told([1, 2, 3], [3, 1, 2]) == [("reordered", 0)]


def test_several_things_at_once_are_told_one_by_one() -> None:
    assert told([1, 2, 3, 4, 5, 6], [1, 9, 4, 3, 6]) == [("altered", 1), ("removed", 4), ("reordered", 2)]


def test_of_more_than_can_be_remembered_the_first_is_named() -> None:
    many = list(range(1, REMEMBERED * 2))
    assert told(many, [*many[:7], *many[8:]])[0] == ("removed", 7)
    assert len(told(many, [*many[:7], *many[8:]])) <= 2
