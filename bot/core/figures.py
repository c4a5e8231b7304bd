"""Figures of how long people wait and how they decide, from what happened. Each comes with how many it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.approval import TIERS, Tier
from bot.core.ids import ChangeRef

QUICK_S = 20
"""An approval sooner than this after the dialogue opened was hardly a review."""


@dataclass(frozen=True, slots=True)
class FirstAction:
    """The first time somebody did something about a request: `minutes` of their own working time after it was made."""

    tier: Tier
    minutes: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Of `count` values. `p90` is the smallest that at least nine in ten do not exceed (nearest rank)."""

    count: int
    median: int
    p90: int


def spread_of(values: Iterable[int]) -> Spread | None:
    """None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2
    return Spread(len(ordered), median, ordered[math.ceil(0.9 * len(ordered)) - 1])


@dataclass(frozen=True, slots=True)
class Oldest:
    """The turn that has waited longest."""

    ref: ChangeRef
    url: str
    who: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Figures:
    """`first`: time to the first action in the last `days`. `open`: how many wait now."""

    days: int
    first: tuple[tuple[Tier, Spread | None], ...]
    open: tuple[tuple[Tier, int], ...]
    oldest: Oldest | None = None
    decided_today: int = 0
    quick: int = 0
    """Approvals of this person under `QUICK_S` in those days."""
    decided: int = 0
    """All decisions of theirs in those days."""


def first_by_tier(actions: Iterable[FirstAction]) -> tuple[tuple[Tier, Spread | None], ...]:
    """Riskiest first."""
    known = list(actions)
    return tuple((tier, spread_of(one.minutes for one in known if one.tier == tier)) for tier in reversed(TIERS))


def open_by_tier(tiers: Iterable[Tier]) -> tuple[tuple[Tier, int], ...]:
    waiting = list(tiers)
    return tuple((tier, waiting.count(tier)) for tier in reversed(TIERS))


def quick_ones(opened: Sequence[tuple[str, datetime]], decided: Sequence[tuple[str, datetime]]) -> int:
    """How many decisions came within `QUICK_S` of the first time that their request was opened: (token, when) of each. One that
    was never opened here (decided on the forge) tells nothing."""
    quick = 0
    for token, at in decided:
        before = [when for of, when in opened if of == token and when <= at]
        if before and (at - min(before)).total_seconds() < QUICK_S:
            quick += 1
    return quick
