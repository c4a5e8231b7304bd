"""What a span of time is worth in somebody's working minutes. Days are local days, so that a change of clocks changes nothing.

Everything is done a day at a time and looks ahead a bounded number of days: a calendar that never opens has no next opening.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.core.hours.calendar import Absence, Calendar

AHEAD = 400
"""Days that are looked ahead for an opening."""
DAY = timedelta(days=1)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether they work at this instant."""
    return any(begins <= at < ends for begins, ends in _pieces(calendar, at, at))


def minutes_between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Whole working minutes from one instant to another; 0 where the second is not later."""
    if end <= start:
        return 0
    worked = sum((min(ends, end) - max(begins, start) for begins, ends in _pieces(calendar, start, end)), timedelta())
    return int(worked.total_seconds() // 60)


def after(calendar: Calendar, at: datetime, minutes: int) -> datetime | None:
    """The instant at which so many working minutes have passed. None where that is not within the days looked ahead."""
    left = timedelta(minutes=max(0, minutes))
    for begins, ends in _pieces(calendar, at, at + AHEAD * DAY):
        begins = max(begins, at)
        if begins + left <= ends:
            return begins + left
        left -= ends - begins
    return None


def next_open(calendar: Calendar, at: datetime) -> datetime | None:
    """When they work next: now, if they do now."""
    return next((max(begins, at) for begins, _ in _pieces(calendar, at, at + AHEAD * DAY)), None)


def opens_on_next_day(calendar: Calendar, at: datetime) -> datetime | None:
    """When the next working day of another local date than this instant's begins."""
    zone = zone_of(calendar.hours.zone)
    today = at.astimezone(zone).date()
    later = (begins for begins, _ in _pieces(calendar, at, at + AHEAD * DAY) if begins > at)
    return next((begins for begins in later if begins.astimezone(zone).date() > today), None)


@functools.lru_cache(maxsize=1024)
def zone_of(name: str) -> tzinfo:
    """The zone of this name in the IANA database; UTC where it knows none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _pieces(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open pieces that touch this span, in order, without holidays and absences. None is empty."""
    hours = calendar.hours
    if not hours.days or hours.start == hours.end:
        return
    zone = zone_of(hours.zone)
    day = start.astimezone(zone).date() - DAY  # the shift of the night before may still last
    last = end.astimezone(zone).date()
    while day <= last:
        if day.weekday() in hours.days and day not in calendar.holidays:
            for begins, ends in _present(_shift(calendar, day, zone), calendar.absences):
                if ends > start and begins <= end:
                    yield begins, ends
        day += DAY


def _shift(calendar: Calendar, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The hours of one local day. One that ends before it begins ends on the day after. A time that clocks leave out is read
    with the offset before they changed, and of one that comes twice the first counts (RFC 5545, section 3.3.5)."""
    midnight = datetime.combine(day, time())
    start, end = calendar.hours.start, calendar.hours.end
    begins = midnight + timedelta(minutes=start)
    ends = midnight + timedelta(minutes=end if end > start else end + 24 * 60)
    return begins.replace(tzinfo=zone).astimezone(UTC), ends.replace(tzinfo=zone).astimezone(UTC)


def _present(shift: tuple[datetime, datetime], absences: tuple[Absence, ...]) -> list[tuple[datetime, datetime]]:
    """What absences leave of a shift."""
    pieces = [shift] if shift[0] < shift[1] else []  # clocks that go forward can leave nothing of a short one
    for absence in absences:
        cut: list[tuple[datetime, datetime]] = []
        for begins, ends in pieces:
            cut.append((begins, min(ends, absence.since)))
            if absence.until is not None:
                cut.append((max(begins, absence.until), ends))
        pieces = [(begins, ends) for begins, ends in cut if begins < ends]
    return pieces
