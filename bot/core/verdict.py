"""The verdict: a tree of findings, each with what it saw and what it wanted.

One tree is rendered on the check, in Slack and on the terminal, so that no two surfaces can tell different stories.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.core.approval import Tier
from bot.core.detection.model import Detection
from bot.core.evidence.model import Measure
from bot.core.ids import PersonId, RoleName
from bot.core.override import Override
from bot.core.policy.model import Mode, Seat

Outcome = Literal["pass", "wait", "block", "skip"]
"""pass: what was wanted is there. wait: a person or a job has yet to act. block: somebody must change something.
skip: the rule does not apply here, and the finding says why."""

State = Literal["not-generated", "waiting", "blocked", "allowed", "overridden"]
"""overridden: it waits or is blocked, and somebody with that right lets it through for a while."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule saw and wanted. `cure` is what to do next, for every outcome but pass and skip."""

    rule: str
    title: str
    outcome: Outcome
    saw: str
    wanted: str = ""
    cure: str = ""
    children: tuple[Finding, ...] = ()

    def walk(self) -> Iterator[Finding]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class TierReason:
    """One reason for the tier. The highest counts; all are shown."""

    tier: Tier
    rule: str
    saw: str


@dataclass(frozen=True, slots=True)
class Disqualified:
    """A person who may not approve this change, and which fact says so."""

    person: PersonId
    because: str


@dataclass(frozen=True, slots=True)
class SeatState:
    """A seat, who has taken it, and who could: `asked` is named on the card, `backup` stands visibly behind.

    As many are named as are still wanted; somebody who is asked as well, because nobody answered, stands behind them. A seat of
    a `section` of CODEOWNERS is one that the file asks for and not the policy: whoever fills it may fill others too.
    """

    seat: Seat
    taken_by: tuple[PersonId, ...] = ()
    asked: tuple[PersonId, ...] = ()
    backup: tuple[PersonId, ...] = ()
    problem: str = ""
    section: str = ""
    note: str = ""
    """That nobody who could is at work, in words: then they are asked all the same."""
    opens: datetime | None = None
    """With a note: when the first of those asked is back, where that is known."""
    declined: bool = False
    """Somebody could fill it who is not asked any more, by their own word or another's: with a problem, naming somebody else is
    for people to do."""

    @property
    def open(self) -> int:
        return max(0, self.seat.count - len(self.taken_by))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may approve, and what puts them where they stand in the order of asking: words that follow a name.
    `gone`: named for no seat any more."""

    person: PersonId
    why: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Routing:
    """Who is asked for what, who may not, and how many more people are needed."""

    seats: tuple[SeatState, ...] = ()
    disqualified: tuple[Disqualified, ...] = ()
    eligible: tuple[tuple[PersonId, tuple[RoleName, ...]], ...] = ()
    """Every person who could take a seat now, with the roles they would fill."""
    overriders: tuple[PersonId, ...] = ()
    """Who may let the change through against the verdict."""
    order: tuple[Candidate, ...] = ()
    """In which order people are asked who have not approved, the first of them; those who are gone stand last."""
    idle: tuple[str, ...] = ()
    """What keeps people from being asked: who is named to approve and never can, a card that is not shown. A sentence each."""

    def roles_of(self, person: PersonId) -> tuple[RoleName, ...]:
        return next((roles for who, roles in self.eligible if who == person), ())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says about one head commit, and why."""

    state: State
    mode: Mode
    tier: Tier
    reasons: tuple[TierReason, ...]
    findings: tuple[Finding, ...]
    detection: Detection
    routing: Routing
    measures: tuple[Measure, ...] = ()
    policy_digest: str = ""
    policy_source: str = ""
    override: Override | None = None
    """The override that lets it through now."""

    @property
    def missing(self) -> tuple[Finding, ...]:
        """The leaves that stand between this change and a merge, blocks first."""
        leaves = [f for top in self.findings for f in top.walk() if not f.children]
        blocks = [f for f in leaves if f.outcome == "block"]
        return tuple(blocks + [f for f in leaves if f.outcome == "wait"])

    @property
    def merge_allowed(self) -> bool:
        return self.state in ("allowed", "not-generated", "overridden")
