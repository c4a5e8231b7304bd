"""Somebody is away: what waits for them is looked at again, and whoever is there is asked instead."""

from __future__ import annotations

from datetime import datetime

from bot.core.events import ChangeTouched, PersonAway
from bot.core.hours.calendar import Calendar
from bot.core.ids import ChangeRef, PersonId
from bot.handlers.kit import Kit
from bot.ports.inbound import PEOPLE_LANE
from bot.ports.store import Unit

MOST_TURNS = 5_000


def plan_leave(unit: Unit, person: PersonId, begins: datetime, now: datetime) -> None:
    """They said from when on: then, or now where it has begun."""
    due = max(begins, now)
    unit.add_job(PersonAway(person), PEOPLE_LANE, f"away:{person}:{begins.isoformat()}", now, due)


def take_leave(kit: Kit, event: PersonAway) -> int:
    """Queue a look at every change that waits for them. Returns how many."""
    now = kit.clock.now()
    with kit.store.begin() as unit:
        refs = dict.fromkeys(row.change for row in unit.waiting_since(MOST_TURNS) if row.person == event.person)
        queued = sum(look_without(unit, ref, event.person, now) for ref in refs)
        unit.commit()
    return queued


def look_without(unit: Unit, ref: ChangeRef, person: PersonId, now: datetime) -> bool:
    """One look a day: it finds nobody else where nobody else is there."""
    touched = ChangeTouched(ref, f"{person} is away")
    return unit.add_job(touched, ref.key, f"away:{person}:{now:%Y-%m-%d}:{ref.key}", now)


def is_absent(calendar: Calendar, now: datetime) -> bool:
    """Whether they are away, as opposed to out of hours."""
    return any(one.since <= now and (one.until is None or now < one.until) for one in calendar.absences)
