"""The policy as a value: what each tier asks for, and what makes a change reach it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from bot.core.approval import STRENGTHS, Strength, Tier
from bot.core.escalation.model import Chain
from bot.core.ids import RoleName

Mode = Literal["observe", "warn", "enforce"]
"""observe: the check is neutral and nobody is asked. warn: neutral, people are asked. enforce: the check decides."""


@dataclass(frozen=True, slots=True)
class RoleSource:
    """Where a role's members come from: exactly one of a list of people, a forge team (`org/team`), a chat group id."""

    role: RoleName
    people: tuple[str, ...] = ()
    team: str = ""
    chat_group: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """So many different people of one role. The role `codeowner` means an owner of a touched file; `anyone` any
    qualified person."""

    role: RoleName
    count: int


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class EvidenceFloor:
    """Percentages from 0 to 100; None: not asked for. `tests` wants at least one passing test and none failing."""

    tests: bool = False
    line_coverage: float | None = None
    branch_coverage: float | None = None
    mutation_score: float | None = None
    min_mutants: int = 8
    max_errors: int | None = None
    max_warnings: int | None = None


@dataclass(frozen=True, slots=True)
class TierRules:
    """What a change of this tier must show before it may merge."""

    tier: Tier
    seats: tuple[Seat, ...]
    strength: Strength
    checklist: tuple[ChecklistItem, ...]
    evidence: EvidenceFloor
    auto_approve: bool = False
    auto_merge: bool = False
    forge_approvals: bool = False
    """Take an approval given on the forge itself as a witnessed one, without the checklist."""
    strength_of: tuple[tuple[RoleName, Strength], ...] = ()
    """What those who fill a role must sign with at least, where that is more than `strength`."""
    login_minutes: int = 10
    """How old the sign-in of a `reauthenticated` approval may be."""
    carry_over: bool = False
    """Let an approval go with its change through a clean rebase, as a new record that names both commits."""
    chain: Chain = field(default_factory=Chain)
    """What happens while nobody answers."""

    def strength_for(self, roles: Iterable[RoleName]) -> Strength:
        """What somebody who fills these roles must sign with at least."""
        asked = dict(self.strength_of)
        return max((self.strength, *(asked.get(role, self.strength) for role in roles)), key=STRENGTHS.index)


@dataclass(frozen=True, slots=True)
class RiskRule:
    """Raises a change to `tier` when it holds. Exactly one kind of condition a rule."""

    name: str
    tier: Tier
    paths: tuple[str, ...] = ()
    lines_over: int | None = None
    files_over: int | None = None
    line: int = 0
    """Line of the policy file that states it, for `explain`; 0 for a built-in."""


@dataclass(frozen=True, slots=True)
class SignerRule:
    """Who may sign provenance: an organisation key by fingerprint, or a keyless identity and its issuer."""

    key_sha256: str = ""
    identity: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class ProvenanceRules:
    required: bool = True
    signed: bool = False
    signers: tuple[SignerRule, ...] = ()
    models: tuple[str, ...] = ()
    """Globs of `provider/name@version` that may be used; empty: any model that is named."""
    licenses: tuple[str, ...] = ()
    """SPDX ids allowed for retrievals; empty: any that is stated."""


@dataclass(frozen=True, slots=True)
class OverrideRules:
    """Who may let a change through against the verdict, and for how long that holds. Nobody, where a policy has none."""

    roles: tuple[RoleName, ...] = ()
    minutes: int = 240


@dataclass(frozen=True, slots=True)
class RoutingRules:
    """Whom to ask first of those who may approve. Decides nothing: the same people may approve either way."""

    prefer_authors: bool = False
    """Those who wrote the lines that the change touches come before those who are only less busy."""


FatigueThen = Literal["warn", "lead", "stronger"]
"""warn: the person is told. lead: members of a role as well. stronger: their next approval needs more proof of who they are."""


@dataclass(frozen=True, slots=True)
class FatigueRules:
    """When somebody decides too much or too fast, and what follows."""

    per_day: int = 25
    """Decisions of one person in a day."""
    seconds: int = 20
    """An approval this soon after its form was opened is a quick one."""
    then: FatigueThen = "warn"
    lead: RoleName | None = None
    """Who is told, where somebody is."""


@dataclass(frozen=True, slots=True)
class PolicyProblem:
    """Why a policy file was refused, with the place and the cure."""

    file: str
    line: int
    saw: str
    wanted: str
    cure: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The organisation's floor joined with the repository's file. `problems` make every verdict a block."""

    mode: Mode
    tiers: tuple[TierRules, ...]
    risk: tuple[RiskRule, ...]
    provenance: ProvenanceRules
    roles: tuple[RoleSource, ...]
    digest: str
    """SHA-256 hex of the canonical JSON of all that decides."""
    source: str
    """What it was read from, in words: `defaults`, `.llmgate/policy.yaml at main@1a2b3c4`."""
    undeclared_as_generated: bool = False
    """Treat a change without any mark as generated: for estates where every change is."""
    channel: str = ""
    """Chat channel for this repository's cards; empty: the installation's default."""
    problems: tuple[PolicyProblem, ...] = ()
    override: OverrideRules = OverrideRules()
    routing: RoutingRules = RoutingRules()
    fatigue: FatigueRules = FatigueRules()

    def tier(self, tier: Tier) -> TierRules:
        return next(rules for rules in self.tiers if rules.tier == tier)
