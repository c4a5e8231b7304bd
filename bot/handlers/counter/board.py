"""Everything that waits for somebody, from the store alone, and one person's part of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from bot.core.escalation.model import Escalation
from bot.core.facts import Facts
from bot.core.ids import Person
from bot.core.leads import leads_of
from bot.core.messages.queue import Done, Item, Queue, queue_of
from bot.handlers.counter.opened import standing_of
from bot.handlers.kit import Kit
from bot.ports.escalation import Turning
from bot.ports.store import Unit

MOST_TURNS = 2_000
LATELY = timedelta(days=7)
MOST_DONE = 5


def read_items(kit: Kit) -> tuple[Item, ...]:
    """Open changes that wait or are blocked, each with the seats that wait for somebody."""
    with kit.store.look() as unit:
        turns: dict[str, list[Escalation]] = defaultdict(list)
        for turn in unit.waiting_since(MOST_TURNS):
            turns[turn.token].append(turn)
        records = [(record, unit.request_of(record.ref)) for record in unit.open_changes() if record.request and record.verdict]
    standings = [standing_of(kit, record, request) for record, request in records]
    waiting = [one for one in standings if one.verdict.state in ("waiting", "blocked")]
    return tuple(Item(one, tuple(turns[one.token]) if one.token else ()) for one in waiting)


def queue_for(kit: Kit, person: Person | None, items: tuple[Item, ...] | None = None) -> Queue:
    """What waits, as this person sees it, with what they decided of late."""
    found = read_items(kit) if items is None else items
    return queue_of(person, found, kit.clock.now(), _decided(kit, person) if person else ())


def led_by(items: tuple[Item, ...], person: Person) -> tuple[Item, ...]:
    """Those of the changes where this person leads, by the policy of each."""
    return tuple(item for item in items if person.id in leads_of(item.standing.facts, item.standing.verdict.tier))


def _decided(kit: Kit, person: Person) -> list[Done]:
    """Newest first. How long it took them is nobody's business here."""
    with kit.store.look() as unit:
        turnings = unit.turnings(kit.clock.now() - LATELY, ("decided",), person.id)
        newest = sorted(turnings, key=lambda one: one.at, reverse=True)[:MOST_DONE]
        return [_done(kit, unit, one) for one in newest]


def _done(kit: Kit, unit: Unit, one: Turning) -> Done:
    record = unit.change(one.change)
    words = one.words.partition(" after ")[0] or "decided"
    if record is None or not record.facts:
        return Done(one.change, one.at, words)
    change = kit.codec.load(Facts, record.facts).change
    return Done(one.change, one.at, words, change.url, change.title)
