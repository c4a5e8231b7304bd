"""From a webhook to the check: forced pushes to one change of one commit, each timed until the check is on the new head."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import datetime

from bot.cli.playground import CHECK, REPO
from bot.cli.specimen import small_change
from tests.bench.apart import Apart, until

PUSHES = 40


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
    sha = github.push(REPO, branch, dict(made.files), by="ann", message=made.message, onto="main")
    until(lambda: _arrived(running, sha) is not None, "the check")
    arrived = _arrived(running, sha)
    sent = max(found.at for found in github.deliveries if found.event == "pull_request" and sha.encode() in found.body)
    until(running.idle, "rest between pushes")
    return (arrived - sent).total_seconds() * 1000 if arrived else float("inf")


def _arrived(running: Apart, sha: str) -> datetime | None:
    """When the gate's check came."""
    return next((run.started_at for run in running.github.checks(REPO, sha) if run.name == CHECK), None)
