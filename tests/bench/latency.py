"""From a webhook to the check: pushes to one change, one after another, each timed until the check is on the new commit."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.cli.playground import CHECK, REPO
from bot.cli.specimen import small_change
from tests.bench.apart import Apart, until

PUSHES = 40
LOOK_S = 0.001


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds."""

    injected: float
    p50: float
    p95: float


def measure_latency(running: Apart, injected_s: float, pushes: int = PUSHES) -> Latency:
    """The stand-in answers each call `injected_s` late. Timed from the moment the webhook is made to the check's arrival."""
    github = running.github
    branch = f"agent/latency-{int(injected_s * 1000)}"
    first = small_change(github.world.now(), 9000, "first")
    github.push(REPO, branch, dict(first.files), by="ann", message=first.message)
    github.open_change(REPO, branch, by="ann", title="Latency")
    until(running.idle, "rest before measuring")
    github.latency_s = injected_s
    try:
        taken = sorted(_one(running, branch, number) for number in range(pushes))
    finally:
        github.latency_s = 0.0
    return Latency(injected_s * 1000, statistics.median(taken), taken[int(len(taken) * 0.95) - 1])


def _one(running: Apart, branch: str, number: int) -> float:
    github = running.github
    made = small_change(github.world.now(), 9000, f"push {number}")
    sha = github.push(REPO, branch, dict(made.files), by="ann", message=made.message)
    while not any(run.name == CHECK for run in github.checks(REPO, sha)):
        time.sleep(LOOK_S)
    arrived = datetime.now(UTC)  # noqa: TID251 - the bench measures real time
    sent = max(found.at for found in github.deliveries if found.event == "pull_request" and sha.encode() in found.body)
    until(running.idle, "rest between pushes")
    return (arrived - sent).total_seconds() * 1000
