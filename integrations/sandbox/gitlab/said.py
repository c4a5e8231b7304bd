"""What a commit status of the gate says to whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.sandbox.gitlab.model import Job, JobStatus
from integrations.sandbox.stage import CheckSeenState

NEUTRAL = "Not deciding:"
"""GitLab knows no neutral status that lets a pipeline pass: the gate says it in words."""
_STATES: Mapping[JobStatus, CheckSeenState] = {
    "success": "allowed",
    "failed": "blocked",
    "canceled": "neutral",
    "skipped": "neutral",
}


def state_of(job: Job) -> CheckSeenState:
    if job.status == "success" and (job.description or "").startswith(NEUTRAL):
        return "neutral"
    return _STATES.get(job.status, "waiting")


def title_of(job: Job) -> str:
    """Its words, without the one that only makes up for a state."""
    return (job.description or "").removeprefix(NEUTRAL).lstrip()
