"""Approvals: whose counts, which rules bind on which licence, and what takes them away."""

from __future__ import annotations

import pytest

from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import Refusal
from tests.integrations.sandbox.gitlab.conftest import SHOP


def approvers(gitlab: FakeGitLab, iid: int) -> list[str]:
    return [given.by.username for given in gitlab.change(SHOP, iid).approvals]


def test_in_free_an_approval_is_a_word_and_nothing_waits_for_it(gitlab: FakeGitLab, change: int) -> None:
    gitlab.approval_rule(SHOP, "Security", ["mia"], required=1)
    assert gitlab.blockers(SHOP, change) is None
    gitlab.approve(SHOP, change, by="bob")
    assert approvers(gitlab, change) == ["bob"]
    assert gitlab.change(SHOP, change).notes[-1].body == "approved this merge request"


def test_in_premium_rules_bind(gitlab: FakeGitLab, change: int) -> None:
    gitlab.licence = "premium"
    gitlab.approval_rule(SHOP, "Security", ["mia"])
    gitlab.approve(SHOP, change, by="bob")
    assert gitlab.blockers(SHOP, change) == "All required approvals must be given. (not_approved)"
    gitlab.approve(SHOP, change, by="mia")
    assert gitlab.blockers(SHOP, change) is None


def test_a_rule_for_anybody_counts_heads(gitlab: FakeGitLab, change: int) -> None:
    gitlab.licence = "premium"
    rule = gitlab.approval_rule(SHOP, "All members", [], required=2)
    gitlab.approve(SHOP, change, by="bob")
    assert gitlab.verbs.approvals.missing(gitlab.change(SHOP, change), rule) == 1
    gitlab.approve(SHOP, change, by="mia")
    assert gitlab.verbs.approvals.met(gitlab.change(SHOP, change))


def test_a_rule_for_other_branches_does_not_bind(gitlab: FakeGitLab, change: int) -> None:
    gitlab.licence = "premium"
    gitlab.approval_rule(SHOP, "Release", ["mia"]).branches = ("release",)
    assert gitlab.blockers(SHOP, change) is None


def test_nobody_approves_twice(gitlab: FakeGitLab, change: int) -> None:
    gitlab.approve(SHOP, change, by="bob")
    with pytest.raises(Refusal, match="401 Unauthorized"):
        gitlab.approve(SHOP, change, by="bob")


def test_an_approval_for_another_commit_is_refused(gitlab: FakeGitLab, change: int) -> None:
    mr = gitlab.change(SHOP, change)
    with gitlab.world.lock, pytest.raises(Refusal, match="SHA does not match HEAD of source branch") as refused:
        gitlab.verbs.approvals.approve(mr, gitlab.world.user("bob"), sha="b" * 40)
    assert refused.value.status == 409


def test_reporters_do_not_approve(gitlab: FakeGitLab, change: int) -> None:
    gitlab.grant(SHOP, "bob", Access.REPORTER)
    with pytest.raises(Refusal, match="403 Forbidden"):
        gitlab.approve(SHOP, change, by="bob")


def test_authors_approve_themselves_in_free_only(gitlab: FakeGitLab, change: int) -> None:
    gitlab.licence = "premium"
    with pytest.raises(Refusal, match="401 Unauthorized"):
        gitlab.approve(SHOP, change, by="ann")
    gitlab.licence = "free"
    gitlab.approve(SHOP, change, by="ann")
    assert approvers(gitlab, change) == ["ann"]


def test_committers_do_not_approve_in_premium_unless_the_project_lets_them(gitlab: FakeGitLab, change: int) -> None:
    gitlab.licence = "premium"
    gitlab.push(SHOP, "cart", {"shop/cart.py": "total = 2\n"}, by="bob")
    with pytest.raises(Refusal, match="401 Unauthorized"):
        gitlab.approve(SHOP, change, by="bob")
    gitlab.settings(SHOP).committers_may_approve = True
    gitlab.approve(SHOP, change, by="bob")
    assert approvers(gitlab, change) == ["bob"]


def test_an_approval_is_taken_back_once(gitlab: FakeGitLab, change: int) -> None:
    gitlab.approve(SHOP, change, by="bob")
    gitlab.unapprove(SHOP, change, by="bob")
    assert approvers(gitlab, change) == []
    with pytest.raises(Refusal, match="404 Not Found"):
        gitlab.unapprove(SHOP, change, by="bob")


def test_a_merged_one_is_approved_no_more(gitlab: FakeGitLab, change: int) -> None:
    gitlab.merge(SHOP, change, by="bob")
    with pytest.raises(Refusal, match="401 Unauthorized"):
        gitlab.approve(SHOP, change, by="mia")
