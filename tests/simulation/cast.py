"""Who takes part: authors who open changes, and reviewers in nine zones, each with hours, holidays, leave and a temper."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.hours.calendar import Absence, Calendar, Hours

ZONES = (
    "America/Los_Angeles", "America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Africa/Lagos",
    "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney",
)  # fmt: skip
HOLIDAYS = {
    "America/Sao_Paulo": (date(2026, 3, 9),),
    "Europe/Berlin": (date(2026, 3, 9),),
    "Asia/Kolkata": (date(2026, 3, 4), date(2026, 3, 20)),
    "Asia/Tokyo": (date(2026, 3, 20),),
    "Australia/Sydney": (date(2026, 3, 9),),
    "Africa/Lagos": (date(2026, 3, 20),),
}
"""Days in the simulated month on which these places rest, in the calendar that the gate is given."""
AUTHORS = tuple(f"author{number}" for number in range(1, 7))


@dataclass(frozen=True, slots=True)
class Reviewer:
    """`answers`: how likely they act each time they are told. `minutes`: working minutes until they do, on average."""

    name: str
    calendar: Calendar
    security: bool
    answers: float
    minutes: float
    leave: tuple[date, date] | None = None

    @property
    def zone(self) -> str:
        return self.calendar.hours.zone


@dataclass(frozen=True, slots=True)
class People:
    reviewers: tuple[Reviewer, ...]
    authors: tuple[str, ...] = AUTHORS
    by_name: dict[str, Reviewer] = field(default_factory=dict)


def people(count: int, first_day: date, days: int, chance: random.Random) -> People:
    """So many reviewers: a fifth are Security, a quarter go on leave, one in ten never answers anything."""
    made = []
    for number in range(1, count + 1):
        zone = ZONES[number % len(ZONES)]
        leave = _leave(first_day, days, chance) if chance.random() < 0.25 else None
        hours = Hours(zone, *chance.choice(((540, 1050), (480, 990), (600, 1110))))
        made.append(
            Reviewer(
                f"rev{number:02d}",
                Calendar(hours, frozenset(HOLIDAYS.get(zone, ())), _absences(leave, zone)),
                number % 5 == 0,
                0.0 if number % 10 == 7 else chance.uniform(0.55, 0.9),
                chance.uniform(15, 150),
                leave,
            )
        )
    return People(tuple(made), by_name={one.name: one for one in made})


def _leave(first_day: date, days: int, chance: random.Random) -> tuple[date, date]:
    """From one day until another, on which they are back."""
    begins = first_day + timedelta(days=chance.randrange(1, max(2, days - 4)))
    return begins, begins + timedelta(days=chance.randrange(2, 9))


def _absences(leave: tuple[date, date] | None, zone: str) -> tuple[Absence, ...]:
    if leave is None:
        return ()
    since, until = (datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) for day in leave)
    return (Absence(since, until, "is on leave"),)


def calendar_text(days: Sequence[date]) -> str:
    """These days as an iCalendar file (RFC 5545)."""
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{day.isoformat()}@simulation\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}\r\nSUMMARY:Rest\r\nEND:VEVENT\r\n"
        for day in days
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//llmgate//simulation//EN\r\n{events}END:VCALENDAR\r\n"
