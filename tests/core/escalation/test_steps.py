"""What a step does when it is due, and what becomes of those that came due while nothing ran."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.escalation.model import AUTHOR, Chain, Deed, Escalation
from bot.core.escalation.snooze import snooze, why_not
from bot.core.escalation.steps import Cast, Performed, perform
from bot.core.hours.calendar import Absence
from tests.core.build import NOW
from tests.core.escalation.rows import BEN, BOB, CAST, LEADS, LONDON, OLI, WHOLE, at, row, step


def done(one: Escalation, when: str, cast: Cast = CAST) -> Performed:
    return perform(one, at(when), LONDON, cast)


def told(performed: Performed) -> list[tuple[str, str]]:
    return [(one.kind, str(one.person)) for one in performed.reminders]


def test_a_whole_chain_in_bobs_working_time() -> None:
    one, seen = row(), []
    while one.next_at is not None:
        performed = perform(one, one.next_at, LONDON, CAST)
        seen.append((f"{one.next_at:%a %H:%M}", performed.deed, told(performed), performed.hooks))
        one = performed.row
    assert seen == [
        ("Mon 11:00", "nudge", [("nudge", "bob")], ()),
        ("Mon 12:00", "widen", [("asked", "ben")], ()),
        ("Mon 14:00", "lead", [("lead", "lea")], ()),
        ("Tue 10:00", "webhook", [("fallback", "oli")], ("pager",)),
        ("Wed 10:00", "expire", [("expired", "ann")], ()),
    ]
    assert one.ended


def test_nothing_happens_before_a_step_is_due() -> None:
    assert done(row(), "Mon 10:59") == Performed(row())


def test_a_step_is_done_once() -> None:
    first = done(row(), "Mon 11:00")
    assert done(first.row, "Mon 11:00") == Performed(first.row)


def test_the_backup_and_the_stand_ins_are_asked_from_then_on() -> None:
    widened = done(row(step=1, next_at=at("Mon 12:00")), "Mon 12:00")
    stood_in = done(row(step=3, next_at=at("Tue 10:00")), "Tue 10:00")
    assert [(one.person, one.how, one.seat) for one in widened.assigned] == [(BEN, "widened", "")]
    assert [(one.person, one.how, one.seat) for one in stood_in.assigned] == [(OLI, "fallback", "codeowner")]
    assert widened.reroutes
    assert stood_in.reroutes


def test_the_second_place_of_a_seat_is_stood_in_for_by_the_seats_name() -> None:
    stood_in = done(row(seat="codeowner#2", step=3, next_at=at("Tue 10:00")), "Tue 10:00")
    assert [one.seat for one in stood_in.assigned] == ["codeowner"]


def test_nobody_is_told_of_themselves() -> None:
    assert told(done(row(step=2, next_at=at("Mon 14:00")), "Mon 14:00", Cast(roles={LEADS: (BOB,)}))) == []


def test_a_step_that_finds_nobody_is_done_all_the_same() -> None:
    performed = done(row(step=1, next_at=at("Mon 12:00")), "Mon 12:00", Cast())
    assert (performed.deed, performed.reminders, performed.row.step) == ("widen", (), 2)
    assert not performed.reroutes


def test_a_late_tick_keeps_the_distance_between_steps() -> None:
    on_time, late = done(row(), "Mon 11:04"), done(row(), "Mon 11:30")
    assert (on_time.row.next_at, late.row.next_at) == (at("Mon 12:00"), at("Mon 12:30"))


def test_what_came_due_while_nothing_ran_is_done_as_one() -> None:
    performed = done(row(), "Mon 15:00")
    assert (performed.deed, performed.row.step) == ("lead", 3)
    assert told(performed) == [("nudge", "bob"), ("asked", "ben"), ("lead", "lea")]
    assert [one.person for one in performed.assigned] == [BEN]
    assert performed.row.next_at == at("Tue 11:00")  # four working hours from now


def test_everybody_hears_of_it_once_at_most() -> None:
    twice = Chain((step(60, "nudge"), step(120, "nudge"), step(180, "nudge")))
    performed = perform(row(twice), at("Fri 10:00"), LONDON, CAST)
    assert told(performed) == [("nudge", "bob")]
    assert (performed.row.step, performed.row.next_at) == (3, None)


def test_a_request_never_expires_because_nothing_ran() -> None:
    performed = done(row(), "Fri 10:00")
    assert (performed.deed, performed.hooks, performed.row.ended) == ("webhook", ("pager",), False)
    assert performed.row.next_at == at("Mon 10:00") + timedelta(weeks=1)  # eight working hours from now


def test_an_expiry_that_is_the_next_step_comes_when_it_comes() -> None:
    assert done(row(step=5, next_at=at("Wed 10:00")), "Fri 10:00").deed == "expire"


def test_somebody_at_the_change_puts_a_step_off() -> None:
    active = row(active_at=at("Mon 10:30"))
    performed = done(active, "Mon 11:00")
    assert performed == Performed(replace(active, next_at=at("Mon 12:30")), postponed=True)
    later = done(performed.row, "Mon 12:30")
    assert (later.deed, later.row.next_at) == ("nudge", at("Mon 13:30"))


@pytest.mark.parametrize(
    ("seat", "deeds"), [(AUTHOR, ["nudge", "lead"]), ("section:Docs", ["nudge", "widen", "lead", "webhook"])]
)
def test_steps_that_cannot_help_are_left_out(seat: str, deeds: list[Deed]) -> None:
    one: Escalation = row(seat=seat)
    seen = []
    while one.next_at is not None and one.next_at < at("Wed 09:00"):
        performed = perform(one, one.next_at, LONDON, CAST)
        seen.append(performed.deed)
        one = performed.row
    assert seen == deeds


def test_the_author_is_told_as_the_author() -> None:
    assert told(done(row(seat=AUTHOR), "Mon 11:00")) == [("author", "bob")]


def test_a_snooze_holds_everything_until_it_is_over() -> None:
    asleep = snooze(row(), 240, at("Mon 10:30"), LONDON)
    assert (asleep.epoch, asleep.snoozes, asleep.next_at) == (2, 1, at("Mon 14:30"))
    assert done(asleep, "Mon 14:29") == Performed(asleep)
    awake = done(asleep, "Mon 14:30")
    assert (awake.deed, told(awake), awake.row.step, awake.row.next_at) == ("nudge", [("nudge", "bob")], 1, at("Mon 15:30"))
    assert awake.row.snoozed_until is None


def test_whoever_snoozed_hears_again_before_anybody_else_does() -> None:
    asleep = snooze(row(step=1, next_at=at("Mon 12:00")), 60, at("Mon 11:30"), LONDON)
    awake = done(asleep, "Mon 12:30")
    assert (awake.deed, told(awake), awake.assigned, awake.row.step) == ("nudge", [("nudge", "bob")], (), 1)
    assert awake.row.next_at == at("Mon 13:30")
    assert done(awake.row, "Mon 13:30").deed == "widen"


def test_a_snooze_behind_the_last_step_still_wakes() -> None:
    asleep = snooze(row(step=6, next_at=None), 60, NOW, LONDON)
    awake = done(asleep, "Mon 11:00")
    assert (told(awake), awake.row.next_at) == ([("nudge", "bob")], None)


@pytest.mark.parametrize(
    ("changes", "minutes", "words"),
    [
        ({}, 480, ""),
        ({}, 481, "A snooze of this tier lasts from 1 to 480 working minutes, and 481 were asked for."),
        ({}, 0, "A snooze of this tier lasts from 1 to 480 working minutes, and 0 were asked for."),
        ({"snoozes": 2}, 60, "You have snoozed it 2 of 2 times, by the policy for changes of this tier."),
        ({"chain": replace(WHOLE, snoozes=0)}, 60, "It cannot be snoozed, by the policy for changes of this tier."),
        ({"ended": True}, 60, "Nobody is waited for there any more."),
    ],
)
def test_a_snooze_that_is_refused_says_why(changes: dict[str, Any], minutes: int, words: str) -> None:
    assert why_not(row(**changes), minutes) == words


def test_an_absence_without_an_end_stops_no_chain() -> None:
    away = replace(LONDON, absences=(Absence(NOW, None, "is away"),))
    assert row(calendar=away).next_at == at("Mon 11:00")


def test_the_same_step_of_the_same_turn_is_the_same_reminder() -> None:
    first, second = done(row(), "Mon 11:00"), done(row(), "Mon 11:10")
    assert [one.dedupe for one in first.reminders] == [one.dedupe for one in second.reminders] == ["t:codeowner:1:0:bob"]
