"""One person's working time, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

WEEK = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Hours:
    """Daily hours in a zone of the IANA database. `start` and `end` are minutes after local midnight, Monday is day 0."""

    zone: str = "UTC"
    start: int = 9 * 60
    end: int = 17 * 60 + 30
    days: tuple[int, ...] = WEEK


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away from `since` to `until` (None: until they say otherwise). `why` in words that follow a name: `is on
    leave`, `has the chat status “out sick”`."""

    since: datetime
    until: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """All that says when a person works. Holidays are local dates."""

    hours: Hours = Hours()
    holidays: frozenset[date] = frozenset()
    absences: tuple[Absence, ...] = ()
