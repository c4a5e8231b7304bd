"""The days off of one iCalendar text. It is another party's: its size, its events and what they spread to are bounded.

Counted are events that last whole days (RFC 5545, section 3.6.1: DTSTART is a DATE; DTEND is the day after the last), once or
every year. An event with a time of day is an appointment, and one that is cancelled is none.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar

Properties = Mapping[str, Any]
"""An event. What stands under a name is of whatever kind the text says, or has none of the attributes that it should."""
MOST_BYTES = 512 * 1024
MOST_EVENTS = 4_000
MOST_RULES = 100
MOST_FOUND = 3_000
"""Days that one rule may spread to before the span that is asked about: a holiday has a few in a year."""
LONGEST = timedelta(days=60)
DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1900, 2300
MOST_OF_A_PART = 31
"""Values of one part of a rule, such as the days of a month."""
CYCLE = 400 * 19
"""Years. The Gregorian calendar repeats after 400, weekdays too. Rules are spread this much later, because a rule that no day
fits is sought until the year 9999: from there it is not far."""
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "WKST"})


class NotACalendar(ValueError):
    """It cannot be read; the message says what was seen and wanted, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Dates, and how many events were left out because they are no such thing as this reads."""

    days: frozenset[date]
    skipped: int = 0


def read_days(content: bytes, first: date, last: date) -> DaysOff:
    """Days off from `first` to `last`. Raises NotACalendar."""
    if len(content) > MOST_BYTES:
        raise NotACalendar(f"saw more than {MOST_BYTES // 1024} KiB; wanted a calendar of holidays")
    days: set[date] = set()
    skipped = rules = 0
    for event in _events(content):
        rules += "RRULE" in event
        if rules > MOST_RULES:
            raise NotACalendar(f"saw more than {MOST_RULES} events that repeat; wanted a calendar of holidays")
        try:
            days.update(_days(event, first, last))
        except Exception:  # one odd event, whatever the libraries make of it, is left out, and the others count
            skipped += 1
    return DaysOff(frozenset(days), skipped)


def _events(content: bytes) -> Sequence[Properties]:
    try:
        found = [event for calendar in Calendar.from_ical(content, multiple=True) for event in calendar.walk("VEVENT")]
    except Exception as error:  # the library raises whatever its parts do
        raise NotACalendar(f"saw what is no iCalendar ({type(error).__name__}); wanted BEGIN:VCALENDAR and events") from None
    if not found:
        raise NotACalendar("saw no event; wanted BEGIN:VCALENDAR and events")
    if len(found) > MOST_EVENTS:
        raise NotACalendar(f"saw {len(found)} events; wanted {MOST_EVENTS} at most")
    return found


def _days(event: Properties, first: date, last: date) -> Iterator[date]:
    """Raises ValueError, or whatever a broken property makes, for what is no event of whole days."""
    start = event["DTSTART"].dt
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or isinstance(start, datetime):
        return
    lasts = _lasts(event, start)
    left_out = _dates(event.get("EXDATE"))
    for begins in _begins(event, start, first - lasts, last):
        if begins in left_out:
            continue
        days = (begins + passed * DAY for passed in range(lasts.days))
        yield from (day for day in days if first <= day <= last)


def _lasts(event: Properties, start: date) -> timedelta:
    said = event["DURATION"].dt if "DURATION" in event else DAY
    lasts = max(DAY, timedelta(days=(event["DTEND"].dt - start if "DTEND" in event else said).days))
    if lasts > LONGEST:
        raise ValueError("longer than any holiday")
    return lasts


def _dates(given: Any) -> set[date]:
    """Of one EXDATE, or of several."""
    lists = given if isinstance(given, list) else [given] if given is not None else []
    return {one.dt for each in lists for one in each.dts if not isinstance(one.dt, datetime)}


def _begins(event: Properties, start: date, first: date, last: date) -> Iterator[date]:
    rule = event.get("RRULE")
    if rule is None:
        yield start
        return
    if not FIRST_YEAR <= start.year <= LAST_YEAR or not _plain(rule):
        raise ValueError("no rule of every year")
    until = min([last, *(_date(one) for one in rule.pop("UNTIL", []))])
    later = datetime(start.year + CYCLE, start.month, start.day)  # noqa: DTZ001 - a date; dateutil knows no others
    for found in itertools.islice(rrulestr(rule.to_ical().decode(), dtstart=later), MOST_FOUND):
        day = date(found.year - CYCLE, found.month, found.day)
        if day > until:
            return
        if day >= first:
            yield day


def _plain(rule: dict[str, list[object]]) -> bool:
    """Whether it says days of every so many years and no more; any other costs more than holidays are worth."""
    yearly = [str(one).upper() for one in rule.get("FREQ", [])] == ["YEARLY"]
    return yearly and set(rule) <= _PARTS and all(len(values) <= MOST_OF_A_PART for values in rule.values())


def _date(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise ValueError("no date")
