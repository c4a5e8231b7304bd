"""One run of a month, from an empty folder to its table."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from tests.simulation.behaviour import Behaviour
from tests.simulation.changes import plans
from tests.simulation.figures import Row, rows
from tests.simulation.month import START, Scale, month


def simulate(folder: Path, url: str, scale: Scale, progress: Callable[[str], None] = lambda _: None) -> list[Row]:
    """The rows of the table. `url`: of an empty database; empty: an SQLite file in the folder."""
    run = month(folder, url, scale)
    try:
        behaviour = Behaviour(run)
        behaviour.settle_in()
        chance = random.Random(scale.seed + 1)
        behaviour.plan(plans(scale.changes, START, scale.days, run.people.authors, chance))
        run.run(behaviour.look, progress)
        return rows(run, behaviour)
    finally:
        run.close()
