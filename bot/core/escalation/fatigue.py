"""Whether somebody decides so much or so fast that a decision of theirs says less than it should."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.policy.model import FatigueRules, FatigueThen

MANY_QUICK = 3
"""So many quick approvals a day are no accident: one may well be a change that its reviewer knew."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How one decision was made. `opened_at`: when its form was first opened, where it was opened in the chat. `evidence`:
    whether the person looked at what tests and scans showed."""

    decided_at: datetime
    approved: bool
    opened_at: datetime | None = None
    evidence: bool = False

    def quicker_than(self, seconds: int) -> bool:
        """Of approvals alone: to see at once that something is wrong is no haste."""
        return self.approved and self.opened_at is not None and self.decided_at - self.opened_at < timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Fatigue:
    """A person's day. `words` follow their name, and `then` says what the policy wants; nothing where nothing is amiss."""

    count: int
    quick: int
    unread: int
    words: str = ""
    then: FatigueThen | None = None


def judge(timings: Iterable[Timing], rules: FatigueRules, now: datetime) -> Fatigue:
    """`timings`: of today, of one person. Those of the future are left out."""
    made = [one for one in timings if one.decided_at <= now]
    approvals = [one for one in made if one.approved]
    quick = sum(one.quicker_than(rules.seconds) for one in made)
    unread = sum(not one.evidence for one in approvals)
    said: list[str] = []
    if len(made) > rules.per_day:
        said.append(f"has made {len(made)} decisions today, more than {rules.per_day}")
    if quick >= MANY_QUICK:
        said.append(f"has approved {quick} changes within {rules.seconds} seconds of opening them")
    if not said:
        return Fatigue(len(made), quick, unread)
    if unread:
        said.append(f"has approved {unread} of {len(approvals)} without opening the evidence")
    return Fatigue(len(made), quick, unread, " and ".join(said), rules.then)
