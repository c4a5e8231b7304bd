"""The tick `remind`: what people are to hear of becomes one private message each, when they may be told.

The message is made of words only when it is delivered (`bot.handlers.escalation.telling`), of what still holds then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.core.actions import Remind
from bot.core.escalation.bundles import QUARTER, Reader, when
from bot.core.escalation.model import PersonSettings, Reminder
from bot.core.hours.span import next_open
from bot.core.ids import ChatUser, PersonId
from bot.handlers.escalation.calendars import calendars_of
from bot.handlers.kit import Kit
from bot.ports.store import Unit

log = structlog.get_logger()
AT_ONCE = 50
MOST_BATCHES = 50


def remind(kit: Kit) -> int:
    """Queue a message for everybody who is to hear of something now. Returns how many messages."""
    queued = 0
    for _ in range(MOST_BATCHES):
        people, messages = _batch(kit)
        queued += messages
        if people < AT_ONCE:
            break
    return queued


def _batch(kit: Kit) -> tuple[int, int]:
    """Of how many people something was due, and how many are told now."""
    now = kit.clock.now()
    with kit.store.begin() as unit:
        due = _live(unit, unit.due_reminders(now, AT_ONCE), now)
        if not due:
            unit.commit()
            return 0, 0
        chats = chats_of(kit)
        queued = 0
        readers = _after_digests(unit, readers_of(kit, unit, tuple(due)), now)
        for person, reminders in due.items():
            plan = when(reminders, readers[person], now)
            for ids, until in plan.later:
                unit.defer_reminders(ids, until)
            told = [one for one in reminders if one.id in plan.now]
            queued += _tell(kit, unit, Addressee(readers[person].settings, chats.get(person)), told) if told else 0
        unit.commit()
    return len(due), queued


def _live(unit: Unit, due: Iterable[Reminder], now: datetime) -> Mapping[PersonId, list[Reminder]]:
    """By person; what is stale is forgotten, so that nobody counts as told of it."""
    ids = {one.id for one in due}
    live = unit.live_reminders(ids) if ids else ()
    stale = ids - {one.id for one in live}
    if stale:
        unit.mark_reminders(stale, "stale", now)
    found: dict[PersonId, list[Reminder]] = defaultdict(list)
    for one in live:
        found[one.person].append(one)
    return found


def chats_of(kit: Kit) -> Mapping[PersonId, ChatUser]:
    return {person.id: person.chat for person in kit.people.people() if person.chat is not None}


def readers_of(kit: Kit, unit: Unit, people: tuple[PersonId, ...]) -> Mapping[PersonId, Reader]:
    """What decides when each of them is told."""
    settings = {one.person: one for one in unit.settings_of(people)}
    calendars, told = calendars_of(kit, unit, people), unit.last_told(people)
    return {who: Reader(settings.get(who) or PersonSettings(who), calendars[who], told.get(who)) for who in people}


def _after_digests(unit: Unit, readers: Mapping[PersonId, Reader], now: datetime) -> Mapping[PersonId, Reader]:
    """Whoever gets a list when their day begins was told something then: not twice in a quarter of an hour."""
    planned = unit.planned_digests(tuple(readers))
    return {who: _after_digest(one, now) if who in planned else one for who, one in readers.items()}


def _after_digest(reader: Reader, now: datetime) -> Reader:
    began = next_open(reader.calendar, now - QUARTER)
    if began is None or not now - QUARTER < began <= now:
        return reader
    return replace(reader, last_told=max(reader.last_told or began, began))


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody, how they want to be told, and who they are in the chat."""

    settings: PersonSettings
    user: ChatUser | None


def _tell(kit: Kit, unit: Unit, to: Addressee, told: list[Reminder]) -> int:
    """How many messages that makes: one, or a line in the thread of each change where the person wants it so."""
    person, now, ids = to.settings.person, kit.clock.now(), [one.id for one in told]
    if to.user is None and kit.notifier is None:
        log.warning("somebody cannot be told: no chat account is known of them", person=person)
        unit.mark_reminders(ids, "stale", now)
        return 0
    unit.mark_reminders(ids, "sent", now)
    messages = list(_messages(to, told, now))
    for message in messages:
        unit.add_action(f"person:{person}", message, now)
    return len(messages)


def _messages(to: Addressee, told: list[Reminder], now: datetime) -> Iterator[Remind]:
    person = to.settings.person
    if to.settings.delivery != "mention" or to.user is None:
        yield Remind(to.user, person, tuple(one.id for one in told), now)
        return
    by_change: dict[str, list[int]] = defaultdict(list)
    for one in told:
        by_change[one.change.key].append(one.id)
    for ids in by_change.values():
        yield Remind(to.user, person, tuple(ids), now, mention=True)
