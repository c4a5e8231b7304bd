"""Who waits on whom, for those who lead: an answer in private, and a page that opens once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.hours.span import minutes_between
from bot.core.ids import ChatUser, Person
from bot.core.messages.answers import render_refusal
from bot.core.messages.queue import Item
from bot.core.messages.team import Wait, render_team, wait_of
from bot.core.notice import Notice
from bot.handlers.counter.board import led_by, read_items
from bot.handlers.escalation.calendars import calendars_of
from bot.handlers.identity.visits import AGAIN, Closed, begin_visit
from bot.handlers.kit import Kit
from bot.ports.identity import Visit

NOT_LEADING = (
    "Only those who lead see who waits on whom: no open change is under a policy whose role `leads` has you in it.",
    "`/llmgate queue` shows what waits for you; ask an admin to name you in `roles.leads` of the policy.",
)


@dataclass(frozen=True, slots=True)
class TeamView:
    """The page's content at an instant; `zone` is that of whoever looks."""

    waits: tuple[Wait, ...]
    at: datetime
    zone: str


def team_waits(kit: Kit, person: Person, items: tuple[Item, ...] | None = None) -> tuple[Wait, ...] | None:
    """Every turn where this person leads, the oldest first, aged in the working time of who is waited for. None: they lead
    nowhere."""
    led = led_by(read_items(kit) if items is None else items, person)
    if not led:
        return None
    turns = sorted(((turn.since, item, turn) for item in led for turn in item.turns if not turn.ended), key=lambda one: one[0])
    with kit.store.look() as unit:
        calendars = calendars_of(kit, unit, {turn.person for _, _, turn in turns})
    now = kit.clock.now()
    return tuple(wait_of(item, turn, minutes_between(calendars[turn.person], turn.since, now)) for _, item, turn in turns)


def answer_team(kit: Kit, user: ChatUser, person: Person | None) -> Notice:
    """The answer to `/llmgate queue team`."""
    waits = team_waits(kit, person) if person else None
    if person is None or waits is None:
        return render_refusal(*NOT_LEADING)
    return render_team(waits, _begin_page(kit, user, person) if waits else "", kit.clock.now())


def _begin_page(kit: Kit, user: ChatUser, person: Person) -> str:
    """The address of the page, for this person alone; empty where the gate has no pages."""
    if not kit.settled.public_url:
        return ""
    with kit.store.begin() as unit:
        url = begin_visit(kit, unit, Visit("", "team", user, person.id, kit.clock.now()))  # its end is set there
        unit.commit()
    return url


def open_team_page(kit: Kit, visit: Visit) -> TeamView | Closed:
    """What the page shows, once: whether they lead is looked up again, and then the link is used up."""
    person = next((one for one in kit.people.people() if one.id == visit.person and one.chat == visit.chat), None)
    waits = team_waits(kit, person) if person else None
    if person is None or waits is None:
        return Closed(*NOT_LEADING)
    now = kit.clock.now()
    with kit.store.begin() as unit:
        if not unit.use_visit(visit.token_sha256, now):
            return Closed("This link was used already: it works once.", AGAIN["team"])
        zone = calendars_of(kit, unit, {person.id})[person.id].hours.zone
        unit.commit()
    return TeamView(waits, now, zone)
