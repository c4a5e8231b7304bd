"""What statuses mean, and where somebody stands by all that is seen of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.attendance import Presence
from bot.core.hours.calendar import Absence, Calendar, Hours
from bot.core.presence import Signs, Status, absence_of, presence_of

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
WORKS = Calendar(Hours())


@pytest.mark.parametrize(
    "words",
    [
        "Vacationing", "On vacation until Friday", "Out sick", "OOO", "OOO until 3/9", "Out of office", "on parental leave",
        "PTO", "On vacation, no email", "On leave, back soon", "Vacation, back on Monday", "Sick day",
        "Day off", "On holiday", "on annual leave 🌴", "off today", "I’m sick",
        "Im Urlaub", "Urlaub bis 9.3.", "krank", "Elternzeit", "abwesend", "Nicht im Büro",
        "En vacances", "en congé", "Congé parental", "malade", "De vacaciones", "de baja", "De férias",
        "In ferie", "in malattia", "En vacances, de retour lundi",
        "Op vakantie", "ziek", "på ferie", "Sjuk", "VAB", "Na urlopie", "В отпуске", "на больничном", "У відпустці", "izinde",
        "休暇中", "病假", "휴가",
    ],
)  # fmt: skip
def test_a_status_that_says_so_is_an_absence(words: str) -> None:
    assert absence_of(Status(words), NOW) is not None


@pytest.mark.parametrize(
    "words",
    [
        "", "Working remotely", "In a meeting", "Lunch", "Back from vacation", "vacation starts Friday", "No PTO left",
        "planning holidays", "sick of bugs", "Urlaub ab Freitag", "Zurück aus dem Urlaub", "urlaubsreif? bald Urlaub",
        "OOO from Monday",
        "de retour de vacances", "Leaving early", "skilled", "fill in", "Not on leave", "Semesterticket",
        "refactoring the PTOption", "working from my vacation home", "next week: PTO",
        "out of memory", "after holiday inbox zero",
    ],
)  # fmt: skip
def test_a_status_that_speaks_of_something_else_is_none(words: str) -> None:
    assert absence_of(Status(words), NOW) is None


@pytest.mark.parametrize("emoji", [":palm_tree:", "palm_tree", ":face_with_thermometer:", ":baby::skin-tone-3:"])
def test_the_emoji_of_the_chats_own_suggestions_says_it_alone(emoji: str) -> None:
    assert absence_of(Status("", emoji), NOW) is not None
    assert absence_of(Status("working from the beach", emoji), NOW) is None


def test_an_absence_lasts_until_the_status_ends_and_repeats_it() -> None:
    assert absence_of(Status("Out sick", ":face_with_thermometer:", LATER), NOW) == Absence(
        NOW, LATER, "has the chat status “Out sick”"
    )
    assert absence_of(Status("Out sick", until=NOW), NOW) is None
    assert absence_of(Status(emoji=":palm_tree:"), NOW) == Absence(NOW, None, "has the chat status “:palm_tree:”")


def test_a_status_is_repeated_short_and_printable() -> None:
    loud = Status("vacation ”\n\u202e<!channel>\x00 " + "x" * 100)
    shown = loud.shown
    assert len(shown) <= 42
    assert shown.startswith("“vacation <!channel> xxx")
    assert shown.endswith("…”")
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("calendar", "signs", "presence", "why"),
    [
        (WORKS, Signs(), "active", ""),
        (WORKS, Signs(away=True), "away", "is away in the chat"),
        (WORKS, Signs(busy="github.com"), "away", "is busy, as github.com says"),
        (WORKS, Signs(Status("In a meeting", ":calendar:", LATER)), "away", "has the chat status “In a meeting”"),
        (WORKS, Signs(Status("In a meeting", until=NOW)), "active", ""),
        (WORKS, Signs(quiet=True), "away", "has paused notifications"),
        (WORKS, Signs(away=True, quiet=True), "away", "is away in the chat"),
        (WORKS, Signs(Status("Im Meeting")), "away", "has the chat status “Im Meeting”"),
        (WORKS, Signs(Status("Working remotely", ":house_with_garden:")), "active", ""),
        (Calendar(Hours(start=780)), Signs(away=True), "out-of-hours", "is out of hours"),
        (Calendar(holidays=frozenset({date(2026, 3, 3)})), Signs(), "out-of-hours", "has a holiday"),
        (Calendar(absences=(Absence(NOW, None, "is on leave"),)), Signs(), "absent", "is on leave"),
        (Calendar(Hours(start=780), absences=(Absence(NOW, LATER, "is on leave"),)), Signs(), "absent", "is on leave"),
        (Calendar(absences=(Absence(LATER, None, "is on leave"),)), Signs(), "active", ""),
        (Calendar(absences=(Absence(NOW - timedelta(days=1), NOW, "was on leave"),)), Signs(), "active", ""),
    ],
)
def test_where_somebody_stands(calendar: Calendar, signs: Signs, presence: Presence, why: str) -> None:
    assert presence_of(calendar, signs, NOW) == (presence, why)


@given(st.text(max_size=300), st.text(max_size=80))
def test_no_status_breaks_the_reader(text: str, emoji: str) -> None:
    status = Status(text, emoji)
    absence_of(status, NOW)
    presence_of(WORKS, Signs(status), NOW)
    assert len(status.shown) <= 64
