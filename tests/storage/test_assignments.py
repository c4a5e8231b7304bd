"""Who was asked is kept once a person and request, and counted by tier for everybody in question at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.attendance import Assignment
from bot.core.ids import PersonId
from bot.ports.escalation import Asked, Assigned
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, OTHER
from tests.storage.test_records import counted
from tests.storage.turn_values import ADA, BOB, CLEO, HOUR, TOKEN, assignment

MONTH = timedelta(days=30)


def assign(store: SqlStore, *assignments: Assignment, token: str = TOKEN) -> list[bool]:
    with store.begin() as unit:
        new = [unit.assign(token, CHANGE, "high", one) for one in assignments]
        unit.commit()
    return new


def found(store: SqlStore, token: str = TOKEN) -> tuple[Assignment, ...]:
    with store.look() as unit:
        return unit.assignments(token)


def test_those_asked_come_back_as_they_were_kept_and_in_their_order(store: SqlStore) -> None:
    delegated = Assignment(ADA, "delegated", NOW, by=CLEO, seat="owners", gone="is away")
    assert assign(store, assignment(BOB, NOW + HOUR), delegated) == [True, True]
    assert found(store) == (assignment(BOB, NOW + HOUR), delegated)
    assert found(store, "another") == ()


def test_a_later_word_about_a_person_replaces_the_earlier_one_in_its_place(store: SqlStore) -> None:
    gone = assignment(ADA, NOW + HOUR, gone="said it is not theirs")
    assert assign(store, assignment(ADA), assignment(BOB), gone) == [True, True, True]
    assert found(store) == (gone, assignment(BOB))


def test_many_are_asked_and_found_at_once_as_they_are_one_by_one(store: SqlStore) -> None:
    gone = assignment(ADA, NOW + HOUR, gone="is away")
    rows = [
        *(Assigned(TOKEN, CHANGE, "high", one) for one in (assignment(ADA), assignment(BOB), gone)),
        Assigned("another", OTHER, "low", assignment(CLEO)),
    ]
    with store.begin() as unit, counted() as statements:
        unit.assign_all(rows)
        unit.assign_all([])
        assert unit.assignments_of([TOKEN, "another", "unknown"]) == {
            TOKEN: (gone, assignment(BOB)),
            "another": (assignment(CLEO),),
        }
        assert unit.assignments_of([]) == {}
        unit.commit()
    assert len(statements) == 3
    with store.look() as unit:
        assert unit.asked([CLEO], NOW - MONTH) == (Asked(CLEO, "low", open=1, recent=1),)


@pytest.mark.parametrize("by", [None, BOB])
def test_what_stands_so_already_is_said_to(store: SqlStore, by: PersonId | None) -> None:
    one = replace(assignment(), by=by)
    assert assign(store, one, one) == [True, False]
    assert assign(store, one, token="another") == [True]


def test_a_desk_holds_what_is_open_and_counts_what_is_recent_by_tier(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.assign("t1", CHANGE, "high", assignment(ADA, NOW))
        unit.assign("t2", OTHER, "high", assignment(ADA, NOW - 2 * MONTH))
        unit.assign("t3", OTHER, "low", assignment(ADA, NOW - HOUR))
        unit.assign("t3", OTHER, "low", assignment(BOB, NOW, gone="is away"))
        unit.assign("t4", OTHER, "low", assignment(CLEO, NOW - 2 * MONTH))
        unit.close_assignments("t3")
        unit.close_assignments("t4")
        with counted() as statements:
            asked = unit.asked([ADA, BOB, CLEO], NOW - MONTH)
    assert asked == (Asked(ADA, "high", open=2, recent=1), Asked(ADA, "low", open=0, recent=1))
    assert len(statements) == 1


def test_nobody_asked_about_is_no_question_of_the_whole_table(store: SqlStore) -> None:
    assign(store, assignment(ADA))
    with store.look() as unit:
        assert unit.asked([], NOW - MONTH) == ()
        assert [each.person for each in unit.asked([ADA], NOW - MONTH)] == [ADA]


def test_a_request_that_is_over_is_open_again_when_somebody_is_asked_anew(store: SqlStore) -> None:
    assign(store, assignment(ADA))
    with store.begin() as unit:
        unit.close_assignments(TOKEN)
        unit.commit()
    assert assign(store, assignment(ADA)) == [True]
    with store.look() as unit:
        assert [each.open for each in unit.asked([ADA], NOW - MONTH)] == [1]
