"""Working minutes, held against somebody who looks at every single minute of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.hours.calendar import Absence, Calendar, Hours
from bot.core.hours.span import after, is_open, minutes_between, next_open, opens_on_next_day, zone_of
from bot.core.hours.typed import read_hours

MINUTE = timedelta(minutes=1)
ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "UTC",
)  # fmt: skip
TURNS = (datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 4, 4, tzinfo=UTC),
         datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC))  # fmt: skip
"""A day before clocks change somewhere."""


def naive_open(calendar: Calendar, at: datetime) -> bool:
    """By what a clock on the wall says, for hours within one day."""
    local = at.astimezone(ZoneInfo(calendar.hours.zone))
    minute = local.hour * 60 + local.minute
    away = any(one.since <= at and (one.until is None or at < one.until) for one in calendar.absences)
    works = local.weekday() in calendar.hours.days and local.date() not in calendar.holidays
    return works and not away and calendar.hours.start <= minute < calendar.hours.end


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    start = draw(st.integers(4, 20)) * 60  # clocks change at night: what is worked through it has a test of its own
    end = draw(st.integers(start // 60 + 1, 24)) * 60
    hours = Hours(draw(st.sampled_from(ZONES)), start, end, tuple(sorted(draw(st.sets(st.integers(0, 6), max_size=7)))))
    day = draw(st.sampled_from(TURNS)).date()
    holidays = frozenset(day + timedelta(days=offset) for offset in draw(st.sets(st.integers(-1, 3), max_size=2)))
    absences = []
    for begins in draw(st.lists(st.integers(-600, 4000), max_size=2)):
        since = datetime.combine(day, datetime.min.time(), UTC) + begins * MINUTE
        lasts = draw(st.one_of(st.none(), st.integers(1, 2000)))
        absences.append(Absence(since, None if lasts is None else since + lasts * MINUTE, "is away"))
    return Calendar(hours, holidays, tuple(absences))


@given(calendars(), st.sampled_from(TURNS), st.integers(0, 1500), st.integers(0, 3500))
def test_working_minutes_are_those_that_a_clock_on_the_wall_counts(
    calendar: Calendar, turn: datetime, begins: int, lasts: int
) -> None:
    start = turn + begins * MINUTE
    counted = sum(naive_open(calendar, start + passed * MINUTE) for passed in range(lasts))
    assert minutes_between(calendar, start, start + lasts * MINUTE) == counted


@given(calendars(), st.sampled_from(TURNS), st.integers(0, 1500))
def test_somebody_is_at_work_when_the_clock_on_the_wall_says_so(calendar: Calendar, turn: datetime, passed: int) -> None:
    assert is_open(calendar, turn + passed * MINUTE) == naive_open(calendar, turn + passed * MINUTE)


@given(calendars(), st.sampled_from(TURNS), st.integers(0, 1500), st.integers(1, 2000))
def test_after_and_between_agree(calendar: Calendar, turn: datetime, passed: int, minutes: int) -> None:
    start = turn + passed * MINUTE
    found = after(calendar, start, minutes)
    if found is None:
        return
    assert minutes_between(calendar, start, found) == minutes
    assert minutes_between(calendar, start, found - MINUTE) < minutes


@given(calendars(), st.sampled_from(TURNS), st.integers(0, 1500))
def test_the_next_opening_is_the_first_open_minute(calendar: Calendar, turn: datetime, passed: int) -> None:
    at = turn + passed * MINUTE
    found = next_open(calendar, at)
    if found is None:
        assert not any(naive_open(calendar, at + minute * MINUTE) for minute in range(0, 14 * 24 * 60, 30))
        return
    assert is_open(calendar, found)
    assert minutes_between(calendar, at, found) == 0


def at(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "minutes"),
    [("2026-03-29", 23 * 60), ("2026-10-25", 25 * 60), ("2026-06-01", 24 * 60)],
)
def test_who_works_around_the_clock_works_as_long_as_the_day_is(day: str, minutes: int) -> None:
    always = Calendar(Hours("Europe/Berlin", 0, 24 * 60, (0, 1, 2, 3, 4, 5, 6)))
    start = at(day, "Europe/Berlin")
    tomorrow = datetime.combine(date.fromisoformat(day) + timedelta(days=1), datetime.min.time(), ZoneInfo("Europe/Berlin"))
    assert minutes_between(always, start, tomorrow.astimezone(UTC)) == minutes


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    night = Calendar(Hours("Europe/Berlin", 22 * 60, 6 * 60, (4,)))
    assert is_open(night, at("2026-06-06T03:00", "Europe/Berlin"))  # Saturday morning
    assert not is_open(night, at("2026-06-05T03:00", "Europe/Berlin"))
    assert minutes_between(night, at("2026-06-05T00:00", "Europe/Berlin"), at("2026-06-08T00:00", "Europe/Berlin")) == 8 * 60


def test_a_night_through_which_clocks_go_forward_is_an_hour_shorter() -> None:
    night = Calendar(Hours("Europe/Berlin", 22 * 60, 6 * 60, (5,)))
    assert minutes_between(night, at("2026-03-28T12:00", "Europe/Berlin"), at("2026-03-29T12:00", "Europe/Berlin")) == 7 * 60


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2:30", "10:00", 390),  # 2:30 is not there, and is read as 3:30
        ("1:00", "2:30", 90),
        ("2:30", "3:10", 0),  # would end before it began
        ("2:10", "2:50", 40),
    ],
)
def test_hours_that_begin_or_end_while_clocks_go_forward_are_never_less_than_none(start: str, end: str, minutes: int) -> None:
    hours = read_hours(f"{start}-{end} sun", Hours("Europe/Berlin"))
    assert isinstance(hours, Hours)
    day = at("2026-03-29T00:00", "Europe/Berlin")
    assert minutes_between(Calendar(hours), day, day + timedelta(days=2)) == minutes
    assert minutes_between(Calendar(hours), day, day + timedelta(days=9)) == minutes + hours.end - hours.start


def test_of_an_hour_that_comes_twice_the_first_one_counts() -> None:
    early = Calendar(Hours("Europe/Berlin", 2 * 60 + 30, 4 * 60, (6,)))
    day = at("2026-10-25T00:00", "Europe/Berlin")
    assert next_open(early, day) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert minutes_between(early, day, day + timedelta(days=1)) == 150


@given(
    st.sampled_from(ZONES), st.sampled_from(TURNS), st.integers(0, 1439), st.integers(1, 1440), st.integers(0, 1500),
    st.integers(1, 1000),
)  # fmt: skip
def test_no_hours_at_any_change_of_clocks_count_backwards(
    zone: str, turn: datetime, start: int, end: int, passed: int, minutes: int
) -> None:
    calendar = Calendar(Hours(zone, start, end, (0, 1, 2, 3, 4, 5, 6)))
    begins = turn + passed * MINUTE
    counted = [minutes_between(calendar, begins, begins + step * 97 * MINUTE) for step in range(30)]
    assert counted == sorted(counted)
    found = after(calendar, begins, minutes)
    assert start == end or (found is not None and minutes_between(calendar, begins, found) == minutes)


def test_a_weekend_does_not_count() -> None:
    friday = at("2026-03-06T17:00", "Europe/Berlin")
    assert after(Calendar(Hours("Europe/Berlin")), friday, 60) == at("2026-03-09T09:30", "Europe/Berlin")


def test_the_next_day_begins_with_work_and_not_with_the_date() -> None:
    friday = at("2026-03-06T07:00", "Europe/Berlin")
    rested = Calendar(Hours("Europe/Berlin"), frozenset({date(2026, 3, 9)}))
    assert opens_on_next_day(rested, friday) == at("2026-03-10T09:00", "Europe/Berlin")


@pytest.mark.parametrize("hours", [Hours(days=()), Hours(start=540, end=540)])
def test_who_never_works_has_no_next_opening(hours: Hours) -> None:
    now = datetime(2026, 3, 3, tzinfo=UTC)
    assert next_open(Calendar(hours), now) is None
    assert after(Calendar(hours), now, 1) is None
    assert minutes_between(Calendar(hours), now, now + timedelta(days=30)) == 0


def test_who_is_away_until_they_say_otherwise_opens_never() -> None:
    away = Calendar(absences=(Absence(datetime(2026, 3, 1, tzinfo=UTC), None, "is away"),))
    assert next_open(away, datetime(2026, 3, 3, tzinfo=UTC)) is None


def test_an_unknown_zone_is_utc() -> None:
    assert zone_of("Mars/Olympus") is UTC
    assert is_open(Calendar(Hours("Mars/Olympus")), datetime(2026, 3, 3, 9, tzinfo=UTC))
