"""Approvals on GitLab, held against the time of the head: which commit each is of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.ids import ChangeRef
from bot.ports.errors import Vanished
from integrations.sandbox.clock import FakeClock
from tests.integrations.gitlab.conftest import SHOP, Scene


def later(scene: Scene) -> None:
    assert isinstance(scene.gitlab.world.clock, FakeClock)
    scene.gitlab.world.clock.advance(timedelta(minutes=1))


def approved(scene: Scene) -> ChangeRef:
    """A merge request that Bo approved a while after it was opened."""
    scene.push({"a.py": "a\n"})
    ref = scene.change()
    later(scene)
    scene.gitlab.approve(SHOP, 1, by="bo")
    return ref


def test_an_approval_is_of_the_head_that_it_is_younger_than(scene: Scene) -> None:
    ref = approved(scene)
    [given] = scene.forge.fetch_reviews(ref)
    assert (given.account.id, given.account.login, given.decision) == (2002, "bo", "approved")
    assert given.head_sha == scene.gitlab.change(SHOP, 1).sha


def test_an_approval_that_outlived_a_push_is_of_no_commit(scene: Scene) -> None:
    ref = approved(scene)
    scene.gitlab.settings(SHOP).reset_approvals_on_push = False
    later(scene)
    scene.push({"a.py": "b\n"})
    [given] = scene.forge.fetch_reviews(ref)
    assert given.head_sha == ""


def test_an_approval_of_what_went_into_another_branch_is_of_no_commit(scene: Scene) -> None:
    ref = approved(scene)
    later(scene)
    scene.gitlab.push(SHOP, "release", {"NOTES": "1.0\n"}, by="ann")
    scene.gitlab.edit(SHOP, 1, by="ann", base="release")
    [given] = scene.forge.fetch_reviews(ref)
    assert given.head_sha == ""


def test_a_gitlab_that_tells_no_time_of_approvals_binds_none(scene: Scene) -> None:
    ref = approved(scene)
    body = {"approved_by": [{"user": {"id": 2002, "username": "bo"}}]}
    scene.gitlab.fail_next("GET */approvals", 200, body=body)
    [given] = scene.forge.fetch_reviews(ref)
    assert given.head_sha == ""


def test_an_approval_that_was_taken_back_is_none(scene: Scene) -> None:
    ref = approved(scene)
    scene.gitlab.unapprove(SHOP, 1, by="bo")
    assert scene.forge.fetch_reviews(ref) == ()


def test_approvals_of_what_is_gone_are_an_error(scene: Scene) -> None:
    ref = approved(scene)
    del scene.gitlab.world.project(SHOP).merge_requests[1]
    with pytest.raises(Vanished):
        scene.forge.fetch_reviews(ref)
