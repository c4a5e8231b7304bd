"""Webhooks: what is believed, what each asks for, and what is refused with which words."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from bot.core.events import ChangeTouched, GroupRequested, PersonActive, ReviewGiven, SweepDue
from bot.core.ids import ChangeRef
from bot.core.messages.forge_text import COMMENT_MARK
from bot.ports.inbound import Ignored, Malformed
from integrations.github.inbound import Source, installation_of, read_delivery, verify
from tests.integrations.github.mail import DELIVERY, HEAD, REPO, SAMPLES, SOURCE, deliver, only, sample, touched

FORK_HEAD, QUEUED = "77aa" * 10, "abcd" * 10


def signature(secret: bytes, body: bytes) -> str:
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def test_a_good_signature_is_believed() -> None:
    assert verify(b"secret", b"{}", signature(b"secret", b"{}")) is None


@pytest.mark.parametrize(
    ("secret", "body", "given", "says"),
    [
        (b"secret", b"{ }", signature(b"secret", b"{}"), "does not match the body"),
        (b"other", b"{}", signature(b"secret", b"{}"), "does not match the body"),
        (b"secret", b"{}", "", "no signature"),
        (b"secret", b"{}", "sha1=" + hmac.new(b"secret", b"{}", hashlib.sha1).hexdigest(), "a signature by 'sha1'"),
        (b"secret", b"{}", "sha256=", "a signature by 'sha256'"),
        (b"secret", b"{}", "sha256=ünlesbar\udcff", "does not match the body"),
        (b"", b"{}", signature(b"", b"{}"), "no webhook secret is set"),
    ],
)
def test_any_other_signature_is_refused_with_its_reason(secret: bytes, body: bytes, given: str, says: str) -> None:
    problem = verify(secret, body, given)
    assert problem is not None
    assert says in problem
    assert "secret=" not in problem


def test_a_push_to_a_change_names_head_base_and_who_pushed() -> None:
    read = only(deliver("pull_request", sample("pull_request.synchronize")))
    assert read.event == touched(7, "synchronize", head_sha=HEAD, base_ref="main", sender="github:github.com:1001")
    assert read.lane == "github:github.com/acme/shop#7"
    assert read.dedupe_key == f"github:{DELIVERY}"


@pytest.mark.parametrize("name", ["pull_request.opened.fork", "pull_request.opened.deleted_fork"])
def test_a_fork_even_a_deleted_one_is_a_change_of_the_base_repository(name: str) -> None:
    read = only(deliver("pull_request", sample(name)))
    assert read.event == touched(8, "opened", head_sha=FORK_HEAD, base_ref="main")


@pytest.mark.parametrize(
    "action", ["opened", "reopened", "edited", "unlabeled", "closed", "ready_for_review", "converted_to_draft"]
)
def test_who_did_something_else_than_push_is_no_pusher(action: str) -> None:
    payload = {**sample("pull_request.edited"), "action": action}
    assert only(deliver("pull_request", payload)).event == touched(7, action, head_sha=HEAD, base_ref="main")


def test_the_gates_own_label_tells_it_nothing_but_a_persons_label_does() -> None:
    payload = sample("pull_request.labeled")
    assert deliver("pull_request", payload) == Ignored("the gate's own label")
    payload["sender"] = {"login": "ann", "id": 1001, "type": "User"}
    assert only(deliver("pull_request", payload)).event == touched(7, "labeled", head_sha=HEAD, base_ref="main")


def reviewed(state: str, action: str = "submitted") -> dict[str, Any]:
    payload = sample("pull_request_review.submitted")
    payload["action"] = action
    payload["review"]["state"] = state
    payload["review"]["body"] = "Locks must be per account"
    return payload


@pytest.mark.parametrize(
    ("state", "action", "decision"),
    [
        ("approved", "submitted", "approved"),
        ("changes_requested", "submitted", "changes-requested"),
        ("dismissed", "dismissed", "dismissed"),
    ],
)
def test_a_review_that_decides_names_who_what_and_for_which_commit(state: str, action: str, decision: str) -> None:
    read = only(deliver("pull_request_review", reviewed(state, action)))
    change, name = ChangeRef(REPO, 7), f"github.com/review/31/{decision}"
    reason = "Locks must be per account"
    assert read.event == ReviewGiven(change, "github:github.com:1002", decision, HEAD, name, reason)
    assert read.lane == change.key


def test_a_review_that_only_comments_says_that_somebody_is_at_it() -> None:
    read = only(deliver("pull_request_review", reviewed("commented")))
    assert read.event == PersonActive(ChangeRef(REPO, 7), "github:github.com:1002")
    assert read.lane == ChangeRef(REPO, 7).key


def test_a_comment_on_a_change_says_that_somebody_is_at_it_and_a_bots_does_not() -> None:
    payload = sample("issue_comment.created")
    payload["issue"]["pull_request"] = {"url": "https://api.github.com/repos/acme/shop/pulls/7"}
    assert only(deliver("issue_comment", payload)).event == PersonActive(ChangeRef(REPO, 7), "github:github.com:1001")
    payload["sender"]["type"] = "Bot"
    assert deliver("issue_comment", payload) == Ignored("a comment of no person")


def test_a_re_run_touches_every_listed_change_each_once() -> None:
    read = deliver("check_run", sample("check_run.rerequested"))
    assert isinstance(read, tuple)
    assert [routed.event for routed in read] == [
        touched(7, "re-check requested", head_sha=HEAD, base_ref="main"),
        touched(9, "re-check requested", head_sha=HEAD, base_ref="release"),
    ]
    assert [routed.dedupe_key for routed in read] == [f"github:{DELIVERY}/0", f"github:{DELIVERY}/1"]


def test_the_re_check_button_touches_its_change() -> None:
    read = only(deliver("check_run", sample("check_run.requested_action")))
    assert read.event == touched(7, "re-check requested", head_sha=HEAD)


def test_a_re_run_that_names_no_change_looks_at_all_of_them() -> None:
    assert only(deliver("check_suite", sample("check_suite.rerequested.fork"))) == (SweepDue(), "sweep", f"github:{DELIVERY}")


def test_a_merge_group_is_asked_about_in_its_own_lane() -> None:
    read = only(deliver("merge_group", sample("merge_group.checks_requested")))
    ref = "refs/heads/gh-readonly-queue/main/pr-7-" + "0b0b" * 10
    assert read.event == GroupRequested(REPO, QUEUED, ref, "main", "0b0b" * 10)
    assert read.lane == f"group:{REPO.key}:{QUEUED}"


def test_an_installation_asks_for_a_sweep() -> None:
    assert only(deliver("installation", sample("installation.created"))).event == SweepDue()


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ("ping", "ping"),
        ("issue_comment", "issue_comment.created"),
        ("pull_request", "pull_request.assigned"),
        ("check_run", "check_run.completed"),
        ("merge_group", "merge_group.destroyed"),
    ],
)
def test_what_asks_for_nothing_is_ignored_with_a_reason(event: str, name: str) -> None:
    read = deliver(event, sample(name))
    assert isinstance(read, Ignored)
    assert read.reason


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_no_sample_is_malformed_with_fields_more_or_fewer(path: Path) -> None:
    event, payload = path.stem.split(".")[0], json.loads(path.read_text())
    assert not isinstance(deliver(event, {**payload, "brand_new": {"deep": [1]}}), Malformed)
    for optional in ("sender", "organization", "installation", "number"):
        payload.pop(optional, None)
    for optional in ("user", "title", "labels", "merged", "draft", "body"):
        payload.get("pull_request", {}).pop(optional, None)
    assert not isinstance(deliver(event, payload), Malformed)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"action": "opened"',
        b"\xff\xfe{}",
        b"[" * 100_000,
        json.dumps({**sample("pull_request.edited"), "repository": {"full_name": "../../etc"}}).encode(),
        json.dumps({**sample("pull_request.edited"), "pull_request": {"number": 0}}).encode(),
        json.dumps({**sample("pull_request.edited"), "pull_request": {"number": "seven#8"}}).encode(),
    ],
)
def test_what_cannot_be_read_is_malformed_and_says_where(body: bytes) -> None:
    read = deliver("pull_request", body)
    assert isinstance(read, Malformed)
    assert "pull_request payload" in read.problem


def test_a_hostile_object_id_or_branch_goes_no_further() -> None:
    payload = sample("pull_request.edited")
    payload["pull_request"]["head"]["sha"] = "5b1c'; drop table"
    assert isinstance(deliver("pull_request", payload), Malformed)
    payload = sample("push")
    payload["ref"] = "refs/heads/a\nb"
    assert isinstance(deliver("push", payload), Malformed)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-GitHub-Event": "push"},
        {"X-GitHub-Event": "push", "X-GitHub-Delivery": "a b"},
        {"X-GitHub-Event": "push", "X-GitHub-Delivery": DELIVERY, "Content-Type": "application/x-www-form-urlencoded"},
    ],
)
def test_headers_that_github_does_not_send_are_malformed(headers: dict[str, str]) -> None:
    assert isinstance(read_delivery(headers, b"{}", SOURCE), Malformed)


def test_header_names_may_come_in_any_case() -> None:
    headers = {"x-github-event": "ping", "X-GITHUB-DELIVERY": DELIVERY, "content-type": "application/json; charset=utf-8"}
    assert read_delivery(headers, b"{}", SOURCE) == Ignored("ping")


def test_a_delivery_says_which_installation_it_came_through() -> None:
    assert installation_of(json.dumps(sample("push")).encode()) == ("acme/shop", 910001)
    assert installation_of(b'{"zen": "half"}') is None
    assert installation_of(b"{") is None


@pytest.mark.parametrize(
    ("action", "own_login", "sender", "lost"),
    [
        ("edited", "llmgate[bot]", "eve", "comment"),
        ("deleted", "llmgate[bot]", "eve", "comment"),
        ("edited", "", "llmgate[bot]", ""),
        ("deleted", "", "eve", "comment"),
    ],
)
def test_an_edit_of_its_comment_that_may_be_its_own_makes_no_new_edit(
    action: str, own_login: str, sender: str, lost: str
) -> None:
    payload = sample("issue_comment.created")
    payload["action"], payload["sender"]["login"] = action, sender
    payload["issue"]["pull_request"] = {}
    payload["comment"]["body"] = f"All is well {COMMENT_MARK}"
    event = only(deliver("issue_comment", payload, Source("github.com", own_login))).event
    assert isinstance(event, ChangeTouched)
    assert event.lost == lost


def test_an_edit_of_its_comment_by_itself_says_nothing() -> None:
    payload = sample("issue_comment.created")
    payload["action"], payload["sender"]["login"] = "edited", "llmgate[bot]"
    payload["issue"]["pull_request"] = {}
    payload["comment"]["body"] = f"All is well {COMMENT_MARK}"
    assert deliver("issue_comment", payload) == Ignored("the gate's own comment")
