"""How much is on a person's desk, as one number.

An open request weighs by its tier, because a change of high risk takes longer to read than one of low risk. Those of the last
30 days weigh a tenth of that: whoever has just done many is not the next one to be asked, but open work counts more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from bot.core.approval import Tier

WEIGHTS: dict[Tier, float] = {"low": 1.0, "medium": 2.0, "high": 4.0}
RECENT = timedelta(days=30)
RECENT_SHARE = 0.1


def load_of(counts: Iterable[tuple[Tier, int, int]]) -> float:
    """The weight of (tier, open requests, requests of the last 30 days); 0 for nothing at all."""
    return round(sum(WEIGHTS[tier] * (open_ + RECENT_SHARE * recent) for tier, open_, recent in counts), 2)
