"""When somebody is told: at once, together with what else there is, when their day begins, or with their digest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.escalation.model import PersonSettings, Reminder
from bot.core.hours.calendar import Calendar
from bot.core.hours.span import is_open, next_open, opens_on_next_day

QUARTER = timedelta(minutes=15)
"""So far apart are two messages to one person, below the top tier."""
AGAIN = timedelta(days=1)
TOP = "high"


@dataclass(frozen=True, slots=True)
class Plan:
    """Every reminder that is due is in one of these: those to send now, as one message, and those to look at again later."""

    now: tuple[int, ...] = ()
    later: tuple[tuple[tuple[int, ...], datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """One person, as far as it decides when they are told. `last_told`: when they last got a message of reminders."""

    settings: PersonSettings
    calendar: Calendar
    last_told: datetime | None = None


def when(reminders: Iterable[Reminder], reader: Reader, now: datetime) -> Plan:
    """All waiting reminders of one person, due or not, sorted into what goes now and what goes later.

    What was put off goes along with what is sent anyway, but not into the night, nor out of a digest.
    """
    waiting = list(reminders)
    until = {one.id: _until(one, reader, now) for one in waiting}
    due = [one for one in waiting if one.at <= now]
    soonest = reader.last_told + QUARTER if reader.last_told else now
    sending = any(until[one.id] is None and (one.tier == TOP or soonest <= now) for one in due)
    sent = tuple(one.id for one in waiting if sending and until[one.id] is None)
    later: dict[datetime, list[int]] = {}
    for one in due:
        if one.id not in sent:
            later.setdefault(until[one.id] or soonest, []).append(one.id)
    return Plan(sent, tuple((tuple(ids), at) for at, ids in sorted(later.items())))


def _until(reminder: Reminder, reader: Reader, now: datetime) -> datetime | None:
    """Until when it must wait, whatever else is sent; None where it may go now."""
    if reminder.tier != TOP and reader.settings.delivery == "digest":
        return next_day(reader.calendar, now)
    if reminder.at_night or is_open(reader.calendar, now):
        return None
    return _opening(reader.calendar, now)


def next_day(calendar: Calendar, now: datetime) -> datetime:
    """When this person's next working day begins, today's if it has not begun yet."""
    if not is_open(calendar, now):
        return _opening(calendar, now)
    return opens_on_next_day(calendar, now) or now + AGAIN


def _opening(calendar: Calendar, now: datetime) -> datetime:
    """Somebody who is away for good is looked at again: they may come back, or it is theirs no more and goes stale."""
    return next_open(calendar, now) or now + AGAIN
