"""REST about pipelines, commit statuses, artifacts, external status checks, approval rules and merge trains."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from gitlab.exceptions import GitlabAuthenticationError, GitlabCreateError, GitlabHttpError

from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access
from tests.integrations.sandbox.gitlab.conftest import SHOP
from tests.integrations.sandbox.gitlab.reach import client

PROJECT = "/projects/acme%2Fweb%2Fshop"
CHANGE = f"{PROJECT}/merge_requests/1"


@pytest.fixture
def head(gitlab: FakeGitLab, change: int) -> str:
    return gitlab.change(SHOP, change).sha


@pytest.fixture
def checked(gitlab: FakeGitLab, change: int) -> Iterator[int]:
    """Ultimate, with an external status check; its number."""
    gitlab.licence = "ultimate"
    yield gitlab.status_check(SHOP, "llmgate", "http://127.0.0.1:9/").id
    gitlab.flush()


def test_a_status_is_posted_and_listed(gitlab: FakeGitLab, head: str) -> None:
    commit = client(gitlab).projects.get(SHOP).commits.get(head)
    posted = commit.statuses.create({"state": "pending", "name": "llmgate", "description": "Waiting"})
    assert (posted.status, posted.description, posted.author["username"]) == ("pending", "Waiting", "llmgate-bot")
    listed = commit.statuses.list(get_all=True)
    assert [(each.name, each.status, each.pipeline_id) for each in listed] == [("llmgate", "pending", posted.pipeline_id)]
    assert gitlab.change(SHOP, 1).source_project.pipelines[0].source == "external"


def test_a_status_that_stays_is_refused_with_gitlabs_reason(gitlab: FakeGitLab, head: str) -> None:
    commit = client(gitlab).projects.get(SHOP).commits.get(head)
    commit.statuses.create({"state": "pending", "name": "llmgate"})
    with pytest.raises(GitlabCreateError, match="Cannot transition status via :enqueue from :pending"):
        commit.statuses.create({"state": "pending", "name": "llmgate"})


def test_rows_that_were_replaced_come_only_when_all_are_asked_for(gitlab: FakeGitLab, raw: httpx.Client, head: str) -> None:
    for state in ("failed", "success"):
        raw.post(f"{PROJECT}/statuses/{head}", json={"state": state, "name": "llmgate"})
    path = f"{PROJECT}/repository/commits/{head}/statuses"
    assert [each["status"] for each in raw.get(path).json()] == ["success"]
    assert [each["status"] for each in raw.get(path, params={"all": "true"}).json()] == ["failed", "success"]
    assert raw.get(path, params={"name": "other"}).json() == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, {"error": "state is missing"}),
        ({"state": "green"}, {"error": "state does not have a valid value"}),
        ({"state": "success", "pipeline_id": 5}, {"message": "404 Pipeline for pipeline_id, sha and ref Not Found"}),
    ],
)
def test_a_status_is_refused_as_gitlab_does(
    raw: httpx.Client, head: str, body: dict[str, object], told: dict[str, str]
) -> None:
    assert raw.post(f"{PROJECT}/statuses/{head}", json=body).json() == told


def test_a_status_needs_a_commit_and_a_developer(gitlab: FakeGitLab, raw: httpx.Client, head: str) -> None:
    missing = raw.post(f"{PROJECT}/statuses/{'0' * 40}", json={"state": "success"})
    assert missing.json() == {"message": "404 Commit Not Found"}
    gitlab.user("rae")
    gitlab.grant(SHOP, "rae", Access.REPORTER)
    with pytest.raises(GitlabHttpError, match="403 Forbidden"):
        client(gitlab, gitlab.token_for("rae")).http_post(f"{PROJECT}/statuses/{head}", post_data={"state": "success"})


def test_jobs_are_the_projects_own_and_leave_artifacts(gitlab: FakeGitLab, change: int, head: str) -> None:
    gitlab.run_pipeline(SHOP, change, jobs={"test": "success"}, artifacts={"test": b"PK\x05\x06"})
    project = client(gitlab).projects.get(SHOP)
    project.commits.get(head).statuses.create({"state": "success", "name": "llmgate"})
    pipeline = project.mergerequests.get(change).pipelines.list(get_all=True)[0]
    jobs = project.pipelines.get(pipeline.id).jobs.list(get_all=True)
    assert [(job.name, job.status) for job in jobs] == [("test", "success")]
    assert project.jobs.get(jobs[0].id).artifacts() == b"PK\x05\x06"
    names = [each.name for each in project.commits.get(head).statuses.list(get_all=True)]
    assert names == ["test", "llmgate"]


def test_a_merge_request_tells_its_head_pipeline(gitlab: FakeGitLab, change: int) -> None:
    made = gitlab.run_pipeline(SHOP, change, jobs={"test": "failed"})
    seen = client(gitlab).projects.get(SHOP).mergerequests.get(change)
    assert (seen.head_pipeline["id"], seen.head_pipeline["status"]) == (made.id, "failed")


@pytest.mark.parametrize("path", ["/external_status_checks", "/merge_requests/1/status_checks"])
def test_status_checks_are_ultimates(gitlab: FakeGitLab, change: int, path: str) -> None:
    with pytest.raises(GitlabAuthenticationError, match="401 Unauthorized"):
        client(gitlab).http_list(PROJECT + path, get_all=True)


def test_a_status_check_is_answered_for_the_head(gitlab: FakeGitLab, raw: httpx.Client, head: str, checked: int) -> None:
    answer = {"sha": head, "external_status_check_id": checked, "status": "passed"}
    assert raw.post(f"{CHANGE}/status_check_responses", json={**answer, "sha": "0" * 40}).status_code == 409
    assert raw.post(f"{CHANGE}/status_check_responses", json=answer).status_code == 201
    listed = raw.get(f"{CHANGE}/status_checks").json()
    assert [(each["name"], each["status"]) for each in listed] == [("llmgate", "passed")]
    again = raw.post(f"{CHANGE}/status_checks/{checked}/retry")
    assert (again.status_code, again.json()) == (422, {"message": "External status check must be failed"})


def test_all_checks_of_a_project_are_for_its_maintainers(gitlab: FakeGitLab, raw: httpx.Client, checked: int) -> None:
    assert raw.get(f"{PROJECT}/external_status_checks").status_code == 401
    mia = client(gitlab, gitlab.token_for("mia"))
    assert [each["hmac"] for each in mia.http_list(f"{PROJECT}/external_status_checks", get_all=True)] == [False]


def test_approval_rules_are_premiums(gitlab: FakeGitLab, raw: httpx.Client, change: int) -> None:
    assert raw.get(f"{PROJECT}/approval_rules").status_code == 403
    gitlab.licence = "premium"
    gitlab.approval_rule(SHOP, "Gate", ["bob"])
    assert [each["name"] for each in raw.get(f"{PROJECT}/approval_rules").json()] == ["Gate"]
    assert raw.get(f"{CHANGE}/approvals").json()["approvals_left"] == 1
    gitlab.approve(SHOP, change, by="bob")
    state = raw.get(f"{CHANGE}/approval_state").json()["rules"][0]
    assert (state["approved"], [each["username"] for each in state["approved_by"]]) == (True, ["bob"])


def test_free_tells_approvals_without_rules(gitlab: FakeGitLab, raw: httpx.Client, change: int) -> None:
    gitlab.approve(SHOP, change, by="bob")
    told = raw.get(f"{CHANGE}/approvals").json()
    assert ("approvals_left" in told, told["approved_by"][0]["user"]["username"]) == (False, "bob")


def test_trains_are_premiums_and_list_their_cars(gitlab: FakeGitLab, raw: httpx.Client, change: int) -> None:
    assert raw.get(f"{PROJECT}/merge_trains/main").status_code == 403
    gitlab.licence = "premium"
    gitlab.settings(SHOP).merge_trains = True
    gitlab.add_to_train(SHOP, change, by="mia")
    cars = raw.get(f"{PROJECT}/merge_trains/main", params={"scope": "active", "sort": "asc"}).json()
    assert [(car["merge_request"]["iid"], car["status"], car["target_branch"]) for car in cars] == [(change, "fresh", "main")]
    assert cars[0]["pipeline"]["ref"] == f"refs/merge-requests/{change}/train"
    assert raw.get(f"{PROJECT}/merge_trains/merge_requests/{change}").json()["id"] == cars[0]["id"]
    assert raw.get(f"{PROJECT}/merge_trains/nowhere").json() == {"message": "404 Branch Not Found"}
