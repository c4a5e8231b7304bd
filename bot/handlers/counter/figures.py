"""What `/llmgate metrics` answers: from what happened in the last thirty days, and from what waits now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.approval import TIERS, Tier
from bot.core.figures import Figures, FirstAction, Oldest, first_by_tier, open_by_tier, quick_ones
from bot.core.hours.span import minutes_between, zone_of
from bot.core.ids import Person
from bot.core.messages.fatigue import is_approval
from bot.core.messages.figures import render_figures
from bot.core.messages.queue import Item
from bot.core.messages.words import person_words
from bot.core.notice import Notice
from bot.handlers.counter.board import read_items
from bot.handlers.escalation.calendars import calendars_of
from bot.handlers.kit import Kit
from bot.ports.escalation import Turning
from bot.ports.store import Unit

DAYS = 30
ACTIONS = ("opened", "decided", "snoozed", "delegated", "not-mine")
"""What counts as doing something about a request."""
MOST_REQUESTS = 400
"""The newest so many are measured: an answer is given within three seconds."""


def answer_metrics(kit: Kit, person: Person | None) -> Notice:
    """The figures of everybody, and those of `person` where they are known. Raises WorldError without the store."""
    """The figures of the last 30 days, with those of whoever asks; a stranger sees no figures of their own."""
    now = kit.clock.now()
    items = read_items(kit)
    with kit.store.look() as unit:
        turnings = unit.turnings(now - timedelta(days=DAYS), ACTIONS)
        first = _first_actions(kit, unit, turnings)
        oldest = _oldest(kit, unit, items, now)
        today = _day_begins(kit, unit, person, now) if person else now
    own = [one for one in turnings if person and one.person == person.id]
    opened = [(one.token, one.at) for one in own if one.kind == "opened"]
    decided = [(one.token, one.at) for one in own if one.kind == "decided"]
    approved = [(one.token, one.at) for one in own if one.kind == "decided" and is_approval(one.words)]
    figures = Figures(
        days=DAYS,
        first=first_by_tier(first),
        open=open_by_tier(item.standing.verdict.tier for item in items),
        oldest=oldest,
        decided_today=sum(at >= today for _, at in decided),
        quick=quick_ones(opened, approved),
        decided=len(decided),
    )
    return render_figures(figures)


def _first_actions(kit: Kit, unit: Unit, turnings: Sequence[Turning]) -> list[FirstAction]:
    """For each request the time from its making to the first time somebody did something about it."""
    first: dict[str, Turning] = {}
    for one in turnings:
        if one.person is not None:
            first.setdefault(one.token, one)
    newest = sorted(first.values(), key=lambda one: one.at, reverse=True)[:MOST_REQUESTS]
    calendars = calendars_of(kit, unit, {one.person for one in newest if one.person})
    found = []
    for one in newest:
        request = unit.request(one.token)
        tier = _tier(request.tier) if request else None
        if request is None or tier is None or one.person is None:
            continue
        found.append(FirstAction(tier, minutes_between(calendars[one.person], request.created_at, one.at)))
    return found


def _tier(name: str) -> Tier | None:
    return next((tier for tier in TIERS if tier == name), None)


def _oldest(kit: Kit, unit: Unit, items: Sequence[Item], now: datetime) -> Oldest | None:
    turns = [(turn.since, item, turn) for item in items for turn in item.turns if not turn.ended]
    if not turns:
        return None
    _, item, turn = min(turns, key=lambda one: one[0])
    calendar = calendars_of(kit, unit, {turn.person})[turn.person]
    facts = item.standing.facts
    who = person_words(facts.directory, turn.person)
    return Oldest(item.ref, facts.change.url, who, minutes_between(calendar, turn.since, now))


def _day_begins(kit: Kit, unit: Unit, person: Person, now: datetime) -> datetime:
    """Midnight where they are."""
    zone = zone_of(calendars_of(kit, unit, {person.id})[person.id].hours.zone)
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
