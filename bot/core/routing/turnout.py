"""Who was asked already and who is there now, by the entry that stands for each person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from bot.core.attendance import Assignment, Attendance, Presence
from bot.core.facts import Facts
from bot.core.hours.span import is_open, next_open
from bot.core.ids import PersonId
from bot.core.routing.crowd import Crowd

Seen = Presence | Literal["unknown"]
FIRST_TO_LAST: tuple[Seen, ...] = ("active", "away", "unknown", "out-of-hours", "absent")
"""unknown: others were looked at, and this person was not."""
HANDED = ("delegated", "reassigned")
AS_WELL = ("widened", "fallback")


@dataclass(frozen=True, slots=True)
class Turnout:
    attendance: dict[PersonId, Attendance] = field(default_factory=dict)
    asked: dict[PersonId, Assignment] = field(default_factory=dict)
    """In the order they were asked."""

    def seen(self, person: PersonId) -> Seen:
        """Where nobody was looked at, everybody counts as present."""
        known = self.attendance.get(person)
        return known.presence if known else "unknown" if self.attendance else "active"

    def is_back(self, person: PersonId, now: datetime) -> bool:
        """Whether their own calendar has ended since what kept them away when they were looked at."""
        known = self.attendance.get(person)
        if known is None or not (known.presence == "out-of-hours" or known.calendar.absences):
            return False
        return is_open(known.calendar, now)

    def opens(self, person: PersonId, now: datetime) -> datetime | None:
        """When somebody who is out of hours works next; None where nobody can know."""
        known = self.attendance.get(person)
        if known is None or not (known.presence == "out-of-hours" or known.calendar.absences):
            return None
        return next_open(known.calendar, now)

    def instead(self, person: PersonId) -> PersonId | None:
        known = self.attendance.get(person)
        return known.instead if known else None

    def load(self, person: PersonId) -> float:
        known = self.attendance.get(person)
        return known.load if known else 0.0

    def gone(self, person: PersonId) -> str:
        """Why somebody who was asked is not asked any more; empty where they are, or never were."""
        asked = self.asked.get(person)
        return asked.gone if asked else ""

    @property
    def kept(self) -> tuple[PersonId, ...]:
        """Who stays named: those to whom somebody handed it, then those who were named. In place of whoever is absent meanwhile
        comes the one whom they chose to stand in, if any."""
        named = [who for who, asked in self.asked.items() if asked.how not in AS_WELL and not asked.gone]
        named.sort(key=lambda who: self.asked[who].how not in HANDED)
        staying = [who if self.seen(who) != "absent" else self.instead(who) for who in named]
        return tuple(who for who in dict.fromkeys(staying) if who is not None and self._stays(who))

    @property
    def as_well(self) -> tuple[PersonId, ...]:
        """Who stays asked beside those who are named for a seat."""
        return tuple(who for who, asked in self.asked.items() if asked.how in AS_WELL and self._stays(who))

    def _stays(self, person: PersonId) -> bool:
        return not self.gone(person) and self.seen(person) != "absent"


def turnout_of(facts: Facts, crowd: Crowd) -> Turnout:
    """Of entries that are one person, what is said last of any of them counts."""
    attendance = {
        crowd.one(each.person): replace(each, instead=crowd.one(each.instead) if each.instead else None)
        for each in facts.attendance
    }
    return Turnout(attendance, {crowd.one(each.person): each for each in facts.assignments})


def lasting(asked: Iterable[Assignment]) -> tuple[Assignment, ...]:
    """Who of those asked about an earlier head is asked about the next: those who were named for it or got it from somebody,
    for they know the change, and those who are not asked any more. Whoever was asked because nobody answered is not."""
    return tuple(one for one in asked if one.gone or one.how not in AS_WELL)
