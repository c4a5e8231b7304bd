"""What the month showed: counted from what people saw in the chat and from the store's own history, against the aims."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from bot.core.approval import TIERS, Tier
from bot.core.hours.span import is_open, minutes_between
from bot.ports.escalation import Turning
from integrations.sandbox.github.limits import PER_HOUR
from tests.simulation.behaviour import Behaviour, Story, Told
from tests.simulation.month import START, Month

LATE = timedelta(minutes=10)
"""A step that is overdue by more than this at the end is lost."""
NEAR = timedelta(minutes=30)
"""The same step of the same seat twice within this is one done twice: no two steps of a chain lie so close."""
STEPS = ("step", "widened", "expired")


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    seen: str
    aim: str = ""
    met: bool = True


def rows(month: Month, behaviour: Behaviour) -> list[Row]:
    """The table."""
    with month.world.gate.kit.store.look() as unit:
        history = unit.turnings(START)
        overdue = unit.overdue(month.now - LATE)
    stories = list(behaviour.stories.values())
    direct = [told for told in behaviour.told if told.direct and told.name in month.people.by_name]
    return [
        *_requests(stories),
        *_nudges(history, stories),
        *_messages(month, direct),
        *_steps(history, direct, len(overdue)),
        *_first_actions(month, behaviour, stories),
        Row("calls to the forge in the busiest hour", str(month.busiest), f"{PER_HOUR:,}", month.busiest <= PER_HOUR),
        Row("replicas killed", str(month.kills)),
    ]


def _requests(stories: Sequence[Story]) -> list[Row]:
    answered = [story for story in stories if story.acted_at is not None]
    green = [story for story in stories if story.green_at is not None]
    share = f" ({len(answered) / max(1, len(stories)):.0%})"
    return [
        Row("changes opened", str(len(stories))),
        Row("requests that somebody answered", f"{len(answered)}{share}"),
        Row("changes that became green", str(len(green))),
    ]


def _nudges(history: Sequence[Turning], stories: Sequence[Story]) -> list[Row]:
    steps = Counter(one.words for one in history if one.kind in STEPS)
    told = ", ".join(f"{count} {name}" for name, count in steps.most_common())
    return [Row("steps of chains", told or "none"), Row("nudges a request", f"{steps['nudge'] / max(1, len(stories)):.2f}")]


def _messages(month: Month, direct: Sequence[Told]) -> list[Row]:
    days: Counter[tuple[str, str]] = Counter()
    quick = outside = 0
    last: dict[str, Told] = {}
    for told in direct:
        reviewer = month.people.by_name[told.name]
        days[told.name, told.at.date().isoformat()] += 1
        urgent = _urgent(told)
        outside += not urgent and not is_open(reviewer.calendar, told.at)
        before = last.get(told.name)
        quick += bool(before and not urgent and not _urgent(before) and told.at - before.at < timedelta(minutes=15))
        last[told.name] = told
    most = max(days.values(), default=0)
    people_days = max(1, len(month.people.reviewers) * month.scale.days * 5 // 7)
    return [
        Row("direct messages", str(len(direct))),
        Row("direct messages a person and working day", f"{len(direct) / people_days:.2f}, at most {most}"),
        Row("direct messages within a quarter hour of another", str(quick), "0 below the top tier", quick == 0),
        Row("direct messages outside hours", str(outside), "0 below the top tier", outside == 0),
    ]


def _urgent(told: Told) -> bool:
    """Whether it is of the top tier, by its own words."""
    return "high" in f"{told.message.text} {told.message.blocks}".lower()


def _steps(history: Sequence[Turning], direct: Sequence[Told], overdue: int) -> list[Row]:
    done = sorted(
        (one for one in history if one.kind in STEPS), key=lambda one: (one.token, one.seat, one.kind, one.words, one.at)
    )
    doubled = sum(_same(before, one) and one.at - before.at < NEAR for before, one in pairwise(done))
    texts = sorted((told for told in direct), key=lambda told: (told.name, told.message.text, told.at))
    twice = sum((a.name, a.message.text) == (b.name, b.message.text) and b.at - a.at < NEAR for a, b in pairwise(texts))
    return [
        Row("steps lost", str(overdue), "0", overdue == 0),
        Row("steps doubled", str(doubled), "0", doubled == 0),
        Row("direct messages doubled", str(twice), "0", twice == 0),
    ]


def _same(before: Turning, one: Turning) -> bool:
    return (before.token, before.seat, before.kind, before.words) == (one.token, one.seat, one.kind, one.words)


def _first_actions(month: Month, behaviour: Behaviour, stories: Sequence[Story]) -> Iterator[Row]:
    """In the working minutes of whoever acted, since the change was opened."""
    waited: dict[Tier, list[int]] = defaultdict(list)
    for story in stories:
        if story.deeds and not story.plan.red:
            at, name, _ = story.deeds[0]
            waited[story.plan.tier].append(minutes_between(month.people.by_name[name].calendar, story.opened_at, at))
    for tier in TIERS:
        minutes = sorted(waited[tier])
        if minutes:
            p90 = minutes[min(len(minutes) - 1, len(minutes) * 9 // 10)]
            yield Row(f"working minutes to the first action, {tier}", f"median {statistics.median(minutes):.0f}, p90 {p90}")
