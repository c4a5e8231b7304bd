"""Webhooks of pushes: which paths moved, and who pushed."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.events import BaseMoved, BranchPushed, Event
from bot.ports.inbound import Ignored
from tests.integrations.github.mail import REPO, deliver, only, sample


def pushed(payload: dict[str, Any]) -> Event:
    """What a push says of its branch; that somebody pushed is told beside it."""
    read = deliver("push", payload)
    assert isinstance(read, tuple)
    assert [type(routed.event) for routed in read] == [BaseMoved, BranchPushed]
    return read[0].event


def test_a_push_to_a_branch_names_the_paths() -> None:
    assert pushed(sample("push")) == BaseMoved(REPO, "main", (".llmgate/policy.yaml", "docs/größe.md"))


def test_a_push_names_who_pushed_what_in_a_lane_that_waits_for_no_look() -> None:
    read = deliver("push", sample("push"))
    assert isinstance(read, tuple)
    assert read[1].event == BranchPushed(REPO, "main", sample("push")["after"], "github:github.com:1001")
    assert [routed.lane for routed in read] == [REPO.key, f"push:{REPO.key}:main"]


@pytest.mark.parametrize("unsaid", ["after", "sender"])
def test_a_push_that_names_no_commit_or_nobody_has_no_pusher(unsaid: str) -> None:
    payload = sample("push")
    del payload[unsaid]
    assert isinstance(only(deliver("push", payload)).event, BaseMoved)


def test_a_push_that_may_hide_paths_names_none() -> None:
    forced = {**sample("push"), "forced": True}
    many = {**sample("push"), "commits": [{"added": [f"f{n}" for n in range(501)]}]}
    cut = {**sample("push"), "commits": [{"added": ["f"]}] * 2048}
    for payload in (forced, many, cut):
        assert pushed(payload) == BaseMoved(REPO, "main", ())


@pytest.mark.parametrize("name", ["push.deleted", "push.tag"])
def test_a_push_that_moves_no_branch_is_ignored(name: str) -> None:
    assert isinstance(deliver("push", sample(name)), Ignored)


def test_the_merge_queues_own_branches_are_ignored() -> None:
    payload = {**sample("push"), "ref": "refs/heads/gh-readonly-queue/main/pr-7-abc"}
    assert isinstance(deliver("push", payload), Ignored)
