"""Webhooks: what each asks for, and what cannot be read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from bot.core.events import ChangeTouched, CommitTouched, GroupRequested, PersonActive, ReviewGiven, SweepDue
from bot.core.ids import ChangeRef
from bot.core.messages.forge_text import COMMENT_MARK
from bot.ports.inbound import Ignored, Malformed
from integrations.gitlab.inbound import Source
from tests.integrations.gitlab.mail import HEAD, KEY, NOW, REPO, SAMPLES, SOURCE, deliver, only, sample, touched

TRAIN = "abcd" * 10
ANN = "gitlab:gitlab.com:2001"


# merge requests


def test_a_push_to_a_change_names_head_base_and_who_pushed() -> None:
    read = only(deliver(sample("merge_request.update.push")))
    assert read.event == touched(7, "push", sender=ANN)
    assert read.lane == "gitlab:gitlab.com/acme/web/shop!7"
    assert read.dedupe_key == f"gitlab:gitlab.com:{KEY}"


def test_a_fork_is_a_change_of_the_project_it_wants_to_land_in() -> None:
    read = only(deliver(sample("merge_request.open.fork")))
    assert read.event == touched(8, "open")


@pytest.mark.parametrize("action", ["close", "merge"])
def test_who_did_something_else_than_push_is_no_pusher(action: str) -> None:
    assert only(deliver(sample(f"merge_request.{action}"))).event == touched(7, action)


def test_an_update_says_what_was_changed() -> None:
    assert only(deliver(sample("merge_request.update.draft"))).event == touched(7, "update draft title")
    unsaid = sample("merge_request.update.draft")
    del unsaid["changes"]
    assert only(deliver(unsaid)).event == touched(7, "update")


def test_an_update_of_what_the_gate_does_not_look_at_is_ignored() -> None:
    assert deliver(sample("merge_request.update.assignees")) == Ignored("an update of nothing the gate looks at")


def test_the_gates_own_label_tells_it_nothing_but_a_persons_label_does() -> None:
    payload = sample("merge_request.update.labels")
    assert deliver(payload) == Ignored("the gate's own label")
    payload["user"]["id"] = 2001
    assert only(deliver(payload)).event == touched(7, "update labels")
    assert isinstance(deliver(sample("merge_request.update.labels"), Source("gitlab.com")), tuple), "who it is is not known yet"


def test_a_push_of_the_bots_account_is_looked_at_all_the_same() -> None:
    payload = sample("merge_request.update.push")
    payload["user"]["id"] = 9900
    assert only(deliver(payload)).event == touched(7, "push", sender="gitlab:gitlab.com:9900")


def test_a_commit_that_is_not_told_is_left_to_the_look() -> None:
    payload = sample("merge_request.close")
    payload["object_attributes"]["last_commit"] = None
    assert only(deliver(payload)).event == touched(7, "close", head_sha="")


@pytest.mark.parametrize(
    ("name", "decision"), [("approved", "approved"), ("approval", "approved"), ("unapproved", "dismissed")]
)
def test_an_approval_is_a_decision_about_the_head_it_was_given_on(name: str, decision: str) -> None:
    read = only(deliver(sample(f"merge_request.{name}")))
    assert read.event == ReviewGiven(ChangeRef(REPO, 7), ANN, decision, HEAD, KEY)
    assert read.lane == "gitlab:gitlab.com/acme/web/shop!7"


def test_approvals_that_gitlab_took_back_by_itself_are_no_persons_decision() -> None:
    assert only(deliver(sample("merge_request.unapproved.system"))).event == touched(7, "approval dismissed")


def test_the_gates_own_approval_is_ignored() -> None:
    payload = sample("merge_request.approved")
    payload["user"]["id"] = 9900
    assert deliver(payload) == Ignored("the gate's own approval")


def test_a_status_check_asks_for_a_look_and_a_retry_for_the_answer_once_more() -> None:
    read = only(deliver(sample("merge_request.status_check"), X_Gitlab_Event="", Idempotency_Key=""))
    assert read.event == touched(7, "status check asked")
    digest = hashlib.sha256(json.dumps(sample("merge_request.status_check")).encode()).hexdigest()[:32]
    assert read.dedupe_key == f"gitlab:gitlab.com:check:{digest}:{int(NOW.timestamp())}"
    again = only(deliver(sample("merge_request.status_check.retry"), X_Gitlab_Event="", Idempotency_Key=""))
    assert again.event == touched(7, "status check asked", lost=f"check:{HEAD}")


# notes


def test_the_gates_note_rewritten_by_somebody_is_lost() -> None:
    payload = sample("note.update.ours")
    assert only(deliver(payload)).event == ChangeTouched(ChangeRef(REPO, 7), "comment edited", lost="comment")
    payload["object_attributes"]["updated_by_id"] = 9900
    assert deliver(payload) == Ignored("the gate's own comment")
    payload["object_attributes"]["updated_by_id"] = None
    assert only(deliver(payload)).event == ChangeTouched(ChangeRef(REPO, 7), "comment edited"), "who did it is not told"


def test_while_the_gate_does_not_know_itself_an_edit_of_its_note_asks_for_a_look_only() -> None:
    payload = sample("note.update.ours")
    assert isinstance(deliver(payload, Source("gitlab.com")), Ignored)
    payload["object_attributes"]["note"] = f"{COMMENT_MARK}\nrewritten"
    assert only(deliver(payload, Source("gitlab.com"))).event == ChangeTouched(ChangeRef(REPO, 7), "comment edited")


def test_a_note_on_a_change_says_that_somebody_is_at_it_unless_gitlab_or_the_gate_wrote_it() -> None:
    payload = sample("note.create")
    assert only(deliver(payload)).event == PersonActive(ChangeRef(REPO, 7), "gitlab:gitlab.com:2001")
    payload["object_attributes"]["system"] = True
    assert isinstance(deliver(payload), Ignored)
    payload["object_attributes"] |= {"system": False, "author_id": 9900}
    assert isinstance(deliver(payload), Ignored)


# pipelines


def test_a_pipeline_of_a_merge_request_touches_it() -> None:
    read = only(deliver(sample("pipeline.merge_request")))
    assert read.event == touched(7, "pipeline success", head_sha="")


def test_a_forks_pipeline_touches_the_merge_request_where_it_wants_to_land() -> None:
    assert only(deliver(sample("pipeline.merge_request.fork"))).event == touched(8, "pipeline running", head_sha="")
    below = sample("pipeline.merge_request.fork")
    below["project"]["web_url"] = "https://host.example/git/lab/bo/shop"
    below["merge_request"]["url"] = "https://host.example/git/lab/acme/web/shop/-/merge_requests/8"
    assert only(deliver(below)).event == touched(8, "pipeline running", head_sha=""), "under a relative root"
    below["merge_request"]["url"] = "https://host.example/git/lab/acme/../shop/-/merge_requests/8"
    assert isinstance(deliver(below), Malformed)


def test_a_branchs_pipeline_touches_the_changes_on_its_commit() -> None:
    read = only(deliver(sample("pipeline.branch")))
    assert read.event == CommitTouched(REPO, HEAD, "pipeline pending")
    assert read.lane == f"commit:{REPO.key}:{HEAD}"


def test_a_trains_pipeline_touches_its_member() -> None:
    """GitLab names the source branch as its ref, so it reads as any other pipeline of the merge request."""
    assert only(deliver(sample("pipeline.train"))).event == touched(7, "pipeline running", head_sha="")


def test_a_pipeline_that_is_named_as_a_trains_is_a_group() -> None:
    payload = sample("pipeline.train")
    ref = "refs/merge-requests/7/train"
    payload["object_attributes"]["ref"] = ref
    read = only(deliver(payload))
    assert read.event == GroupRequested(REPO, TRAIN, ref, "main", "")
    assert read.lane == f"group:{REPO.key}:{TRAIN}"
    payload["object_attributes"]["status"] = "success"
    assert isinstance(deliver(payload), Ignored)


def test_the_pipeline_that_the_gates_own_status_made_does_not_wake_it_while_it_waits() -> None:
    payload = sample("pipeline.branch")
    payload["object_attributes"]["source"], payload["user"]["id"] = "external", 9900
    assert deliver(payload) == Ignored("the gate's own status")
    payload["user"]["id"] = 2001
    assert isinstance(deliver(payload), tuple), "somebody else's status"
    payload["user"]["id"], payload["object_attributes"]["status"] = 9900, "success"
    assert isinstance(deliver(payload), tuple), "who made it green is not told"


# the rest


@pytest.mark.parametrize("name", ["system.project_create", "system.project_rename"])
def test_a_project_that_appears_or_moves_asks_for_a_sweep(name: str) -> None:
    assert only(deliver(sample(name))) == (SweepDue(), "sweep", f"gitlab:gitlab.com:{KEY}")


@pytest.mark.parametrize("name", ["push.deleted", "tag_push", "pipeline.tag", "note.commit", "system.user_add_to_team"])
def test_what_asks_for_nothing_is_ignored_with_a_reason(name: str) -> None:
    read = deliver(sample(name))
    assert isinstance(read, Ignored)
    assert read.reason


def test_a_delivery_is_known_again_by_what_is_signed_first() -> None:
    body = sample("merge_request.close")
    signed_id = only(deliver(body, webhook_id="aaaaaaaa-signed"))
    assert signed_id.dedupe_key == "gitlab:gitlab.com:aaaaaaaa-signed"
    first = only(deliver(body, Idempotency_Key="", X_Gitlab_Event_UUID=KEY)).dedupe_key
    second = only(deliver(sample("merge_request.open"), Idempotency_Key="", X_Gitlab_Event_UUID=KEY)).dedupe_key
    assert first.startswith(f"gitlab:gitlab.com:{KEY}:")
    assert first != second, "one request may cause several events"
    assert only(deliver(body, Source("gitlab.example"))).dedupe_key == f"gitlab:gitlab.example:{KEY}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Idempotency_Key": ""},
        {"X_Gitlab_Event": ""},
        {"Idempotency_Key": "a key\nwith more"},
        {"Idempotency_Key": "k" * 201},
        {"Content_Type": "application/x-www-form-urlencoded"},
    ],
)
def test_a_delivery_that_cannot_be_known_again_is_malformed_with_what_to_do(headers: dict[str, str]) -> None:
    read = deliver(sample("push"), SOURCE, **headers)
    assert isinstance(read, Malformed)
    assert "send" in read.problem


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_no_sample_is_malformed_with_fields_more_or_fewer(path: Path) -> None:
    payload = json.loads(path.read_text())
    assert not isinstance(deliver({**payload, "brand_new": {"deep": [1]}}), Malformed)
    for optional in ("user", "repository", "labels", "changes", "builds", "commit", "event_type"):
        payload.pop(optional, None)
    for optional in ("title", "description", "last_commit", "state", "source", "target", "before_sha", "status"):
        payload.get("object_attributes", {}).pop(optional, None)
    assert not isinstance(deliver(payload), Malformed)


def broken(name: str, *where: str, value: object) -> bytes:
    payload = sample(name)
    part = payload
    for step in where[:-1]:
        part = part[step]
    part[where[-1]] = value
    return json.dumps(payload).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"object_kind": "push"',
        b"\xff\xfe{}",
        b"[" * 100_000,
        broken("push", "project", "path_with_namespace", value="../../etc"),
        broken("push", "project", "path_with_namespace", value="shop"),
        broken("push", "project", "path_with_namespace", value="acme/shop!7"),
        broken("push", "project", "path_with_namespace", value="acme/shop.git"),
        broken("push", "project", "path_with_namespace", value="/".join("a" * 22)),
        broken("push", "ref", value="refs/heads/a b"),
        broken("merge_request.open", "object_attributes", "iid", value=0),
        broken("merge_request.open", "object_attributes", "iid", value="seven!8"),
        broken("merge_request.open", "object_attributes", "last_commit", "id", value="HEAD"),
        broken("pipeline.branch", "object_attributes", "sha", value="x" * 40),
    ],
)
def test_what_cannot_be_read_is_malformed_and_says_where(body: bytes) -> None:
    read = deliver(body)
    assert isinstance(read, Malformed)
    assert "cannot be read at" in read.problem


def test_an_unknown_event_is_ignored_by_name() -> None:
    assert deliver({"object_kind": "wiki_page"}) == Ignored("the gate does not act on wiki_page events")
    assert deliver({}) == Ignored("the gate does not act on unnamed events")
