"""The tick `digests`: what waits for a person, when their working day begins, with what else they hear of then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.core.actions import Remind
from bot.core.escalation.bundles import QUARTER, next_day
from bot.core.escalation.model import PersonSettings
from bot.core.hours.calendar import Calendar
from bot.core.hours.span import is_open
from bot.core.ids import PersonId
from bot.handlers.escalation.notifying import chats_of, readers_of
from bot.handlers.kit import Kit
from bot.ports.store import Unit

AT_ONCE = 100


def send_digests(kit: Kit) -> int:
    """Queue a digest for everybody whose day has begun. Whether anything is in it is found when it is delivered."""
    now, queued = kit.clock.now(), 0
    with kit.store.begin() as unit:
        people = unit.due_digests(now, AT_ONCE)
        if not people:
            return 0
        chats, planned = chats_of(kit), unit.planned_digests(people)
        due = _due(unit, people, now)
        readers = readers_of(kit, unit, people)
        for person in people:
            wanted, calendar = wants_digest(readers[person].settings), readers[person].calendar
            here = is_open(calendar, now)  # the gate was down when their day began, or it turned out to be a holiday
            following = next_day(calendar, now) if wanted else None
            last = readers[person].last_told
            if wanted and here and last is not None and now < last + QUARTER:  # it was late, and something urgent was not
                unit.plan_digest(person, last + QUARTER, planned.get(person))
                continue
            reached = person in chats or kit.notifier is not None
            if not unit.plan_digest(person, following, planned.get(person)) or not (wanted and reached and here):
                continue
            ids = due.get(person, ())
            unit.mark_reminders(ids, "sent", now)
            unit.add_action(f"person:{person}", Remind(chats.get(person), person, tuple(ids), now, digest=True), now)
            unit.digest_told(person, now)
            queued += 1
        unit.commit()
    return queued


def wants_digest(settings: PersonSettings) -> bool:
    return settings.digest or settings.delivery == "digest"


def begin_digests(unit: Unit, calendars: Mapping[PersonId, Calendar], now: datetime) -> None:
    """For whoever is asked: a digest comes from their next working day on, unless one is planned already."""
    for person, calendar in calendars.items():
        unit.plan_digest(person, next_day(calendar, now), None)


def _due(unit: Unit, people: tuple[PersonId, ...], now: datetime) -> Mapping[PersonId, tuple[int, ...]]:
    """Reminders that come due with the digest go along with it."""
    found: dict[PersonId, tuple[int, ...]] = {}
    for one in unit.due_reminders(now, AT_ONCE):
        if one.person in people and one.at <= now:
            found[one.person] = (*found.get(one.person, ()), one.id)
    return found
