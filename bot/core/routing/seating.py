"""Seats and people: one person never fills two seats, and nobody is moved out of a seat for another to sit down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.core.ids import PersonId, RoleName


def seated(
    seats: Sequence[RoleName], people: Iterable[PersonId], pools: dict[RoleName, frozenset[PersonId]]
) -> list[PersonId | None]:
    """Give each seat a person, the earlier people first, filling as many seats as can be filled.

    A person who comes later may move an earlier one to another seat they also qualify for, but never out of all seats
    (augmenting paths), so that those who approved already always keep a seat where there is one.
    """
    taken: list[PersonId | None] = [None] * len(seats)

    def sit(person: PersonId, tried: set[int]) -> bool:
        for at, role in enumerate(seats):
            if at in tried or person not in pools[role]:
                continue
            tried.add(at)
            sitting = taken[at]
            if sitting is None or sit(sitting, tried):
                taken[at] = person
                return True
        return False

    left = len(seats)
    for person in people:
        if not left:
            break
        left -= sit(person, set())
    return taken
