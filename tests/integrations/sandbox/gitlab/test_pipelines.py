"""Pipelines, the one that speaks for a head commit, and statuses posted from outside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.model import Job, JobStatus, Pipeline, composite
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import Refusal
from integrations.sandbox.gitlab.statuses import NewStatus
from tests.integrations.sandbox.gitlab.conftest import SHOP


def post(gitlab: FakeGitLab, sha: str, state: str, *, by: str = "llmgate-bot", project: str = SHOP, **more: str | int) -> Job:
    values: NewStatus = {"state": state, "name": "llmgate", **more}  # type: ignore[typeddict-item]
    with gitlab.world.lock:
        return gitlab.verbs.statuses.post(gitlab.world.project(project), sha, values, gitlab.world.user(by))


def head_pipeline(gitlab: FakeGitLab, iid: int) -> Pipeline:
    found = gitlab.verbs.pipelines.head(gitlab.change(SHOP, iid))
    assert found is not None
    return found


def rows(pipeline: Pipeline) -> list[tuple[str, str, bool]]:
    return [(job.by.username, job.status, job.retried) for job in pipeline.jobs]


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        ([], "created"),
        (["success", "skipped"], "success"),
        (["skipped"], "skipped"),
        (["success", "canceled"], "canceled"),
        (["pending", "created"], "pending"),
        (["success", "pending"], "running"),
        (["failed", "running"], "running"),
        (["failed", "success", "canceled"], "failed"),
        (["success", "created"], "running"),
    ],
)
def test_a_pipeline_is_what_its_jobs_come_to(gitlab: FakeGitLab, statuses: list[JobStatus], whole: str) -> None:
    ann, at = gitlab.world.user("ann"), gitlab.world.now()
    assert composite([Job(1, "job", "test", status, ann, at) for status in statuses]) == whole


def test_a_job_that_may_fail_does_not_fail_its_pipeline(gitlab: FakeGitLab, change: int) -> None:
    pipeline = gitlab.run_pipeline(SHOP, change, jobs={"test": "success", "lint": "failed"})
    before = pipeline.status
    pipeline.jobs[1].allow_failure = True
    assert (before, pipeline.status) == ("failed", "success")


def test_a_status_without_a_pipeline_makes_an_external_one(gitlab: FakeGitLab, change: int) -> None:
    job = post(gitlab, gitlab.change(SHOP, change).sha, "pending", description="Waiting for 2")
    pipeline = head_pipeline(gitlab, change)
    assert (pipeline.source, pipeline.ref, pipeline.status) == ("external", "cart", "pending")
    assert (job.stage, job.external, job.description, job.by) == ("external", True, "Waiting for 2", gitlab.bot)


def test_a_status_joins_the_newest_pipeline_of_its_commit(gitlab: FakeGitLab, change: int) -> None:
    gitlab.run_pipeline(SHOP, "cart", jobs={"test": "success"})
    newest = gitlab.run_pipeline(SHOP, "cart", jobs={"test": "success"})
    post(gitlab, gitlab.change(SHOP, change).sha, "running")
    assert [job.name for job in newest.jobs] == ["test", "llmgate"]
    assert newest.status == "running"


def test_a_status_goes_into_the_pipeline_that_is_named(gitlab: FakeGitLab, change: int) -> None:
    first = gitlab.run_pipeline(SHOP, "cart")
    gitlab.run_pipeline(SHOP, "cart")
    sha = gitlab.change(SHOP, change).sha
    post(gitlab, sha, "failed", pipeline_id=first.id)
    assert first.status == "failed"
    with pytest.raises(Refusal, match="404 Pipeline for pipeline_id, sha and ref Not Found"):
        post(gitlab, gitlab.head(SHOP, "main"), "failed", pipeline_id=first.id)


def test_the_same_user_updates_what_is_not_finished(gitlab: FakeGitLab, clock: FakeClock, change: int) -> None:
    sha = gitlab.change(SHOP, change).sha
    first = post(gitlab, sha, "pending", description="Looking")
    clock.advance(timedelta(minutes=1))
    second = post(gitlab, sha, "success", description="Done")
    assert first is second
    assert (first.status, first.description, first.finished_at) == ("success", "Done", clock.now())
    assert rows(head_pipeline(gitlab, change)) == [("llmgate-bot", "success", False)]


def test_what_is_finished_is_followed_by_a_new_row(gitlab: FakeGitLab, change: int) -> None:
    sha = gitlab.change(SHOP, change).sha
    post(gitlab, sha, "success")
    post(gitlab, sha, "failed")
    assert rows(head_pipeline(gitlab, change)) == [("llmgate-bot", "success", True), ("llmgate-bot", "failed", False)]
    assert [job.status for job in gitlab.statuses(SHOP, sha)] == ["failed"]
    assert head_pipeline(gitlab, change).status == "failed"


@pytest.mark.parametrize(
    ("first", "second", "event"),
    [
        ("pending", "pending", "enqueue from :pending"),
        ("running", "running", "run from :running"),
        ("running", "pending", "enqueue from :running"),
        ("running", "skipped", "skip from :running"),
    ],
)
def test_a_status_goes_forward_only(gitlab: FakeGitLab, change: int, first: str, second: str, event: str) -> None:
    sha = gitlab.change(SHOP, change).sha
    job = post(gitlab, sha, first, description="one")
    with pytest.raises(Refusal, match=rf"Cannot transition status via :{event} \(Reason\(s\): Status cannot") as refused:
        post(gitlab, sha, second, description="two")
    assert (refused.value.status, job.status, job.description) == (400, first, "one")


def test_anybody_who_develops_can_post_a_success_of_that_name(gitlab: FakeGitLab, change: int) -> None:
    sha = gitlab.change(SHOP, change).sha
    post(gitlab, sha, "failed")
    gitlab.forge_status(SHOP, sha, "llmgate", by="bob")
    pipeline = head_pipeline(gitlab, change)
    assert rows(pipeline) == [("llmgate-bot", "failed", True), ("bob", "success", False)]
    assert pipeline.status == "success"
    post(gitlab, sha, "failed")
    assert (pipeline.status, rows(pipeline)[1:]) == ("failed", [("bob", "success", True), ("llmgate-bot", "failed", False)])


def test_a_row_made_retried_by_another_stays_retried_though_it_is_updated(gitlab: FakeGitLab, change: int) -> None:
    """And then nothing of that name counts: a second answer is needed, which makes a row of its own."""
    sha = gitlab.change(SHOP, change).sha
    post(gitlab, sha, "pending")
    gitlab.forge_status(SHOP, sha, "llmgate", by="bob")
    post(gitlab, sha, "failed")
    pipeline = head_pipeline(gitlab, change)
    assert rows(pipeline) == [("llmgate-bot", "failed", True), ("bob", "success", True)]
    before = pipeline.status
    post(gitlab, sha, "failed")
    assert (before, pipeline.status) == ("success", "failed")


def test_a_commit_on_no_branch_has_no_place_for_a_status(gitlab: FakeGitLab) -> None:
    gitlab.fork(SHOP, "bob")
    head = gitlab.push("bob/shop", "idea", {"idea.py": "1\n"}, by="bob")
    gitlab.open_change(SHOP, "bob:idea", by="bob")
    with pytest.raises(Refusal, match="404 References for commit Not Found"):
        post(gitlab, head, "pending")
    assert post(gitlab, head, "pending", ref="idea").status == "pending"


def test_a_status_for_an_unknown_commit_is_refused(gitlab: FakeGitLab) -> None:
    with pytest.raises(Refusal, match="404 Commit Not Found"):
        post(gitlab, "a" * 40, "pending")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "great"}, "state does not have a valid value"),
        ({"state": ""}, "state is missing"),
        ({"state": "pending", "description": "x" * 256}, "description is too long"),
        ({"state": "pending", "target_url": "ftp://acme.example"}, "target_url is blocked"),
    ],
)
def test_a_status_is_checked(gitlab: FakeGitLab, change: int, values: NewStatus, words: str) -> None:
    project, sha = gitlab.world.project(SHOP), gitlab.change(SHOP, change).sha
    with gitlab.world.lock, pytest.raises(Refusal, match=words) as refused:
        gitlab.verbs.statuses.post(project, sha, values, gitlab.bot)
    assert refused.value.status == 400
    assert project.pipelines == []


def test_reporters_post_no_status(gitlab: FakeGitLab, change: int) -> None:
    gitlab.grant(SHOP, "llmgate-bot", Access.REPORTER)
    with pytest.raises(Refusal, match="403 Forbidden"):
        post(gitlab, gitlab.change(SHOP, change).sha, "pending")


def test_a_protected_branchs_pipeline_is_for_who_may_push_or_merge_there(gitlab: FakeGitLab, change: int) -> None:
    gitlab.protect(SHOP, "cart", push=Access.MAINTAINER, merge=Access.MAINTAINER)
    sha = gitlab.change(SHOP, change).sha
    with pytest.raises(Refusal, match="403 Forbidden"):
        post(gitlab, sha, "pending")
    gitlab.protect(SHOP, "cart", push=Access.MAINTAINER, merge=Access.DEVELOPER)
    assert post(gitlab, sha, "pending").status == "pending"


def test_a_newer_pipeline_on_the_head_lacks_the_status(gitlab: FakeGitLab, change: int) -> None:
    sha = gitlab.change(SHOP, change).sha
    post(gitlab, sha, "failed")
    assert head_pipeline(gitlab, change).status == "failed"
    newer = gitlab.run_pipeline(SHOP, "cart")
    assert head_pipeline(gitlab, change) is newer
    assert newer.status == "success"


def test_a_merge_request_pipeline_speaks_before_newer_ones_of_the_branch(gitlab: FakeGitLab, change: int) -> None:
    of_request = gitlab.run_pipeline(SHOP, change)
    gitlab.run_pipeline(SHOP, "cart", jobs={"test": "failed"})
    assert head_pipeline(gitlab, change) is of_request
    assert (of_request.source, of_request.ref) == ("merge_request_event", f"refs/merge-requests/{change}/head")


def test_a_push_leaves_the_head_without_a_pipeline(gitlab: FakeGitLab, change: int) -> None:
    gitlab.run_pipeline(SHOP, change)
    gitlab.push(SHOP, "cart", {"shop/cart.py": "total = 2\n"}, by="ann")
    assert gitlab.verbs.pipelines.head(gitlab.change(SHOP, change)) is None


def test_a_forks_head_pipeline_lives_in_the_fork(gitlab: FakeGitLab) -> None:
    gitlab.fork(SHOP, "bob")
    head = gitlab.push("bob/shop", "idea", {"idea.py": "1\n"}, by="bob")
    mr = gitlab.open_change(SHOP, "bob:idea", by="bob")
    post(gitlab, head, "success", ref="idea")
    assert gitlab.verbs.pipelines.head(mr) is None
    in_fork = gitlab.run_pipeline("bob/shop", "idea", by="bob")
    assert gitlab.verbs.pipelines.head(mr) is in_fork
    in_target = gitlab.run_pipeline(SHOP, mr.iid, by="mia", in_target=True)
    assert gitlab.verbs.pipelines.head(mr) is in_target


def test_merged_results_are_premium_and_run_on_a_real_merge(gitlab: FakeGitLab, change: int) -> None:
    gitlab.settings(SHOP).merged_results_pipelines = True
    with pytest.raises(Refusal, match="403 Forbidden"):
        gitlab.run_pipeline(SHOP, change, merged_results=True)
    gitlab.licence = "premium"
    pipeline = gitlab.run_pipeline(SHOP, change, merged_results=True)
    mr = gitlab.change(SHOP, change)
    made = gitlab.world.project(SHOP).git.objects.commit(pipeline.sha)
    assert made.parents == (gitlab.head(SHOP, "main"), mr.sha)
    assert (pipeline.source_sha, pipeline.ref) == (mr.sha, f"refs/merge-requests/{change}/merge")
    assert head_pipeline(gitlab, change) is pipeline
    post(gitlab, pipeline.sha, "failed", pipeline_id=pipeline.id)
    assert pipeline.status == "failed"


def test_a_finished_job_moves_its_pipeline(gitlab: FakeGitLab, change: int) -> None:
    pipeline = gitlab.run_pipeline(SHOP, change, jobs={"test": "running"}, artifacts={"test": b"zip"})
    assert pipeline.status == "running"
    job = gitlab.finish_job(SHOP, pipeline.jobs[0].id, "success")
    assert (pipeline.status, job.artifacts, job.finished_at) == ("success", b"zip", gitlab.world.now())
    with pytest.raises(Refusal, match="404"):
        gitlab.finish_job(SHOP, 1, "success")
