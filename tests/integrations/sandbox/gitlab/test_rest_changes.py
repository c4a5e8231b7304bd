"""REST about merge requests: reading, editing, their difference, what is said on them, and merging."""

from __future__ import annotations

import hashlib

import httpx
import pytest
from gitlab.exceptions import GitlabHttpError, GitlabMRApprovalError, GitlabMRClosedError
from gitlab.v4.objects import ProjectMergeRequest

from integrations.sandbox.gitlab.fake import FakeGitLab
from tests.integrations.sandbox.gitlab.conftest import SHOP
from tests.integrations.sandbox.gitlab.reach import client

CHANGE = "/projects/acme%2Fweb%2Fshop/merge_requests/1"


@pytest.fixture
def seen(gitlab: FakeGitLab, change: int) -> ProjectMergeRequest:
    return client(gitlab).projects.get(SHOP).mergerequests.get(change)


def test_a_project_is_found_by_path_and_by_number(gitlab: FakeGitLab) -> None:
    kit = client(gitlab)
    assert kit.projects.get(SHOP).id == kit.projects.get(kit.projects.get(SHOP).id).id == 7001


def test_a_merge_request_tells_its_commits(gitlab: FakeGitLab, seen: ProjectMergeRequest) -> None:
    head = gitlab.head(SHOP, "cart")
    assert (seen.sha, seen.state, seen.draft, seen.detailed_merge_status) == (head, "opened", False, "mergeable")
    base = gitlab.head(SHOP, "main")
    assert seen.diff_refs == {"base_sha": base, "head_sha": head, "start_sha": base}
    assert [commit.title for commit in seen.commits()] == ["Add tax"]
    assert [version.head_commit_sha for version in seen.diffs.list()] == [head]


def test_the_raw_difference_is_gits_own(gitlab: FakeGitLab, raw: httpx.Client, change: int) -> None:
    text = raw.get(f"{CHANGE}/raw_diffs").text
    oid = hashlib.sha1(b"blob 10\0rate = 19\n", usedforsecurity=False).hexdigest()
    assert f"index {'0' * 40}..{oid}\n" in text
    assert text.startswith("diff --git a/shop/cart.py b/shop/cart.py\n")


def test_a_large_file_is_collapsed_and_a_larger_one_withheld(gitlab: FakeGitLab) -> None:
    lines = {"small": 10, "middle": 3_000, "large": 30_000}
    gitlab.push(SHOP, "big", {name: "0123456789\n" * count for name, count in lines.items()}, by="ann")
    iid = gitlab.open_change(SHOP, "big", by="ann").iid
    found = client(gitlab).http_list(f"/projects/acme%2Fweb%2Fshop/merge_requests/{iid}/diffs", get_all=True)
    told = {each["new_path"]: (each["collapsed"], each["too_large"], bool(each["diff"])) for each in found}
    assert told == {"small": (False, False, True), "middle": (True, False, False), "large": (False, True, False)}


def test_files_are_listed_with_what_became_of_them(gitlab: FakeGitLab) -> None:
    gitlab.push(SHOP, "move", {"README.md": None, "READ.md": "# Shop\n", "shop/cart.py": None}, by="ann")
    iid = gitlab.open_change(SHOP, "move", by="ann").iid
    found = client(gitlab).http_list(f"/projects/acme%2Fweb%2Fshop/merge_requests/{iid}/diffs", get_all=True)
    assert [(each["old_path"], each["new_path"]) for each in found if each["renamed_file"]] == [("README.md", "READ.md")]
    assert [each["old_path"] for each in found if each["deleted_file"]] == ["shop/cart.py"]


def test_labels_change_by_name(gitlab: FakeGitLab, seen: ProjectMergeRequest) -> None:
    kit = client(gitlab)
    kit.http_put(CHANGE, post_data={"add_labels": "one,two"})
    kit.http_put(CHANGE, post_data={"remove_labels": ["one"], "add_labels": ["three"]})
    assert gitlab.labels(SHOP, seen.iid) == ["two", "three"]
    kit.http_put(CHANGE, post_data={"labels": "four"})
    assert gitlab.labels(SHOP, seen.iid) == ["four"]


def test_title_and_state_are_edited(gitlab: FakeGitLab, seen: ProjectMergeRequest) -> None:
    seen.title, seen.state_event = "Draft: Tax", "close"
    seen.save()
    found = gitlab.change(SHOP, seen.iid)
    assert (found.draft, found.state) == (True, "closed")


def test_a_state_nobody_knows_is_refused_in_grapes_words(raw: httpx.Client, change: int) -> None:
    refused = raw.put(CHANGE, json={"state_event": "burn", "title": " "})
    assert refused.json() == {"error": "title is empty, state_event does not have a valid value"}


def test_merge_requests_are_listed_by_what_is_asked(gitlab: FakeGitLab, change: int) -> None:
    gitlab.push(SHOP, "other", {"x": "1"}, by="bob")
    gitlab.open_change(SHOP, "other", by="bob", title="Draft: Other")
    project = client(gitlab).projects.get(SHOP)
    assert [each.iid for each in project.mergerequests.list(get_all=True)] == [2, 1]
    assert [each.iid for each in project.mergerequests.list(get_all=True, source_branch="cart", state="opened")] == [1]
    assert [each.iid for each in project.mergerequests.list(get_all=True, wip="yes")] == [2]
    assert project.mergerequests.list(get_all=True, updated_after="2999-01-01T00:00:00Z") == []


def test_notes_are_written_listed_and_taken_back(gitlab: FakeGitLab, seen: ProjectMergeRequest) -> None:
    first = seen.notes.create({"body": "one"})
    seen.notes.create({"body": "two"})
    seen.notes.update(first.id, {"body": "uno"})
    assert [note.body for note in seen.notes.list(get_all=True, sort="asc")] == ["uno", "two"]
    assert [note.body for note in seen.notes.list(get_all=True)] == ["two", "uno"]
    seen.notes.delete(first.id)
    assert [note.body for note in gitlab.notes(SHOP, seen.iid)] == ["two"]


def test_nobody_edits_anothers_note(gitlab: FakeGitLab, raw: httpx.Client, change: int) -> None:
    note = gitlab.comment(SHOP, change, "mine", by="ann")
    assert raw.put(f"{CHANGE}/notes/{note.id}", json={"body": "theirs"}).status_code == 403
    assert raw.put(f"{CHANGE}/notes/1", json={"body": "nobody's"}).json() == {"message": "404 Not found"}


def test_a_note_without_words_is_refused(raw: httpx.Client, change: int) -> None:
    assert raw.post(f"{CHANGE}/notes", json={}).json() == {"error": "body is missing"}
    assert raw.post(f"{CHANGE}/notes", json={"body": " "}).json() == {"message": {"note": ["can't be blank"]}}


def test_a_thread_is_opened_answered_and_resolved(gitlab: FakeGitLab, seen: ProjectMergeRequest) -> None:
    opened = seen.discussions.create({"body": "why?"})
    opened.notes.create({"body": "because"})
    gitlab.settings(SHOP).threads_must_be_resolved = True
    assert _standing(gitlab) == "discussions_not_resolved"
    seen.discussions.update(opened.id, {"resolved": True})
    found = seen.discussions.get(opened.id)
    assert [(note["body"], note["resolved"]) for note in found.attributes["notes"]] == [("why?", True), ("because", True)]
    assert _standing(gitlab) == "mergeable"


def _standing(gitlab: FakeGitLab) -> str:
    return str(client(gitlab).projects.get(SHOP).mergerequests.get(1).detailed_merge_status)


def test_a_lone_note_is_a_discussion_of_its_own(seen: ProjectMergeRequest) -> None:
    seen.notes.create({"body": "hello"})
    seen.discussions.create({"body": "why?"})
    found = seen.discussions.list(get_all=True)
    assert [each.individual_note for each in found] == [True, False]


def test_an_approval_is_bound_to_a_head_when_asked(gitlab: FakeGitLab, seen: ProjectMergeRequest) -> None:
    with pytest.raises(GitlabMRApprovalError, match="SHA does not match HEAD"):
        seen.approve(sha="0" * 40)
    seen.approve(sha=seen.sha)
    assert [each["user"]["username"] for each in seen.approvals.get().approved_by] == ["llmgate-bot"]
    seen.unapprove()
    assert seen.approvals.get().approved_by == []


def test_merging_is_for_who_may_and_of_the_head_that_was_seen(gitlab: FakeGitLab, change: int) -> None:
    mia = client(gitlab, gitlab.token_for("mia")).projects.get(SHOP).mergerequests.get(change)
    with pytest.raises(GitlabMRClosedError, match="SHA does not match"):
        mia.merge(sha="0" * 40)
    gitlab.set_draft(SHOP, change, True, by="ann")
    with pytest.raises(GitlabMRClosedError, match="405 Method Not Allowed"):
        mia.merge()
    gitlab.set_draft(SHOP, change, False, by="ann")
    mia.merge(sha=mia.sha)
    assert gitlab.change(SHOP, change).state == "merged"


def test_a_merge_request_is_opened_through_the_api(gitlab: FakeGitLab) -> None:
    gitlab.push(SHOP, "new", {"n": "1"}, by="ann")
    project = client(gitlab, gitlab.token_for("ann")).projects.get(SHOP)
    made = project.mergerequests.create({"source_branch": "new", "target_branch": "main", "title": "New"})
    assert (made.iid, made.author["username"]) == (1, "ann")
    with pytest.raises(GitlabHttpError, match="Another open merge request already exists"):
        client(gitlab, gitlab.token_for("ann")).http_post(
            f"/projects/{project.id}/merge_requests",
            post_data={"source_branch": "new", "target_branch": "main", "title": "Again"},
        )


def test_what_is_not_there_is_missing_in_gitlabs_words(raw: httpx.Client) -> None:
    assert raw.get("/projects/acme%2Fnone").json() == {"message": "404 Project Not Found"}
    assert raw.get("/projects/acme%2Fweb%2Fshop/merge_requests/9").json() == {"message": "404 Not found"}
    assert raw.get("/groups/none").json() == {"message": "404 Group Not Found"}


def test_an_unknown_path_is_recorded(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    answer = raw.get("/projects/acme%2Fweb%2Fshop/issues")
    assert (answer.status_code, answer.json()["error"]) == (404, "404 Not Found")
    assert gitlab.unmodelled == ["GET /projects/acme/web/shop/issues"]


def test_a_body_that_is_no_json_is_refused(raw: httpx.Client, change: int) -> None:
    answer = raw.post(f"{CHANGE}/notes", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.json() == {"error": "The message body does not match the declared format"}


def test_a_form_is_read_as_well(gitlab: FakeGitLab, raw: httpx.Client, change: int) -> None:
    assert raw.post(f"{CHANGE}/notes", data={"body": "form"}).status_code == 201
    assert [note.body for note in gitlab.notes(SHOP, change)] == ["form"]


@pytest.mark.parametrize("text", ["/approve", "Fine.\n  /merge", "```\ncode\n```\n/close now"])
def test_a_text_that_gitlab_would_obey_is_refused_and_recorded(
    gitlab: FakeGitLab, raw: httpx.Client, change: int, text: str
) -> None:
    for path in ("notes", "discussions"):
        assert "which GitLab would carry out" in raw.post(f"{CHANGE}/{path}", json={"body": text}).json()["error"]
    assert len(gitlab.unmodelled) == 2


@pytest.mark.parametrize("text", ["a /merge b", "\\/approve", "/usr/bin", "```\n/merge\n```\n", "/mergeable"])
def test_a_text_that_only_looks_like_a_command_is_kept(gitlab: FakeGitLab, raw: httpx.Client, change: int, text: str) -> None:
    assert raw.post(f"{CHANGE}/notes", json={"body": text}).json()["body"] == text
