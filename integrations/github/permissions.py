"""What the GitHub App asks for, and why: the one table that the manifest, README and `llmgate doctor` are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission with its reason. Without an `optional` one the gate works, and `lost` says what it cannot do."""

    name: str
    level: Level
    reason: str
    optional: bool = False
    lost: str = ""

    def met_by(self, granted: str) -> bool:
        return granted in ("write", "admin") or granted == self.level


@dataclass(frozen=True, slots=True)
class Subscription:
    """One kind of webhook event with its reason."""

    name: str
    reason: str


PERMISSIONS = (
    Permission("metadata", "read", "GitHub asks every app for it: which repositories there are"),
    Permission("checks", "write", "to show the verdict as a check run, and to offer Re-check"),
    Permission("contents", "read", "to read policy and CODEOWNERS of the base, commits, provenance and reports of the head"),
    Permission("pull_requests", "write", "to read changes, to label them, and to post a reviewer's request for changes"),
    Permission("issues", "write", "to keep the sticky comment, and to say what the gate's labels mean"),
    Permission(
        "statuses", "write", "to post a commit status where check runs are denied", True, "the fallback to commit statuses"
    ),
    Permission("members", "read", "to resolve teams that a policy's roles name", True, "roles that are teams"),
    Permission("merge_queues", "read", "to be asked about merge groups and to name their members", True, "merge queues"),
    Permission("attestations", "write", "to publish the verdict where others can check it", True, "publishing the summary"),
    Permission("administration", "read", "to see who may bypass branch protection", True, "seeing who may bypass the check"),
)

EVENTS = (
    Subscription("pull_request", "a change was opened, pushed to, labelled, retargeted, made ready or closed"),
    Subscription("pull_request_review", "a review was given or dismissed, or only comments: nobody is reminded now"),
    Subscription("issue_comment", "somebody deleted or rewrote the gate's own comment, or wrote one: nobody is reminded now"),
    Subscription("push", "policy or CODEOWNERS of a base branch may have changed"),
    Subscription("check_run", "somebody pressed Re-run or Re-check on the gate's check"),
    Subscription("check_suite", "somebody pressed Re-run all checks"),
    Subscription("merge_group", "a merge queue asks whether a group may land"),
)
"""`installation` and `installation_repositories` come to every app without being asked for."""
