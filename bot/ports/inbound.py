"""What a forge's delivery turned out to be, alike for every forge: events to store, nothing to do, or not to be read.

And the lanes: events of one lane are worked on one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.core.events import (
    BaseMoved,
    BranchPushed,
    ChangeTouched,
    CommitTouched,
    Event,
    GroupRequested,
    PersonActive,
    ReviewGiven,
)

SWEEP_LANE = "sweep"
PEOPLE_LANE = "people"
PATHS_LIMIT = 500
"""A push that names more paths than this is treated as one that names none: look at everything."""


class Routed(NamedTuple):
    """An event, the lane it is worked on in, and what makes a second delivery of it the same one."""

    event: Event
    lane: str
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class Ignored:
    reason: str


@dataclass(frozen=True, slots=True)
class Malformed:
    problem: str


def routed(events: Sequence[Event], key: str) -> tuple[Routed, ...]:
    """The events of one delivery in their lanes; `key` names the delivery."""
    keys = [key] if len(events) == 1 else [f"{key}/{n}" for n in range(len(events))]
    return tuple(Routed(event, lane_of(event), one) for event, one in zip(events, keys, strict=True))


def lane_of(event: Event) -> str:
    """Events of one lane are worked on one after another."""
    if isinstance(event, ChangeTouched | ReviewGiven | PersonActive):
        return event.change.key
    if isinstance(event, BaseMoved):
        return event.repo.key
    if isinstance(event, BranchPushed):
        return f"push:{event.repo.key}:{event.branch}"
    if isinstance(event, CommitTouched):
        return f"commit:{event.repo.key}:{event.head_sha}"
    if isinstance(event, GroupRequested):
        return f"group:{event.repo.key}:{event.head_sha}"
    return SWEEP_LANE
