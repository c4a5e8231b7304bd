"""What one policy file says, typed, with the line of each key; what it leaves out stays unsaid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.core.approval import Strength, Tier
from bot.core.escalation.model import ChainStep
from bot.core.ids import RoleName
from bot.core.policy.model import (
    ChecklistItem,
    EvidenceFloor,
    FatigueRules,
    Mode,
    OverrideRules,
    PolicyProblem,
    RiskRule,
    RoleSource,
    Seat,
    SignerRule,
)

Figure = Literal["line_coverage", "branch_coverage", "mutation_score", "min_mutants", "max_errors", "max_warnings"]
PERCENTAGES: tuple[Figure, ...] = ("line_coverage", "branch_coverage", "mutation_score")
COUNTS: tuple[Figure, ...] = ("min_mutants", "max_errors", "max_warnings")


@dataclass(frozen=True, slots=True)
class ChainFile:
    """What the file says of what happens while nobody answers. None: unsaid. Steps of () were switched off."""

    steps: tuple[ChainStep, ...] | None = None
    quiet: int | None = None
    snoozes: int | None = None
    snooze_most: int | None = None
    at_night: bool | None = None


@dataclass(frozen=True, slots=True)
class TierFile:
    """What the file says of one tier. Empty or None: unsaid. A figure of None was switched off."""

    tier: Tier
    seats: tuple[Seat, ...] = ()
    strength: Strength | None = None
    checklist: tuple[ChecklistItem, ...] = ()
    tests: bool | None = None
    figures: tuple[tuple[Figure, float | None], ...] = ()
    auto_approve: bool | None = None
    auto_merge: bool | None = None
    forge_approvals: bool | None = None
    strength_of: tuple[tuple[RoleName, Strength], ...] = ()
    login_minutes: int | None = None
    carry_over: bool | None = None
    chain: ChainFile = ChainFile()


@dataclass(frozen=True, slots=True)
class ProvenanceFile:
    """What the file says of provenance. Empty or None: unsaid."""

    required: bool | None = None
    signed: bool | None = None
    signers: tuple[SignerRule, ...] = ()
    models: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One file, read. `lines` leads from the path of a key (`tiers.high.strength`) to its line."""

    file: str
    mode: Mode | None = None
    channel: str = ""
    undeclared_as_generated: bool | None = None
    roles: tuple[RoleSource, ...] = ()
    risk: tuple[RiskRule, ...] = ()
    tiers: tuple[TierFile, ...] = ()
    provenance: ProvenanceFile = ProvenanceFile()
    override: OverrideRules | None = None
    prefer_authors: bool | None = None
    fatigue: FatigueRules | None = None
    lines: tuple[tuple[str, int], ...] = ()

    def line_of(self, path: str) -> int:
        """The line of the key, or of the nearest key above it that the file holds; 0 where it says nothing of it."""
        known = dict(self.lines)
        while path and path not in known:
            path = path.rpartition(".")[0]
        return known.get(path, 0)

    def tier(self, tier: Tier) -> TierFile | None:
        return next((said for said in self.tiers if said.tier == tier), None)


Parsed = PolicyFile | tuple[PolicyProblem, ...]
"""A file that was read, or everything that is wrong with it."""


def figure_of(floor: EvidenceFloor, figure: Figure) -> float | None:
    """The value of one figure, by name, without giving up its type."""
    match figure:
        case "line_coverage":
            return floor.line_coverage
        case "branch_coverage":
            return floor.branch_coverage
        case "mutation_score":
            return floor.mutation_score
        case "min_mutants":
            return floor.min_mutants
        case "max_errors":
            return floor.max_errors
        case "max_warnings":
            return floor.max_warnings
