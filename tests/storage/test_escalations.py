"""Seats that wait: what is due is found once, and moved on only by who read it as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.escalation.model import Escalation
from bot.ports.escalation import Step
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW, OTHER
from tests.storage.test_records import counted
from tests.storage.turn_values import ADA, BOB, HOUR, TOKEN, escalation, keep, stepped

FULL = replace(
    escalation(), ended=True, active_at=NOW - HOUR, snoozed_until=NOW + HOUR, snoozes=2, next_at=None, step=3, person=BOB
)


def due(store: SqlStore, limit: int = 10) -> list[str]:
    with store.begin() as unit:
        return [row.seat for row in unit.due_escalations(NOW, limit)]


def kept(store: SqlStore, token: str = TOKEN) -> tuple[Escalation, ...]:
    with store.look() as unit:
        return unit.escalations(token)


@pytest.mark.parametrize("row", [escalation(), FULL])
def test_an_escalation_comes_back_as_it_was_kept(store: SqlStore, row: Escalation) -> None:
    keep(store, row)
    assert kept(store) == (row,)
    assert kept(store, "another") == ()


def test_a_seat_is_inserted_once_and_replaced_only_in_its_epoch(store: SqlStore) -> None:
    keep(store, escalation())
    moved = replace(FULL, epoch=2)
    with store.begin() as unit:
        assert not unit.put_escalation(FULL, None)
        assert not unit.put_escalation(moved, 2)
        assert unit.put_escalation(moved, 1)
        assert not unit.put_escalation(replace(moved, epoch=3), 1)
        assert not unit.put_escalation(replace(moved, seat="nobody's"), 1)
        unit.commit()
    assert kept(store) == (moved,)


def test_those_of_a_change_are_of_any_request_and_have_not_ended(store: SqlStore) -> None:
    mine, over = escalation("a", "t1"), replace(escalation("b", "t1"), ended=True)
    newer, another = escalation("a", "t2"), escalation("a", "t3", change=OTHER)
    keep(store, mine, over, newer, another)
    with store.look() as unit:
        assert unit.escalations_of(CHANGE) == (mine, newer)
        assert unit.escalations("t1") == (mine, over)


def test_what_is_due_comes_oldest_first_and_no_more_than_asked_for(store: SqlStore) -> None:
    keep(
        store,
        escalation("now", next_at=NOW),
        escalation("later", next_at=NOW + timedelta(seconds=1)),
        escalation("long", next_at=NOW - HOUR),
        escalation("no step left", next_at=None),
        replace(escalation("over", next_at=NOW - HOUR), ended=True),
    )
    assert due(store) == ["long", "now"]
    assert due(store, 1) == ["long"]


def test_a_step_holds_only_for_the_row_that_was_read(store: SqlStore) -> None:
    seats = [escalation(seat) for seat in ("read", "stepped", "decided", "over")]
    keep(store, *seats)
    with store.begin() as unit:
        unit.put_escalation(replace(seats[1], step=1), 1)
        unit.put_escalation(replace(seats[2], epoch=2), 1)
        unit.put_escalation(replace(seats[3], ended=True), 1)
        unit.commit()
    assert stepped(store, *(Step(replace(row, step=1, next_at=NOW + HOUR), 0) for row in seats)) == {(TOKEN, "read")}
    steps = {row.seat: (row.step, row.next_at) for row in kept(store)}
    assert steps == {"read": (1, NOW + HOUR), "stepped": (1, NOW), "decided": (0, NOW), "over": (0, NOW)}


@pytest.mark.parametrize("row", [replace(FULL, person=ADA), replace(escalation(), next_at=NOW + timedelta(microseconds=1))])
def test_a_step_keeps_what_comes_next_as_the_row_says(store: SqlStore, row: Escalation) -> None:
    keep(store, escalation())
    assert stepped(store, Step(row, 0)) == {row.key}
    assert kept(store) == (row,)


def test_a_step_does_not_say_whose_turn_it_is(store: SqlStore) -> None:
    keep(store, escalation())
    stepped(store, Step(replace(escalation(), step=1, person=BOB, since=NOW, tier="low", change=OTHER), 0))
    assert kept(store) == (replace(escalation(), step=1),)


def test_steps_that_end_a_turn_and_others_hold_in_one_go(store: SqlStore) -> None:
    goes_on, ends = escalation("goes on"), escalation("ends")
    keep(store, goes_on, ends)
    steps = [Step(replace(goes_on, step=1), 0), Step(replace(ends, step=1, ended=True, next_at=None), 0)]
    with store.begin() as unit, counted() as statements:
        assert unit.step(steps) == {goes_on.key, ends.key}
        unit.commit()
    assert len(statements) == 2
    assert [row.ended for row in kept(store)] == [True, False]


def test_a_seat_of_any_name_can_be_stepped(store: SqlStore) -> None:
    odd = escalation("section:Ähm 'quoted' \"twice\" \\ 𝔘 \x01")
    keep(store, odd)
    assert stepped(store, Step(replace(odd, step=1), 0)) == {odd.key}


def test_two_hundred_steps_are_one_statement_and_none_is_no_statement(store: SqlStore) -> None:
    rows = [escalation(f"seat {number}") for number in range(200)]
    keep(store, *rows)
    with store.begin() as unit, counted() as statements:
        assert len(unit.step([Step(replace(row, step=1), 0) for row in rows])) == 200
        assert unit.step([]) == frozenset()
    assert len(statements) == 1


def test_the_auditor_sees_what_should_have_been_done_before_then(store: SqlStore) -> None:
    keep(store, escalation("now"), escalation("late", next_at=NOW - 2 * HOUR), escalation("later", next_at=NOW - HOUR))
    with store.look() as unit:
        assert [row.seat for row in unit.overdue(NOW)] == ["late", "later"]
        assert [row.seat for row in unit.overdue(NOW, 1)] == ["late"]


def test_who_waits_longest_comes_first_with_or_without_a_step_left(store: SqlStore) -> None:
    oldest = replace(escalation("oldest", next_at=None), since=NOW - 5 * HOUR)
    over = replace(escalation("over"), since=NOW - 6 * HOUR, ended=True)
    keep(store, escalation("new"), oldest, over)
    with store.look() as unit:
        assert [row.seat for row in unit.waiting_since(5)] == ["oldest", "new"]
        assert [row.seat for row in unit.waiting_since(1)] == ["oldest"]
