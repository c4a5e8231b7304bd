"""A burst of deeds while the gate is killed and started again: `make crash` in small."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.ids import ForgeName
from tests.bench.burst import Course
from tests.bench.crash import run_course

KILLS = 3


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_nothing_is_lost_or_doubled_when_the_gate_is_killed_in_a_burst(
    forge: ForgeName, database_url: str, tmp_path: Path
) -> None:
    outcome = run_course(forge, database_url, tmp_path / "crash", Course(KILLS, changes=6, deeds=6, seed=11))
    assert outcome.problems == []
    assert outcome.kills >= KILLS
    assert outcome.figures["signed records"] > 0
    assert outcome.figures["webhooks lost"] > 0
