"""With everybody out, somebody is asked all the same, and it is said until they are back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.attendance import Presence
from bot.core.hours.calendar import Absence, Calendar, Hours
from tests.core.build import NOW
from tests.core.routing.lineup import about, asked, here, seat


@pytest.mark.parametrize(
    ("presences", "note"),
    [
        (("out-of-hours", "out-of-hours"), "everyone who could is out of hours"),
        (("absent", "absent"), "everyone who could is absent"),
        (("absent", "out-of-hours"), "everyone who could is out of hours or absent"),
        (("absent", "away"), ""),
        (("out-of-hours", "active"), ""),
    ],
)
def test_with_nobody_at_work_somebody_is_asked_all_the_same_and_it_is_said(
    presences: tuple[Presence, Presence], note: str
) -> None:
    state = seat(about(here("bob", presences[0]), here("cid", presences[1]), owners="* @bob @cid\n"))
    assert len(state.asked) == len(state.backup) == 1
    assert state.note == note


OFFICE = Calendar(Hours("Europe/Berlin", 9 * 60, 17 * 60))
"""NOW is eleven o'clock of a Monday there."""


@pytest.mark.parametrize(
    ("calendar", "presence", "opens"),
    [
        (replace(OFFICE, hours=replace(OFFICE.hours, start=13 * 60)), "out-of-hours", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        (replace(OFFICE, hours=replace(OFFICE.hours, end=10 * 60)), "out-of-hours", datetime(2026, 3, 3, 8, tzinfo=UTC)),
        (
            replace(OFFICE, absences=(Absence(NOW - timedelta(days=1), NOW + timedelta(days=1), "is on leave"),)),
            "absent",
            datetime(2026, 3, 3, 10, tzinfo=UTC),
        ),
        (OFFICE, "absent", None),
    ],
    ids=["later today", "tomorrow", "after an absence", "nobody knows"],
)
def test_with_nobody_at_work_it_is_told_when_the_one_who_is_asked_is_back(
    calendar: Calendar, presence: Presence, opens: datetime | None
) -> None:
    state = seat(about(replace(here("bob", presence), calendar=calendar), owners="* @bob\n"))
    assert (state.asked, bool(state.note), state.opens) == (("bob",), True, opens)


def test_once_the_one_who_is_asked_is_back_nothing_is_said_of_it_any_more() -> None:
    late = replace(OFFICE, hours=replace(OFFICE.hours, start=13 * 60))
    of = about(replace(here("bob", "out-of-hours"), calendar=late), owners="* @bob\n", was=[asked("bob")])
    assert seat(of).note != ""
    later = seat(replace(of, now=NOW + timedelta(hours=3)))
    assert (later.asked, later.note, later.opens) == (("bob",), "", None)
