"""Merges that GitHub refuses until the required check is green, and merge queues."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from integrations.sandbox.github.fake import FakeGitHub
from integrations.sandbox.github.refusal import Refusal
from tests.integrations.sandbox.github.conftest import SHOP
from tests.integrations.sandbox.github.hook import Hook


@pytest.fixture(autouse=True)
def protected(github: FakeGitHub) -> None:
    github.protect(SHOP, "main", required_checks=[("llmgate", github.app.id)])


def report(raw: httpx.Client, sha: str, conclusion: str | None) -> None:
    given: dict[str, Any] = {"conclusion": conclusion} if conclusion else {"status": "in_progress"}
    assert raw.post(f"/repos/{SHOP}/check-runs", json={"name": "llmgate", "head_sha": sha, **given}).status_code == 201


def refusal(github: FakeGitHub, change: int) -> tuple[int, str]:
    with pytest.raises(Refusal) as refused:
        github.merge(SHOP, change, by="bob")
    return refused.value.status, refused.value.message


def test_a_merge_waits_for_the_check(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    head = github.change(SHOP, change).head_sha
    assert refusal(github, change) == (405, 'Required status check "llmgate" is expected.')
    report(raw, head, None)
    assert refusal(github, change) == (405, 'Required status check "llmgate" is in progress.')
    report(raw, head, "failure")
    assert refusal(github, change) == (405, 'Required status check "llmgate" is failing.')
    assert raw.get(f"/repos/{SHOP}/pulls/{change}").json()["mergeable_state"] == "blocked"
    report(raw, head, "success")
    assert raw.get(f"/repos/{SHOP}/pulls/{change}").json()["mergeable_state"] == "clean"
    merged = github.merge(SHOP, change, by="bob")
    assert github.head(SHOP, "main") == merged
    pull = raw.get(f"/repos/{SHOP}/pulls/{change}").json()
    assert (pull["state"], pull["merged"], pull["merged_by"]["login"]) == ("closed", True, "bob")
    tree = raw.get(f"/repos/{SHOP}/git/trees/main", params={"recursive": "1"}).json()["tree"]
    assert "shop/tax.py" in {each["path"] for each in tree}


def test_a_push_takes_the_green_away(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    report(raw, github.change(SHOP, change).head_sha, "success")
    github.push(SHOP, "cart", {"shop/tax.py": "rate = 7\n"}, by="ann")
    assert refusal(github, change) == (405, 'Required status check "llmgate" is expected.')


def test_a_check_of_another_app_does_not_count(github: FakeGitHub, change: int) -> None:
    github.forge_check(SHOP, github.change(SHOP, change).head_sha, "llmgate", app_id=99)
    assert refusal(github, change) == (405, 'Required status check "llmgate" is expected.')


def test_a_status_set_by_hand_counts_only_where_no_app_is_named(github: FakeGitHub, change: int) -> None:
    github.forge_status(SHOP, github.change(SHOP, change).head_sha, "llmgate", by="ann")
    assert refusal(github, change) == (405, 'Required status check "llmgate" is expected.')
    github.protect(SHOP, "main", required_checks=[("llmgate", None)])
    assert github.blockers(SHOP, change) is None


def test_the_apps_own_status_counts_as_its_check(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    head = github.change(SHOP, change).head_sha
    raw.post(f"/repos/{SHOP}/statuses/{head}", json={"state": "success", "context": "llmgate"})
    assert github.blockers(SHOP, change) is None


def test_several_missing_checks_are_counted(github: FakeGitHub, change: int) -> None:
    github.protect(SHOP, "main", required_checks=[("llmgate", github.app.id), ("ci", None)])
    assert refusal(github, change) == (405, "2 of 2 required status checks are expected.")


def test_two_changes_with_one_head_share_its_green(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    github.push(SHOP, "release", {}, by="ann", message="Cut")
    github.protect(SHOP, "release", required_checks=[("llmgate", github.app.id)])
    second = github.open_change(SHOP, "cart", by="bob", base="release").number
    report(raw, github.change(SHOP, change).head_sha, "success")
    assert (github.blockers(SHOP, change), github.blockers(SHOP, second)) == (None, None)


def test_a_conflict_is_not_mergeable(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    report(raw, github.change(SHOP, change).head_sha, "success")
    github.push(SHOP, "main", {"shop/cart.py": "total = 2\n"}, by="bob")
    assert refusal(github, change) == (405, "Pull Request is not mergeable")
    assert raw.get(f"/repos/{SHOP}/pulls/{change}").json()["mergeable_state"] == "dirty"


def test_drafts_reviews_and_closed_changes_are_refused(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    report(raw, github.change(SHOP, change).head_sha, "success")
    github.set_draft(SHOP, change, True, by="ann")
    assert refusal(github, change) == (405, "Pull Request is still a draft")
    github.set_draft(SHOP, change, False, by="ann")
    github.protect(SHOP, "main", reviews=1)
    assert refusal(github, change) == (405, "At least 1 approving review is required by reviewers with write access.")
    github.review(SHOP, change, "APPROVE", by="bob")
    github.close_change(SHOP, change, by="ann")
    assert refusal(github, change) == (405, "Pull Request is not mergeable")


def test_a_person_merges_over_the_api(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    headers = {"Authorization": f"token {github.token_for('bob')}"}
    url = f"{github.api_url}/repos/{SHOP}/pulls/{change}/merge"
    assert httpx.put(url, json={}, headers=headers, trust_env=False).status_code == 405
    report(raw, github.change(SHOP, change).head_sha, "success")
    stale = httpx.put(url, json={"sha": "0" * 40}, headers=headers, trust_env=False)
    assert (stale.status_code, stale.json()["message"]) == (409, "Head branch was modified. Review and try the merge again.")
    assert httpx.put(url, json={}, headers=headers, trust_env=False).json()["merged"] is True


@pytest.fixture
def pair(github: FakeGitHub, raw: httpx.Client, change: int) -> list[int]:
    """Two green changes, ready for the queue."""
    github.push(SHOP, "docs", {"docs.md": "words\n"}, by="bob")
    second = github.open_change(SHOP, "docs", by="bob").number
    for number in (change, second):
        report(raw, github.change(SHOP, number).head_sha, "success")
    return [change, second]


def test_a_merge_group_lands_when_its_own_commit_is_green(
    github: FakeGitHub, raw: httpx.Client, hook: Hook, pair: list[int]
) -> None:
    group = github.queue_merge(SHOP, pair, by="bob")
    github.flush()
    asked = hook.last("merge_group.checks_requested")["merge_group"]
    assert (asked["head_sha"], asked["base_ref"]) == (group.sha, "refs/heads/main")
    assert asked["head_ref"] == f"refs/heads/gh-readonly-queue/main/pr-{pair[-1]}-{group.base_sha}"
    assert raw.get(f"/repos/{SHOP}/git/ref/{asked['head_ref'].removeprefix('refs/')}").json()["object"]["sha"] == group.sha
    assert github.head(SHOP, "main") == group.base_sha
    report(raw, group.sha, "success")
    assert github.head(SHOP, "main") == group.sha
    assert [github.change(SHOP, number).merged for number in pair] == [True, True]
    github.flush()
    assert hook.last("merge_group.destroyed")["reason"] == "merged"


def test_a_failed_merge_group_is_destroyed(github: FakeGitHub, raw: httpx.Client, hook: Hook, pair: list[int]) -> None:
    group = github.queue_merge(SHOP, pair, by="bob")
    report(raw, group.sha, "failure")
    github.flush()
    assert hook.last("merge_group.destroyed")["reason"] == "dequeued"
    assert [github.change(SHOP, number).state for number in pair] == ["open", "open"]
    assert github.head(SHOP, "main") == group.base_sha


def test_a_merge_group_whose_base_moved_is_invalidated(
    github: FakeGitHub, raw: httpx.Client, hook: Hook, pair: list[int]
) -> None:
    group = github.queue_merge(SHOP, pair, by="bob")
    github.push(SHOP, "main", {"README.md": "# New\n"}, by="ann")
    report(raw, group.sha, "success")
    github.flush()
    assert hook.last("merge_group.destroyed")["reason"] == "invalidated"
    assert not github.change(SHOP, pair[0]).merged
