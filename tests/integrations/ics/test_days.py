"""Days off as calendars say them, and what hostile or broken ones may not do."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.ics.days import MOST_BYTES, MOST_EVENTS, MOST_RULES, NotACalendar, read_days

FIRST, LAST = date(2024, 11, 26), date(2028, 11, 26)


def calendar(*events: str) -> bytes:
    """Each event's lines, with | between them."""
    told = "".join(f"BEGIN:VEVENT|UID:{n}|{event}|END:VEVENT|" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR|VERSION:2.0|PRODID:-//acme//holidays//EN|{told}END:VCALENDAR|".replace("|", "\r\n").encode()


def days(*events: str) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in sorted(read_days(calendar(*events), FIRST, LAST).days)]


def test_an_event_of_one_day_is_that_day_with_or_without_an_end() -> None:
    assert days("DTSTART;VALUE=DATE:20261226") == ["2026-12-26"]
    assert days("DTSTART;VALUE=DATE:20261226|DTEND;VALUE=DATE:20261227") == ["2026-12-26"]
    assert days("DTSTART;VALUE=DATE:20261226|DTEND;VALUE=DATE:20261226") == ["2026-12-26"]


def test_an_event_of_several_days_ends_on_the_day_before_its_end() -> None:
    assert days("DTSTART;VALUE=DATE:20261224|DTEND;VALUE=DATE:20261227") == ["2026-12-24", "2026-12-25", "2026-12-26"]
    assert days("DTSTART;VALUE=DATE:20261231|DURATION:P2D") == ["2026-12-31", "2027-01-01"]


def test_only_what_lies_within_the_span_is_told_also_of_an_event_that_reaches_into_it() -> None:
    assert days("DTSTART;VALUE=DATE:20241124|DTEND;VALUE=DATE:20241128") == ["2024-11-26", "2024-11-27"]
    assert days("DTSTART;VALUE=DATE:20281125|DTEND;VALUE=DATE:20281129") == ["2028-11-25", "2028-11-26"]
    assert days("DTSTART;VALUE=DATE:20100101", "DTSTART;VALUE=DATE:20500101") == []


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("20101003|RRULE:FREQ=YEARLY", ["2025-10-03", "2026-10-03", "2027-10-03", "2028-10-03"]),
        ("20101003|RRULE:FREQ=YEARLY;UNTIL=20261231", ["2025-10-03", "2026-10-03"]),
        ("20251003|RRULE:FREQ=YEARLY;COUNT=2", ["2025-10-03", "2026-10-03"]),
        ("20101125|RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;UNTIL=20261231", ["2024-11-28", "2025-11-27", "2026-11-26"]),
        ("20040229|RRULE:FREQ=YEARLY", ["2028-02-29"]),
        ("20090120|RRULE:FREQ=YEARLY;INTERVAL=4", ["2025-01-20"]),
        ("20251003|RRULE:FREQ=YEARLY|EXDATE;VALUE=DATE:20261003,20271003", ["2025-10-03", "2028-10-03"]),
        ("20251231|DTEND;VALUE=DATE:20260102|RRULE:FREQ=YEARLY;COUNT=1", ["2025-12-31", "2026-01-01"]),
    ],
)  # fmt: skip
def test_a_rule_of_every_year_is_spread(rule: str, found: list[str]) -> None:
    assert days(f"DTSTART;VALUE=DATE:{rule}") == found


def test_appointments_and_what_is_cancelled_are_no_days_off() -> None:
    assert read_days(calendar("DTSTART:20261003T090000Z|DTEND:20261003T170000Z"), FIRST, LAST).days == frozenset()
    assert read_days(calendar("DTSTART;VALUE=DATE:20261003|STATUS:CANCELLED"), FIRST, LAST).days == frozenset()


@pytest.mark.parametrize(
    "odd",
    [
        "SUMMARY:no start",
        "DTSTART;VALUE=DATE:20261399",
        "DTSTART;VALUE=DATE:20260101|DTEND;VALUE=DATE:20261231",
        "DTSTART;VALUE=DATE:20260101|RRULE:FREQ=SECONDLY",
        "DTSTART;VALUE=DATE:20260101|RRULE:FREQ=DAILY",
        "DTSTART;VALUE=DATE:20260101|RRULE:FREQ=YEARLY;BYSECOND=1,2,3",
        "DTSTART;VALUE=DATE:00010101|RRULE:FREQ=YEARLY",
        f"DTSTART;VALUE=DATE:20260101|RRULE:FREQ=YEARLY;BYMONTHDAY={','.join(['1'] * 40)}",
    ],
)
def test_an_event_that_is_none_is_left_out_and_counted_and_the_others_hold(odd: str) -> None:
    read = read_days(calendar(odd, "DTSTART;VALUE=DATE:20261226"), FIRST, LAST)
    assert (read.days, read.skipped) == (frozenset({date(2026, 12, 26)}), 1)


def test_a_rule_that_no_day_fits_is_not_sought_for_ever() -> None:
    never = "DTSTART;VALUE=DATE:19010101|RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"
    assert days(never, "DTSTART;VALUE=DATE:20261226") == ["2026-12-26"]


def test_a_rule_of_every_day_since_long_ago_is_given_up() -> None:
    assert days("DTSTART;VALUE=DATE:19010101|RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU") == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "saw no event"),
        (b"<html>sign in</html>", "no iCalendar"),
        (calendar(), "saw no event"),
        (b"x" * (MOST_BYTES + 1), "more than 512 KiB"),
        (calendar(*["DTSTART;VALUE=DATE:20260101"] * (MOST_EVENTS + 1)), f"wanted {MOST_EVENTS} at most"),
        (calendar(*["DTSTART;VALUE=DATE:20260101|RRULE:FREQ=WEEKLY"] * (MOST_RULES + 1)), "that repeat"),
    ],
)  # fmt: skip
def test_what_is_no_calendar_of_holidays_is_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(NotACalendar, match=said):
        read_days(content, FIRST, LAST)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=80).map(lambda text: calendar(text.replace("|", "")))))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    try:
        read = read_days(content, FIRST, LAST)
    except NotACalendar:
        return
    assert all(FIRST <= day <= LAST for day in read.days)
