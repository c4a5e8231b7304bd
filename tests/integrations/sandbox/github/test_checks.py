"""Check runs, statuses, comments, labels and reviews: what the gate writes, and what GitHub would not take."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from integrations.sandbox.github.fake import FakeGitHub
from tests.integrations.sandbox.github.conftest import SHOP

RUNS = f"/repos/{SHOP}/check-runs"


@pytest.fixture
def head(github: FakeGitHub, change: int) -> str:
    return github.change(SHOP, change).head_sha


def post(raw: httpx.Client, head: str, **more: Any) -> httpx.Response:
    return raw.post(RUNS, json={"name": "llmgate", "head_sha": head, **more})


def test_a_check_run_is_made_changed_and_found(raw: httpx.Client, github: FakeGitHub, head: str) -> None:
    made = post(raw, head, status="in_progress", external_id="digest-1").json()
    assert (made["status"], made["conclusion"], made["app"]["id"]) == ("in_progress", None, github.app.id)
    output = {"title": "Allowed", "summary": "All there"}
    raw.patch(f"{RUNS}/{made['id']}", json={"conclusion": "success", "output": output})
    query: dict[str, str | int] = {"check_name": "llmgate", "app_id": github.app.id}
    found = raw.get(f"/repos/{SHOP}/commits/{head}/check-runs", params=query).json()
    assert found["total_count"] == 1
    run = found["check_runs"][0]
    assert (run["status"], run["conclusion"], run["external_id"]) == ("completed", "success", "digest-1")
    assert run["output"]["summary"] == "All there"
    assert [each["number"] for each in run["pull_requests"]] == [1]


def test_only_the_newest_run_of_a_name_is_listed(raw: httpx.Client, head: str) -> None:
    post(raw, head, conclusion="failure")
    post(raw, head, conclusion="success")
    path = f"/repos/{SHOP}/commits/{head}/check-runs"
    assert [each["conclusion"] for each in raw.get(path).json()["check_runs"]] == ["success"]
    assert raw.get(path, params={"filter": "all"}).json()["total_count"] == 2


GOOD = {"title": "t", "summary": "s"}
ACTION = {"label": "Re-run", "identifier": "again", "description": "Look again"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"output": {**GOOD, "summary": "x" * 65_536}},
        {"output": {**GOOD, "text": "x" * 65_536}},
        {"output": {**GOOD, "title": "x" * 256}},
        {"output": {"summary": "no title"}},
        {"actions": [ACTION] * 4},
        {"actions": [{**ACTION, "label": "x" * 21}]},
        {"actions": [{**ACTION, "identifier": "x" * 21}]},
        {"actions": [{**ACTION, "description": "x" * 41}]},
        {"conclusion": "great"},
        {"status": "completed"},
        {"started_at": "yesterday"},
        {"colour": "green"},
        {"head_sha": "0" * 40},
        {"name": None},
        {"external_id": 7},
    ],
    ids=str,
)
def test_what_github_would_not_take_is_refused(raw: httpx.Client, head: str, wrong: dict[str, Any]) -> None:
    answer = post(raw, head, **wrong)
    assert answer.status_code == 422
    assert raw.get(f"/repos/{SHOP}/commits/{head}/check-runs").json()["total_count"] == 0


def test_a_field_too_long_is_named(raw: httpx.Client, head: str) -> None:
    answer = post(raw, head, output={"title": "t", "summary": "x" * 65_536}).json()
    error = answer["errors"][0]
    assert (answer["message"], error["resource"], error["field"]) == ("Validation Failed", "CheckRun", "summary")


def test_the_longest_text_is_taken(raw: httpx.Client, head: str) -> None:
    assert post(raw, head, output={"title": "x" * 255, "summary": "x" * 65_535, "text": "y" * 65_535}).status_code == 201


def test_another_apps_run_cannot_be_changed(github: FakeGitHub, raw: httpx.Client, head: str) -> None:
    run = github.forge_check(SHOP, head, "ci", app_id=99)
    assert raw.patch(f"{RUNS}/{run.id}", json={"conclusion": "failure"}).status_code == 403


def test_statuses_roll_up(github: FakeGitHub, raw: httpx.Client, head: str) -> None:
    combined = f"/repos/{SHOP}/commits/{head}/status"
    assert raw.get(combined).json()["state"] == "pending"
    raw.post(f"/repos/{SHOP}/statuses/{head}", json={"state": "success", "context": "llmgate", "description": "fine"})
    assert raw.get(combined).json()["state"] == "success"
    github.forge_status(SHOP, head, "ci", by="bob", state="failure")
    told = raw.get(combined).json()
    assert (told["state"], told["total_count"]) == ("failure", 2)


def test_a_status_description_has_a_limit(raw: httpx.Client, head: str) -> None:
    body = {"state": "success", "description": "x" * 141}
    assert raw.post(f"/repos/{SHOP}/statuses/{head}", json=body).status_code == 422


def test_comments_are_made_changed_and_deleted(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    path = f"/repos/{SHOP}/issues/{change}/comments"
    made = raw.post(path, json={"body": "first"}).json()
    assert (made["user"]["login"], made["user"]["type"]) == ("llmgate[bot]", "Bot")
    assert made["performed_via_github_app"]["id"] == github.app.id
    own = f"/repos/{SHOP}/issues/comments/{made['id']}"
    assert raw.patch(own, json={"body": "second"}).json()["body"] == "second"
    assert [each.body for each in github.comments(SHOP, change)] == ["second"]
    assert raw.delete(own).status_code == 204
    assert (raw.get(own).status_code, raw.patch(own, json={"body": "third"}).status_code) == (404, 404)


def test_a_comment_has_a_limit(raw: httpx.Client, change: int) -> None:
    path = f"/repos/{SHOP}/issues/{change}/comments"
    assert raw.post(path, json={"body": "x" * 65_536}).status_code == 201
    too_long = raw.post(path, json={"body": "x" * 65_537})
    assert (too_long.status_code, too_long.json()["errors"][0]["field"]) == (422, "body")


def test_labels_are_made_on_the_way_and_removed(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    path = f"/repos/{SHOP}/issues/{change}/labels"
    made = {"name": "llm-generated", "color": "5319e7"}
    assert raw.post(f"/repos/{SHOP}/labels", json=made).status_code == 201
    assert raw.post(f"/repos/{SHOP}/labels", json=made).json()["errors"][0]["code"] == "already_exists"
    raw.post(path, json={"labels": ["LLM-generated", "LLM Review: approved"]})
    assert github.labels(SHOP, change) == ["llm-generated", "LLM Review: approved"]
    assert raw.delete(f"{path}/LLM%20Review:%20approved").status_code == 200
    assert raw.delete(f"{path}/LLM%20Review:%20approved").json()["message"] == "Label does not exist"
    assert github.labels(SHOP, change) == ["llm-generated"]


def test_labels_have_limits(raw: httpx.Client, change: int) -> None:
    assert raw.post(f"/repos/{SHOP}/issues/{change}/labels", json={"labels": ["x" * 51]}).status_code == 422
    assert raw.post(f"/repos/{SHOP}/labels", json={"name": "x", "color": "#ffffff"}).status_code == 422


def test_the_bot_asks_for_changes(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    path = f"/repos/{SHOP}/pulls/{change}/reviews"
    made = raw.post(path, json={"event": "REQUEST_CHANGES", "body": "Tax is 7 here"}).json()
    assert (made["state"], made["commit_id"]) == ("CHANGES_REQUESTED", github.change(SHOP, change).head_sha)
    assert raw.post(path, json={"event": "REQUEST_CHANGES"}).status_code == 422
    assert raw.post(path, json={"event": "SHRUG", "body": "?"}).status_code == 422


def test_nobody_approves_their_own_change(github: FakeGitHub, change: int) -> None:
    headers = {"Authorization": f"token {github.token_for('ann')}"}
    path = f"{github.api_url}/repos/{SHOP}/pulls/{change}/reviews"
    answer = httpx.post(path, json={"event": "APPROVE"}, headers=headers, trust_env=False)
    assert answer.json()["message"] == "Unprocessable Entity: Can not approve your own pull request"
