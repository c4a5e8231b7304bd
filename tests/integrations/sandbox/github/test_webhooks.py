"""What the app is told, how it is signed, and what becomes of deliveries that fail."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest
from githubkit.webhooks import verify

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.github.fake import FakeGitHub
from tests.integrations.sandbox.github.conftest import SHOP
from tests.integrations.sandbox.github.hook import Hook


def test_a_delivery_carries_githubs_headers_and_a_good_signature(github: FakeGitHub, hook: Hook, change: int) -> None:
    github.flush()
    got = next(each for each in hook.received if each.name == "pull_request.opened")
    digest = hmac.new(github.app.webhook_secret.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-hub-signature-256"] == f"sha256={digest}"
    assert verify(github.app.webhook_secret, got.body, got.headers["x-hub-signature-256"])
    assert got.headers["user-agent"].startswith("GitHub-Hookshot/")
    assert got.headers["x-github-hook-id"] == str(github.app.hook_id)
    assert got.headers["x-github-hook-installation-target-type"] == "integration"
    assert got.headers["content-type"] == "application/json"
    guids = [each.headers["x-github-delivery"] for each in hook.received]
    assert len(set(guids)) == len(guids)


def test_the_payload_names_sender_repository_and_installation(github: FakeGitHub, hook: Hook, change: int) -> None:
    github.flush()
    told = hook.last("pull_request.opened")
    assert (told["sender"]["login"], told["sender"]["id"], told["sender"]["type"]) == ("ann", 1001, "User")
    assert (told["repository"]["full_name"], told["installation"]["id"]) == (SHOP, github.app.installation_id)
    assert (told["number"], told["pull_request"]["head"]["sha"]) == (change, github.change(SHOP, change).head_sha)


def test_installing_says_ping_and_names_the_repositories(github: FakeGitHub, hook: Hook) -> None:
    github.install(hook.url, by="ann")
    github.flush()
    assert hook.names == ["ping", "installation.created"]
    assert hook.last("installation.created")["repositories"][0]["full_name"] == SHOP


def test_a_push_tells_of_commits_and_moves_the_change(github: FakeGitHub, hook: Hook, change: int) -> None:
    before = github.change(SHOP, change).head_sha
    after = github.push(SHOP, "cart", {"new.py": "1", "shop/tax.py": None, "shop/cart.py": "total = 3\n"}, by="bob")
    github.flush()
    assert hook.names[-3:] == ["push", "pull_request.synchronize", "check_suite.requested"]
    pushed = hook.last("push")
    assert (pushed["ref"], pushed["before"], pushed["after"], pushed["forced"]) == ("refs/heads/cart", before, after, False)
    told = pushed["commits"][0]
    assert (told["added"], told["removed"], told["modified"]) == (["new.py"], ["shop/tax.py"], ["shop/cart.py"])
    moved = hook.last("pull_request.synchronize")
    assert (moved["before"], moved["after"], moved["sender"]["login"]) == (before, after, "bob")


def test_a_forced_push_is_called_so(github: FakeGitHub, hook: Hook, change: int) -> None:
    github.push(SHOP, "cart", {"shop/tax.py": "rate = 1\n"}, by="ann", onto="main")
    github.flush()
    assert hook.last("push")["forced"] is True


def test_every_deed_on_a_change_is_told(github: FakeGitHub, hook: Hook, change: int) -> None:
    github.push(SHOP, "release", {}, by="ann", message="Cut")
    github.flush()
    hook.received.clear()
    github.edit(SHOP, change, by="ann", title="Better", base="release")
    github.label(SHOP, change, "bug", by="bob")
    github.unlabel(SHOP, change, "bug", by="bob")
    github.set_draft(SHOP, change, True, by="ann")
    github.set_draft(SHOP, change, False, by="ann")
    github.comment(SHOP, change, "hello", by="bob")
    github.review(SHOP, change, "APPROVE", by="bob")
    github.close_change(SHOP, change, by="ann")
    github.reopen(SHOP, change, by="ann")
    github.flush()
    on_pull = ["edited", "labeled", "unlabeled", "converted_to_draft", "ready_for_review"]
    assert hook.names == [
        *(f"pull_request.{action}" for action in on_pull),
        "issue_comment.created",
        "pull_request_review.submitted",
        "pull_request.closed",
        "pull_request.reopened",
    ]
    changed = hook.last("pull_request.edited")["changes"]
    assert (changed["title"]["from"], changed["base"]["ref"]["from"]) == ("Tax", "main")


def test_pressing_a_button_of_a_check_is_told(github: FakeGitHub, hook: Hook, change: int) -> None:
    head = github.change(SHOP, change).head_sha
    action = {"label": "Look", "identifier": "look", "description": "Again"}
    with github.world.lock:
        run = github.verbs.checks.create(
            github.world.repo(SHOP), {"head_sha": head, "name": "llmgate", "actions": [action]}, github.app.id
        )
    github.press_rerun(SHOP, run.id, by="ann")
    github.press_rerun(SHOP, run.id, by="ann", action="look")
    github.press_rerun_all(SHOP, head, by="ann")
    with pytest.raises(ValueError, match="offers"):
        github.press_rerun(SHOP, run.id, by="ann", action="explode")
    github.flush()
    assert hook.names[-3:] == ["check_run.rerequested", "check_run.requested_action", "check_suite.rerequested"]
    assert hook.last("check_run.requested_action")["requested_action"] == {"identifier": "look"}


def test_a_deleted_branch_closes_its_change(github: FakeGitHub, hook: Hook, change: int) -> None:
    github.delete_branch(SHOP, "cart", by="ann")
    github.flush()
    assert hook.names[-2:] == ["push", "pull_request.closed"]
    assert hook.last("push")["deleted"] is True


def test_a_failed_delivery_stays_failed_until_redelivered(github: FakeGitHub, hook: Hook, change: int) -> None:
    github.flush()
    hook.status = 500
    github.label(SHOP, change, "bug", by="bob")
    github.flush()
    failed = github.deliveries[-1]
    assert (failed.status, failed.answer) == (500, "Invalid HTTP Response: 500")
    assert hook.names.count("pull_request.labeled") == 1
    hook.status = 202
    again = github.redeliver(failed.id)
    github.flush()
    assert (again.status, again.guid, again.redelivery) == (202, failed.guid, True)
    first, second = [each for each in hook.received if each.name == "pull_request.labeled"]
    assert (first.body, first.headers["x-github-delivery"]) == (second.body, second.headers["x-github-delivery"])


def test_a_bot_that_is_down_is_recorded(github: FakeGitHub, hook: Hook, change: int) -> None:
    github.flush()
    hook.close()
    github.label(SHOP, change, "bug", by="bob")
    github.flush()
    assert (github.deliveries[-1].status, github.deliveries[-1].answer[:25]) == (0, "failed to connect to host")


def test_held_deliveries_are_sent_in_any_order(github: FakeGitHub, hook: Hook, change: int) -> None:
    github.flush()
    hook.received.clear()
    github.voice.held = True
    github.label(SHOP, change, "one", by="bob")
    github.label(SHOP, change, "two", by="bob")
    assert hook.names == []
    first, second = (each.id for each in github.deliveries[-2:])
    github.voice.send_held(second, first)
    github.flush()
    assert [each.payload["label"]["name"] for each in hook.received] == ["two", "one"]


def test_a_repository_without_the_app_is_silent(github: FakeGitHub, hook: Hook) -> None:
    github.repository("acme/quiet", installed=False)
    github.push("acme/quiet", "main", {"a": "1"}, by="ann")
    github.flush()
    assert hook.names == []


def test_several_senders_deliver_everything_once(tmp_path: Path) -> None:
    receiver = Hook()
    receiver.start()
    with FakeGitHub(tmp_path, FakeClock(), senders=8) as github:
        github.user("ann")
        github.repository(SHOP)
        github.install(receiver.url, by="ann")
        for number in range(20):
            github.push(SHOP, "main", {"n": str(number)}, by="ann")
        github.flush()
        assert {each.status for each in github.deliveries} == {202}
        assert receiver.names.count("push") == 20
    receiver.close()
