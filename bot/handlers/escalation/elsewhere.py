"""The tick `fallback`: what the chat has not taken for so long, or never will, goes to people in a letter.

Whatever goes in a letter is taken out of the chat's queue in the same transaction: when the chat answers again, it is not said
there once more. Cards and asks stay, since they show how things are. Nobody gets more than one letter in a quarter of an hour:
with the first thing that waited too long goes all else that waits for the same person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.core.actions import Remind, Write
from bot.core.escalation.bundles import QUARTER
from bot.core.escalation.model import AUTHOR, Reminder
from bot.core.ids import ChangeRef, ChatUser, Person, PersonId
from bot.core.messages.letter import render_letter, why_words
from bot.core.notice import Link, Text, text
from bot.handlers.escalation.telling import notice_of
from bot.handlers.kit import Kit
from bot.ports.errors import Refused
from bot.ports.notifier import Recipient
from bot.ports.store import Unit

log = structlog.get_logger()
AT_ONCE = 500
EVERYBODY = 100_000
MOMENT = timedelta(seconds=1)
LATELY = timedelta(hours=1)


@dataclass(slots=True)
class Parcel:
    """What one person is to be written."""

    user: ChatUser | None
    reminders: dict[int, None] = field(default_factory=dict)
    digest: bool = False


def fall_back(kit: Kit) -> int:
    """Queue a letter for everybody whom the chat has not reached for so long, and never will by itself. Returns how many."""
    if kit.notifier is None:
        return 0
    now, reached = kit.clock.now(), reached_by_letter(kit)
    with kit.store.begin() as unit:
        parcels: dict[PersonId, Parcel] = {}
        _pack(parcels, _stuck(kit, unit, reached, now))
        _ask(unit, parcels, _unsaid(kit, unit, reached, now), now)
        _pack(parcels, unit.withdraw_reminds(now + MOMENT, AT_ONCE, set(parcels)) if parcels else ())
        queued = 0
        for person, parcel in parcels.items():
            queued += _queue(kit, unit, person, parcel) if person in reached else _forget(unit, person, parcel, now)
        unit.commit()
    return queued


def reached_by_letter(kit: Kit) -> Mapping[PersonId, Person]:
    """Everybody who can be written to."""
    if kit.notifier is None:
        return {}
    people = kit.people.people()
    if not kit.notifier.by_address:
        return {one.id: one for one in people}
    listed = kit.people.addresses()
    return {one.id: one for one in people if _address(kit, listed, one)}


def _address(kit: Kit, listed: Mapping[PersonId, str], person: Person) -> str:
    """The admin's word, or what the chat told while it answered."""
    told = kit.chat.known_address(person.chat) if kit.chat is not None and person.chat is not None else ""
    return listed.get(person.id) or told


def write(kit: Kit, action: Write, key: str) -> None:
    """What of it still holds, in a letter; nothing where nothing does. Raises WorldError as the notifier does."""
    notice = notice_of(kit, action.remind, elsewhere=True)
    if notice is None:
        return
    if kit.notifier is None:
        raise Refused("saw a letter to send; wanted a way to send it: set notify.smtp_url or notify.apprise_url_file")
    who = action.remind.person
    person = next((one for one in kit.people.people() if one.id == who), Person(who, str(who)))
    letter = render_letter(replace(notice, footnote=_footnote(kit)), why_words(action.because, kit.notifier.by_address))
    kit.notifier.send(Recipient(person.name, _address(kit, kit.people.addresses(), person)), letter, key)


def write_instead(kit: Kit, remind: Remind) -> None:
    """The chat refuses to tell this person: they are written to at once, where that is possible."""
    if remind.person not in reached_by_letter(kit):
        return
    with kit.store.begin() as unit:
        unit.mark_reminders(remind.reminders, "elsewhere", kit.clock.now())
        unit.add_action(f"person:{remind.person}", Write(remind, "refused"), kit.clock.now())
        unit.commit()


def _footnote(kit: Kit) -> Text:
    url = kit.settled.public_url
    return text("Nobody reads answers to this letter. ", *([Link(url, "The gate’s own pages")] if url else []))


def _stuck(kit: Kit, unit: Unit, reached: Mapping[PersonId, Person], now: datetime) -> Iterable[tuple[int, Remind]]:
    """What the chat did not take for so long; at once where it never will."""
    if kit.chat is None:
        return unit.withdraw_reminds(now + MOMENT, AT_ONCE)
    strangers = {one.id for one in kit.people.people() if one.chat is None}
    never = unit.withdraw_reminds(now + MOMENT, AT_ONCE, strangers) if strangers else ()
    known = reached.keys() - strangers
    return (*never, *(unit.withdraw_reminds(now - kit.settled.elsewhere_after, AT_ONCE, known) if known else ()))


def _pack(parcels: dict[PersonId, Parcel], taken: Iterable[tuple[int, Remind]]) -> None:
    for _, remind in taken:
        parcel = parcels.setdefault(remind.person, Parcel(remind.user))
        parcel.reminders.update(dict.fromkeys(remind.reminders))
        parcel.digest = parcel.digest or remind.digest


def _unsaid(kit: Kit, unit: Unit, reached: Collection[PersonId], now: datetime) -> Mapping[str, Reminder]:
    """Of everybody who was asked and cannot have seen it in the chat, what they are to be told, by its `dedupe`."""
    asks = _asks_in_chat(unit, now - kit.settled.elsewhere_after) if kit.chat is not None else _asks_of_turns(unit, now)
    found = (_asking(unit, ask, now) for ask in asks if ask.person in reached)
    return {one.dedupe: one for one in found if one is not None}


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody who is asked about a head."""

    change: ChangeRef
    head_sha: str
    person: PersonId


def _asks_in_chat(unit: Unit, before: datetime) -> Iterator[Ask]:
    """Those that the chat has not shown for so long."""
    after = 0
    while asks := unit.unsaid_asks(before, AT_ONCE, after):
        after = asks[-1][0]
        yield from (Ask(ask.change, ask.head_sha, PersonId(ask.person)) for _, ask in asks)


def _asks_of_turns(unit: Unit, now: datetime) -> Iterator[Ask]:
    """Without a chat there are none: everybody of a turn that began lately. Of an older one they know."""
    fresh = [row for row in unit.waiting_since(EVERYBODY) if row.seat != AUTHOR and now - row.since < LATELY]
    for ref in dict.fromkeys(row.change for row in fresh):
        request = unit.request_of(ref)
        if request is not None:
            yield from (Ask(ref, request.head_sha, one.person) for one in unit.assignments(request.token))


def _asking(unit: Unit, ask: Ask, now: datetime) -> Reminder | None:
    """None where they are not asked any more. It goes stale with the turn that they were asked for."""
    request, person = unit.request_of(ask.change), ask.person
    if request is None or request.state != "open" or request.head_sha != ask.head_sha:
        return None
    if not any(one.person == person and not one.gone for one in unit.assignments(request.token)):
        return None
    rows = [row for row in unit.escalations(request.token) if not row.ended and row.seat != AUTHOR]
    row = next((row for row in rows if row.person == person), rows[0] if rows else None)
    if row is None:
        return None
    dedupe = f"{request.token}:asked:{person}"
    return Reminder(person, "asked", ask.change, request.token, row.seat, row.epoch, row.tier, now, dedupe)


def _ask(unit: Unit, parcels: dict[PersonId, Parcel], asked: Mapping[str, Reminder], now: datetime) -> None:
    """Once for each request; later where they were written to a moment ago."""
    told = unit.last_told({one.person for one in asked.values()}) if asked else {}
    due = [one for one in asked.values() if one.person in parcels or now - told.get(one.person, now - QUARTER) >= QUARTER]
    if not unit.add_reminders(due):
        return
    for one in unit.due_reminders(now, EVERYBODY):
        if one.dedupe in asked:
            parcels.setdefault(one.person, Parcel(None)).reminders[one.id] = None


def _queue(kit: Kit, unit: Unit, person: PersonId, parcel: Parcel) -> int:
    now = kit.clock.now()
    unit.mark_reminders(parcel.reminders, "elsewhere", now)
    known = any(one.id == person and one.chat is not None for one in kit.people.people())
    remind = Remind(parcel.user, person, tuple(sorted(parcel.reminders)), now, parcel.digest)
    letter = Write(remind, "no-chat" if kit.chat is None else "down" if known else "no-account")
    return int(unit.add_action(f"person:{person}", letter, now))


def _forget(unit: Unit, person: PersonId, parcel: Parcel, now: datetime) -> int:
    log.warning("somebody cannot be told: neither a chat account nor an address is known of them", person=person)
    unit.mark_reminders(parcel.reminders, "stale", now)
    return 0
