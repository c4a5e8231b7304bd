"""What a rule may look at besides the facts: everything that was worked out from them once, for all rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.core.approval import Tier
from bot.core.detection.model import Detection
from bot.core.evidence.model import Measure
from bot.core.facts import ChangedFile, Facts
from bot.core.policy.model import TierRules
from bot.core.provenance.model import Coverage
from bot.core.routing.route import Panel
from bot.core.verdict import Finding


@dataclass(frozen=True, slots=True)
class Context:
    """`generated` are the files that the gate treats as generated; the rest speaks of those."""

    detection: Detection
    tier: Tier
    rules: TierRules
    generated: tuple[ChangedFile, ...]
    coverage: Coverage
    measures: tuple[Measure, ...]
    panel: Panel


class Check(Protocol):
    """A rule: total, and without memory."""

    def __call__(self, facts: Facts, context: Context, /) -> Finding: ...
