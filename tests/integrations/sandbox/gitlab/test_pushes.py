"""What follows from a push: versions, notes, approvals, and merge requests that are merged by it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import Refusal
from tests.integrations.sandbox.gitlab.conftest import SHOP


def test_a_merge_request_keeps_a_ref_of_its_own(gitlab: FakeGitLab, change: int) -> None:
    mr = gitlab.change(SHOP, change)
    assert mr.sha == gitlab.head(SHOP, "cart")
    assert mr.project.git.refs[f"refs/merge-requests/{change}/head"] == mr.sha
    (version,) = mr.versions
    assert (version.head, version.base, version.start) == (mr.sha, gitlab.head(SHOP, "main"), gitlab.head(SHOP, "main"))


def test_a_push_makes_a_version_a_note_and_a_newer_change(gitlab: FakeGitLab, clock: FakeClock, change: int) -> None:
    clock.advance(timedelta(minutes=5))
    head = gitlab.push(SHOP, "cart", {"shop/cart.py": "total = 2\n"}, by="bob")
    mr = gitlab.change(SHOP, change)
    assert (mr.sha, [version.head for version in mr.versions][-1], len(mr.versions)) == (head, head, 2)
    assert mr.updated_at == clock.now()
    assert mr.notes[-1].system
    assert mr.notes[-1].body.startswith("added 1 commit\n")
    assert gitlab.notes(SHOP, change) == []


def test_a_push_to_the_target_moves_the_start_of_the_next_version_only(gitlab: FakeGitLab, change: int) -> None:
    main = gitlab.push(SHOP, "main", {"other.py": "1\n"}, by="mia")
    assert len(gitlab.change(SHOP, change).versions) == 1
    gitlab.push(SHOP, "cart", {"shop/cart.py": "total = 2\n"}, by="ann")
    newest = gitlab.change(SHOP, change).versions[-1]
    assert newest.start == main
    assert newest.base != main


def test_a_forks_head_is_brought_into_the_target_project(gitlab: FakeGitLab) -> None:
    gitlab.fork(SHOP, "bob")
    head = gitlab.push("bob/shop", "idea", {"idea.py": "1\n"}, by="bob")
    mr = gitlab.open_change(SHOP, "bob:idea", by="bob", title="Idea")
    git = gitlab.world.project(SHOP).git
    assert (mr.sha, git.objects.commit(head).message) == (head, "Change idea.py")
    newer = gitlab.push("bob/shop", "idea", {"idea.py": "2\n"}, by="bob")
    assert git.refs[f"refs/merge-requests/{mr.iid}/head"] == newer
    assert mr.sha == newer


def test_approvals_outlive_a_push_in_free_and_go_in_premium(gitlab: FakeGitLab, change: int) -> None:
    gitlab.approve(SHOP, change, by="bob")
    gitlab.push(SHOP, "cart", {"shop/cart.py": "total = 2\n"}, by="ann")
    assert [given.by.username for given in gitlab.change(SHOP, change).approvals] == ["bob"]
    gitlab.licence = "premium"
    gitlab.push(SHOP, "cart", {"shop/cart.py": "total = 3\n"}, by="ann")
    assert gitlab.change(SHOP, change).approvals == []


def test_approvals_stay_where_the_project_says_so(gitlab: FakeGitLab, change: int) -> None:
    gitlab.licence = "premium"
    gitlab.settings(SHOP).reset_approvals_on_push = False
    gitlab.approve(SHOP, change, by="bob")
    gitlab.push(SHOP, "cart", {"shop/cart.py": "total = 2\n"}, by="ann")
    assert len(gitlab.change(SHOP, change).approvals) == 1


def test_a_push_of_the_head_into_the_target_merges_it(gitlab: FakeGitLab, change: int) -> None:
    mr = gitlab.change(SHOP, change)
    head = gitlab.push(SHOP, "main", {"more.py": "1\n"}, by="mia", onto="cart")
    assert (mr.state, mr.merge_sha, mr.merged_by) == ("merged", head, gitlab.world.user("mia"))


def test_a_deleted_source_branch_leaves_the_merge_request_open(gitlab: FakeGitLab, change: int) -> None:
    gitlab.delete_branch(SHOP, "cart", by="ann")
    assert gitlab.change(SHOP, change).state == "opened"
    assert gitlab.blockers(SHOP, change) == "Source branch must exist and contain commits. (commits_status)"


def test_a_closed_merge_request_takes_its_branch_as_it_is_when_reopened(gitlab: FakeGitLab, change: int) -> None:
    before = gitlab.change(SHOP, change).sha
    gitlab.close_change(SHOP, change, by="ann")
    head = gitlab.push(SHOP, "cart", {"shop/cart.py": "total = 2\n"}, by="ann")
    assert gitlab.change(SHOP, change).sha == before
    gitlab.reopen(SHOP, change, by="ann")
    assert (gitlab.change(SHOP, change).sha, gitlab.change(SHOP, change).state) == (head, "opened")


@pytest.mark.parametrize(("username", "access"), [("rita", Access.REPORTER), ("gus", Access.GUEST), ("nil", Access.NONE)])
def test_only_developers_push(gitlab: FakeGitLab, username: str, access: Access) -> None:
    gitlab.user(username)
    gitlab.grant(SHOP, username, access)
    with pytest.raises(Refusal, match="You are not allowed to push code to this project"):
        gitlab.push(SHOP, "mine", {"a": "1"}, by=username)
    assert gitlab.world.project(SHOP).git.branch("mine") is None


def test_a_protected_branch_is_for_who_may_push_there(gitlab: FakeGitLab) -> None:
    gitlab.protect(SHOP, "main")
    with pytest.raises(Refusal, match="protected branches"):
        gitlab.push(SHOP, "main", {"a": "1"}, by="ann")
    assert gitlab.push(SHOP, "main", {"a": "1"}, by="mia")


def test_a_protected_branch_keeps_its_history(gitlab: FakeGitLab, change: int) -> None:
    gitlab.protect(SHOP, "main")
    with pytest.raises(Refusal, match="force push"):
        gitlab.push(SHOP, "main", {"a": "1"}, by="mia", onto="cart")
    gitlab.protect(SHOP, "main", force_push=True)
    assert gitlab.push(SHOP, "main", {"a": "1"}, by="mia", onto="cart")


def test_nobody_moves_a_merge_requests_ref(gitlab: FakeGitLab, change: int) -> None:
    with pytest.raises(Refusal, match="deny updating a hidden ref"):
        gitlab.push(SHOP, f"refs/merge-requests/{change}/head", {"a": "1"}, by="mia")
