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
DIGEST_TAKES = timedelta(minutes=10)
"""What no digest took along by then goes by itself: there may be none for somebody who is never asked."""
TOP = "high"


@dataclass(frozen=True, slots=True)
class Plan:
    """Those to send now, as one message, and those to look at again later. What is due and in neither is for the digest whose
    time has just come, and is left to it."""

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
    waiting = [one for one in reminders if not _left_to_digest(one, reader, now)]
    until = {one.id: _until(one, reader, now) for one in waiting}
    due = [one for one in waiting if one.at <= now]
    soonest = _soonest(reader, now)
    sending = any(until[one.id] is None and (one.tier == TOP or soonest <= now) for one in due)
    sent = tuple(one.id for one in waiting if sending and until[one.id] is None)
    later: dict[datetime, list[int]] = {}
    for one in due:
        if one.id not in sent:
            later.setdefault(until[one.id] or soonest, []).append(one.id)
    return Plan(sent, tuple((tuple(ids), at) for at, ids in sorted(later.items())))


def _until(reminder: Reminder, reader: Reader, now: datetime) -> datetime | None:
    """Until when it must wait, whatever else is sent; None where it may go now."""
    if _for_digest(reminder, reader) and not _was_put_off(reminder, reader.calendar):
        return next_day(reader.calendar, now)
    if reminder.at_night or is_open(reader.calendar, now):
        return None
    return _opening(reader.calendar, now)


def _soonest(reader: Reader, now: datetime) -> datetime:
    """When the next message below the top tier may come."""
    return reader.last_told + QUARTER if reader.last_told else now


def _for_digest(reminder: Reminder, reader: Reader) -> bool:
    return reminder.tier != TOP and reader.settings.delivery == "digest"


def _left_to_digest(reminder: Reminder, reader: Reader, now: datetime) -> bool:
    if now < reminder.at or not (_for_digest(reminder, reader) and _was_put_off(reminder, reader.calendar)):
        return False
    return now - reminder.at < DIGEST_TAKES or now < _soonest(reader, now)


def _was_put_off(reminder: Reminder, calendar: Calendar) -> bool:
    """Whether its time is the very beginning of a working day: that is what a digest waits for."""
    before = reminder.at - timedelta(minutes=1)
    return not is_open(calendar, before) and next_open(calendar, before) == reminder.at


def next_day(calendar: Calendar, now: datetime) -> datetime:
    """When this person's next working day begins, today's if it has not begun yet."""
    if not is_open(calendar, now):
        return _opening(calendar, now)
    return opens_on_next_day(calendar, now) or now + AGAIN


def _opening(calendar: Calendar, now: datetime) -> datetime:
    """Somebody who is away for good is looked at again: they may come back, or it is theirs no more and goes stale."""
    return next_open(calendar, now) or now + AGAIN
