"""What the bot's account and its webhook need on GitLab, and why: the one table for README, `llmgate init` and `doctor`."""

from __future__ import annotations

from dataclasses import dataclass

DEVELOPER = 30
ROLES = {
    0: "no role",
    5: "Minimal access",
    10: "Guest",
    15: "Planner",
    20: "Reporter",
    30: "Developer",
    40: "Maintainer",
    50: "Owner",
}
"""GitLab's roles, as its API numbers them."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing the bot needs. Without an `optional` one the gate works, and `lost` says what it cannot do."""

    name: str
    reason: str
    optional: bool = False
    lost: str = ""


NEEDS = (
    Need("scope `api`", "to read changes, and to write statuses, labels and notes; GitLab has no narrower scope for that"),
    Need("role Developer", "GitLab lets nobody below post a commit status or answer an external status check"),
    Need("a bot's account", "a group or project access token, or a service account, so that no person writes as the gate"),
    Need(
        "role Developer in forks",
        "a fork's pipeline is in the fork, and only a status there counts",
        True,
        "binding merge requests from that fork by a commit status",
    ),
    Need(
        "role Maintainer",
        "to see webhooks",
        True,
        "telling in `llmgate doctor` whether the webhook is right",
    ),
)
"""For the bot's token."""

HOOK_EVENTS = (
    Need("merge_requests_events", "a change was opened, pushed to, labelled, approved, retargeted, made ready or closed"),
    Need("push_events", "policy or CODEOWNERS of a base branch may have changed"),
    Need("note_events", "somebody rewrote the gate's own note, or wrote one: nobody is reminded now"),
    Need("pipeline_events", "a newer pipeline lacks the gate's status, or an evidence job has finished"),
)
"""For the webhook, by the names that GitLab's API gives them. A hook of the whole instance sends the first two only: then
notes that somebody rewrote are seen at the next look, whatever causes it, and pipelines that lack the status by the sweep."""


def role_name(level: int) -> str:
    return ROLES.get(level, f"role {level}")
