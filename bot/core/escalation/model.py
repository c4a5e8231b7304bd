"""The values of escalation.

A *seat* here is one thing that somebody is waited for: a role of the tier, a section of CODEOWNERS (`section:<name>`), or
`author` where it is the author's turn. Each waits by itself, in the working minutes of the person concerned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.core.approval import Tier
from bot.core.ids import ChangeRef, PersonId, RoleName

AUTHOR = "author"
Deed = Literal["nudge", "widen", "lead", "fallback", "webhook", "expire"]
"""nudge: the one who blocks hears of it again. widen: the backup is asked as well. lead: members of `role` are told. fallback:
members of `role` may fill the seat and are asked. webhook: the endpoint called `role` in the settings is told. expire: the
request ends closed, and nobody is asked any more. No deed ever approves."""


@dataclass(frozen=True, slots=True)
class ChainStep:
    """`after`: working minutes of the one who blocks, since it became their turn. `role`: as the deed says."""

    after: int
    deed: Deed
    role: RoleName | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """A tier's chain and its limits, as the policy had them when the request was made."""

    steps: tuple[ChainStep, ...] = ()
    quiet: int = 120
    """Minutes of the clock without activity on the change before anybody is nudged."""
    snoozes: int = 2
    snooze_most: int = 480
    """Working minutes that one snooze may last."""
    at_night: bool = False
    """Tell people outside their hours as well."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is for one seat, and why in words (`has been asked to review`, `has failing checks to look at`)."""

    seat: str
    person: PersonId
    why: str


@dataclass(frozen=True, slots=True)
class Escalation:
    """One seat that waits, as a row. `epoch` grows with every decision, reassignment, snooze and push: what was made under an
    older one is stale. `next_at` None: no step is left, or the seat does not wait any more (`ended`)."""

    token: str
    """Of the request."""
    seat: str
    change: ChangeRef
    person: PersonId
    tier: Tier
    chain: Chain
    step: int
    epoch: int
    since: datetime
    next_at: datetime | None
    ended: bool = False
    active_at: datetime | None = None
    """When somebody last did something on the change."""
    snoozed_until: datetime | None = None
    snoozes: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return (self.token, self.seat)


ReminderKind = Literal["asked", "nudge", "lead", "fallback", "author", "expired", "fatigue"]
NEWS: tuple[ReminderKind, ...] = ("expired", "fatigue")
"""Kinds that tell what has happened, and wait for nobody's turn."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something a person is to hear of, before it is decided when and where. Stale once its escalation's epoch moved on.

    `dedupe` makes a second one the same: `<token>:<seat>:<epoch>:<step>:<person>`.
    """

    person: PersonId
    kind: ReminderKind
    change: ChangeRef
    token: str
    seat: str
    epoch: int
    tier: Tier
    at: datetime
    dedupe: str
    about: PersonId | None = None
    """The one who blocks, where somebody else is told."""
    words: str = ""
    at_night: bool = False
    id: int = 0
    """The store's, once it is there."""


Delivery = Literal["dm", "mention", "digest"]


@dataclass(frozen=True, slots=True)
class PersonSettings:
    """What a person chose for themselves. None: as the chat says, or the default."""

    person: PersonId
    zone: str | None = None
    start: int | None = None
    end: int | None = None
    days: tuple[int, ...] | None = None
    delivery: Delivery = "dm"
    digest: bool = True
    """A list of what waits, when their day begins."""
    absent_since: datetime | None = None
    absent_until: datetime | None = None
    delegate: PersonId | None = None
    """Who is asked in their stead while they are away."""
