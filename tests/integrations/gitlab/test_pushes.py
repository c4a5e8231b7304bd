"""Webhooks of pushes: which paths moved, and who pushed."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.events import BaseMoved, BranchPushed, Event
from tests.integrations.gitlab.mail import REPO, deliver, only, sample

ANN = "gitlab:gitlab.com:2001"


def pushed(payload: dict[str, Any]) -> Event:
    """What a push says of its branch; that somebody pushed is told beside it."""
    read = deliver(payload)
    assert isinstance(read, tuple)
    assert [type(routed.event) for routed in read] == [BaseMoved, BranchPushed]
    return read[0].event


@pytest.mark.parametrize("name", ["push", "system.push"])
def test_a_push_to_a_branch_names_the_paths(name: str) -> None:
    assert pushed(sample(name)) == BaseMoved(REPO, "main", (".llmgate/policy.yaml", "docs/größe.md"))


@pytest.mark.parametrize("name", ["push", "system.push"])
def test_a_push_names_who_pushed_what_in_a_lane_that_waits_for_no_look(name: str) -> None:
    read = deliver(sample(name))
    assert isinstance(read, tuple)
    assert read[1].event == BranchPushed(REPO, "main", sample(name)["after"], ANN)
    assert [routed.lane for routed in read] == [REPO.key, f"push:{REPO.key}:main"]


@pytest.mark.parametrize("unsaid", ["after", "user_id"])
def test_a_push_that_names_no_commit_or_nobody_has_no_pusher(unsaid: str) -> None:
    payload = sample("push")
    del payload[unsaid]
    assert isinstance(only(deliver(payload)).event, BaseMoved)


@pytest.mark.parametrize(
    "change",
    [
        {"commits": [{"added": ["f"]}] * 20, "total_commits_count": 21},
        {"commits": [{"added": [f"f{n}" for n in range(501)]}], "total_commits_count": 1},
        {"commits": [], "total_commits_count": 0},
        {"total_commits_count": None},
    ],
    ids=["cut", "many", "forced back", "untold"],
)
def test_a_push_that_may_hide_paths_names_none(change: dict[str, object]) -> None:
    assert pushed({**sample("push"), **change}) == BaseMoved(REPO, "main", ())
