"""What hooks are told, and how they know that it is GitLab."""

from __future__ import annotations

import base64
import hashlib
import hmac

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab
from tests.integrations.sandbox.gitlab.conftest import SHOP
from tests.integrations.sandbox.gitlab.hook import GitLabHook


def test_a_delivery_carries_gitlabs_headers_and_the_token(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.flush()
    got = next(each for each in hook.received if each.payload["object_kind"] == "merge_request")
    (installed,) = gitlab.hooks
    assert got.headers["x-gitlab-event"] == "Merge Request Hook"
    assert got.headers["x-gitlab-token"] == gitlab.hook_token
    assert got.headers["x-gitlab-instance"] == gitlab.url
    assert got.headers["x-gitlab-webhook-uuid"] == installed.uuid
    assert got.headers["user-agent"].startswith("GitLab/")
    assert got.headers["content-type"] == "application/json"
    assert "webhook-signature" not in got.headers
    keys = [each.headers["idempotency-key"] for each in hook.received]
    events = [each.headers["x-gitlab-event-uuid"] for each in hook.received]
    assert len(set(keys)) == len(keys) == len(set(events)) == 2


def test_a_signing_token_signs_as_standard_webhooks_do(
    gitlab: FakeGitLab, hook: GitLabHook, clock: FakeClock, change: int
) -> None:
    gitlab.install(hook.url, signed=True)
    gitlab.edit(SHOP, change, by="ann", title="Taxes")
    gitlab.flush()
    got = hook.received[-1]
    key = base64.b64decode(gitlab.signing_token.removeprefix("whsec_"))
    at = str(int(clock.now().timestamp()))
    signed = f"{got.headers['idempotency-key']}.{at}.".encode() + got.body
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-id"] == got.headers["idempotency-key"]
    assert (got.headers["webhook-timestamp"], got.headers["webhook-signature"]) == (at, f"v1,{digest}")


def test_all_hooks_of_one_event_share_its_uuid_and_nothing_else(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.flush()
    hook.received.clear()
    gitlab.licence = "premium"
    gitlab.install(hook.url, "group")
    gitlab.hook(SHOP, hook.url)
    gitlab.edit(SHOP, change, by="ann", title="Taxes")
    gitlab.flush()
    one, two = (each.headers for each in hook.received)
    assert one["x-gitlab-event-uuid"] == two["x-gitlab-event-uuid"]
    assert one["idempotency-key"] != two["idempotency-key"]
    assert one["x-gitlab-webhook-uuid"] != two["x-gitlab-webhook-uuid"]


def test_a_merge_request_tells_who_acted_where_and_on_which_commit(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.flush()
    told = hook.last("merge_request.open")
    attributes, mr = told["object_attributes"], gitlab.change(SHOP, change)
    assert (told["user"]["id"], told["user"]["username"]) == (1001, "ann")
    assert (told["project"]["path_with_namespace"], attributes["target"]["path_with_namespace"]) == (SHOP, SHOP)
    assert (attributes["iid"], attributes["last_commit"]["id"], attributes["state"]) == (change, mr.sha, "opened")
    assert (attributes["source_branch"], attributes["target_branch"], attributes["draft"]) == ("cart", "main", False)
    assert attributes["updated_at"] == "2026-03-03 09:00:00 UTC"
    assert "oldrev" not in attributes


def test_every_deed_on_a_merge_request_is_told(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.push(SHOP, "release", {}, by="mia")
    gitlab.flush()
    hook.received.clear()
    gitlab.edit(SHOP, change, by="ann", title="Better", body="More", base="release")
    gitlab.label(SHOP, change, "bug", by="bob")
    gitlab.unlabel(SHOP, change, "bug", by="bob")
    gitlab.set_draft(SHOP, change, True, by="ann")
    note = gitlab.comment(SHOP, change, "hello", by="bob")
    gitlab.edit_comment(SHOP, change, note.id, "hello!", by="bob")
    gitlab.delete_comment(SHOP, change, note.id, by="bob")
    gitlab.approve(SHOP, change, by="bob")
    gitlab.unapprove(SHOP, change, by="bob")
    gitlab.close_change(SHOP, change, by="ann")
    gitlab.reopen(SHOP, change, by="ann")
    gitlab.flush()
    assert hook.names == [
        *["merge_request.update"] * 4,
        "note.create",
        "note.update",
        "merge_request.approved",
        "merge_request.unapproved",
        "merge_request.close",
        "merge_request.reopen",
    ]
    edited, labelled, unlabelled, drafted = (each.payload["changes"] for each in hook.received[:4])
    assert edited["title"] == {"previous": "Tax", "current": "Better"}
    assert edited["target_branch"] == {"previous": "main", "current": "release"}
    assert [label["title"] for label in labelled["labels"]["current"]] == ["bug"]
    assert (unlabelled["labels"]["current"], drafted["draft"]) == ([], {"previous": False, "current": True})


def test_what_changes_nothing_is_not_told(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.label(SHOP, change, "bug", by="bob")
    gitlab.flush()
    hook.received.clear()
    gitlab.label(SHOP, change, "bug", by="bob")
    gitlab.edit(SHOP, change, by="ann", title="Tax")
    gitlab.set_draft(SHOP, change, False, by="ann")
    gitlab.flush()
    assert hook.names == []


def test_an_approval_that_is_not_enough_has_another_name(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.licence = "premium"
    gitlab.approval_rule(SHOP, "Two", [], required=2)
    gitlab.approve(SHOP, change, by="bob")
    gitlab.approve(SHOP, change, by="mia")
    gitlab.unapprove(SHOP, change, by="mia")
    gitlab.unapprove(SHOP, change, by="bob")
    gitlab.flush()
    assert [name.partition(".")[2] for name in hook.names[-4:]] == ["approval", "approved", "unapproved", "unapproval"]


def test_a_push_tells_of_the_branch_and_then_of_its_merge_request(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    before = gitlab.change(SHOP, change).sha
    after = gitlab.push(SHOP, "cart", {"new.py": "1", "shop/tax.py": None, "shop/cart.py": "total = 3\n"}, by="bob")
    gitlab.flush()
    assert hook.names[-2:] == ["push", "merge_request.update"]
    pushed, moved = hook.last("push"), hook.last("merge_request.update")
    assert (pushed["ref"], pushed["before"], pushed["after"]) == ("refs/heads/cart", before, after)
    told = pushed["commits"][0]
    assert (told["added"], told["removed"], told["modified"]) == (["new.py"], ["shop/tax.py"], ["shop/cart.py"])
    attributes = moved["object_attributes"]
    assert (attributes["oldrev"], attributes["last_commit"]["id"], moved["user"]["username"]) == (before, after, "bob")


def test_a_long_push_is_cut(gitlab: FakeGitLab, hook: GitLabHook) -> None:
    git = gitlab.world.project(SHOP).git
    gitlab.voice.held = True
    for number in range(22):
        gitlab.push(SHOP, "long", {"n": str(number)}, by="ann")
    tip = gitlab.head(SHOP, "long")
    git.set_ref("refs/heads/again", tip)
    with gitlab.world.lock:
        gitlab.verbs.pushes.moved(gitlab.world.project(SHOP), {"refs/heads/again": None}, gitlab.world.user("ann"))
    gitlab.voice.send_held()
    gitlab.flush()
    assert (len(hook.last("push")["commits"]), hook.last("push")["total_commits_count"]) == (20, 22)


def test_a_merge_tells_of_the_target_and_then_of_the_merge_request(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    made = gitlab.merge(SHOP, change, by="bob")
    gitlab.flush()
    assert hook.names[-2:] == ["push", "merge_request.merge"]
    assert hook.last("push")["after"] == hook.last("merge_request.merge")["object_attributes"]["merge_commit_sha"] == made


def test_a_pipeline_is_told_at_every_turn(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    pipeline = gitlab.run_pipeline(SHOP, change, jobs={"test": "running"})
    gitlab.finish_job(SHOP, pipeline.jobs[0].id, "success")
    gitlab.forge_status(SHOP, pipeline.sha, "other", by="bob", state="failed")
    gitlab.flush()
    assert hook.names[-3:] == ["pipeline.running", "pipeline.success", "pipeline.failed"]
    told = hook.last("pipeline.failed")
    assert told["merge_request"]["iid"] == change
    assert told["object_attributes"]["source"] == "merge_request_event"
    assert (told["object_attributes"]["id"], told["object_attributes"]["sha"]) == (pipeline.id, pipeline.sha)
    assert [build["name"] for build in told["builds"]] == ["test"]


def test_a_status_that_changes_no_pipeline_is_not_told(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    sha = gitlab.change(SHOP, change).sha
    gitlab.forge_status(SHOP, sha, "one", by="bob")
    gitlab.flush()
    before = len(hook.received)
    gitlab.forge_status(SHOP, sha, "two", by="bob")
    gitlab.flush()
    assert len(hook.received) == before


def test_a_branch_pipeline_names_no_merge_request(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.run_pipeline(SHOP, "cart")
    gitlab.flush()
    assert hook.last("pipeline.success")["merge_request"] is None
    assert hook.last("pipeline.success")["object_attributes"]["ref"] == "cart"


def test_a_note_names_its_merge_request(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    note = gitlab.comment(SHOP, change, "/llmgate status", by="bob")
    gitlab.flush()
    told = hook.last("note.create")
    assert (told["object_attributes"]["id"], told["object_attributes"]["note"]) == (note.id, "/llmgate status")
    assert told["object_attributes"]["noteable_type"] == "MergeRequest"
    assert (told["merge_request"]["iid"], told["user"]["username"]) == (change, "bob")
    assert told["merge_request"]["last_commit"]["id"] == gitlab.change(SHOP, change).sha
