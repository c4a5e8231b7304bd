"""From a webhook to the check: forced pushes to one change of one commit, each timed until the check is on the new head."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import datetime

from bot.cli.specimen import small_change
from tests.bench.apart import Apart, until
from tests.bench.mail import Mail

PUSHES = 40


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds."""

    injected: float
    p50: float
    p95: float


def measure_latency(running: Apart, injected_s: float, pushes: int = PUSHES) -> Latency:
    """The stand-in answers each call `injected_s` late. Timed from the moment the webhook is made to the check's arrival."""
    forge, repo = running.forge, running.repo
    branch = f"agent/latency-{int(injected_s * 1000)}"
    first = small_change(running.clock.now(), 9000, "first")
    forge.push(repo, branch, first.files, by="ann", message=first.message)
    forge.open_change(repo, branch, by="ann", title="Latency")
    until(running.idle, "rest before measuring")
    forge.latency_s = injected_s
    try:
        event = Mail(forge).event
        taken = sorted(_one(running, branch, event, number) for number in range(pushes))
    finally:
        forge.latency_s = 0.0
    return Latency(injected_s * 1000, statistics.median(taken), taken[int(len(taken) * 0.95) - 1])


def _one(running: Apart, branch: str, event: str, number: int) -> float:
    forge = running.forge
    made = small_change(running.clock.now(), 9000, f"push {number}")
    sha = forge.push(running.repo, branch, made.files, by="ann", message=made.message, onto="main", force=True)
    until(lambda: _arrived(running, sha) is not None, "the check")
    arrived = _arrived(running, sha)
    sent = max(found.at for found in forge.deliveries if found.event == event and sha.encode() in found.body)
    until(running.idle, "rest between pushes")
    return (arrived - sent).total_seconds() * 1000 if arrived else float("inf")


def _arrived(running: Apart, sha: str) -> datetime | None:
    """When the gate's check came."""
    return running.forge.check(running.repo, sha).at
