"""Detours that change what a merge request is about: heads that come back, branches made anew, names that look like others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.forges import looks
from tests.scenarios.test_gitlab_attacks import approve

LOOSE = {".llmgate/policy.yaml": "version: 1\nmode: observe\n"}
BRANCH = "agent/login"


def allowed(world: Playground) -> ChangeSeen:
    change = world.open_generated()
    world.settle()
    approve(world, change.number)
    assert world.blockers(change.number) is None
    return change


def put_back(world: Playground, sha: str, by: str) -> None:
    """A forced push of a commit that was the head before."""
    project = world.gitlab.world.project(world.repo)
    before = project.git.refs[f"refs/heads/{BRANCH}"]
    project.git.set_ref(f"refs/heads/{BRANCH}", sha)
    world.gitlab.verbs.pushes.moved(project, {f"refs/heads/{BRANCH}": before}, world.gitlab.world.user(by))


def test_a_head_that_comes_back_brings_no_approval_with_it(on_gitlab: Playground) -> None:
    change = allowed(on_gitlab)
    on_gitlab.push_generated(specimen=login_change(on_gitlab.clock.now(), "second"))
    on_gitlab.settle()
    put_back(on_gitlab, change.head_sha, by="ann")
    on_gitlab.settle()
    assert on_gitlab.head() == change.head_sha
    assert on_gitlab.verdict_on(change.head_sha) == "waiting"
    assert on_gitlab.blockers(change.number) is not None


def test_a_branch_made_anew_starts_without_approvals(on_gitlab: Playground) -> None:
    change = allowed(on_gitlab)
    on_gitlab.gitlab.delete_branch(on_gitlab.repo, BRANCH, by="ann")
    on_gitlab.settle()
    made = login_change(on_gitlab.clock.now(), "another")
    on_gitlab.forge.push(on_gitlab.repo, BRANCH, made.files, by="ann", message=made.message, onto="main")
    on_gitlab.settle()
    assert on_gitlab.seen(change.number).head_sha != change.head_sha
    assert on_gitlab.blockers(change.number) is not None


def test_what_was_pushed_while_it_was_closed_is_judged_when_it_is_open_again(on_gitlab: Playground) -> None:
    change = allowed(on_gitlab)
    on_gitlab.forge.close_change(on_gitlab.repo, change.number, by="ann")
    on_gitlab.push_generated(specimen=login_change(on_gitlab.clock.now(), "unseen"))
    on_gitlab.settle()
    on_gitlab.gitlab.reopen(on_gitlab.repo, change.number, by="ann")
    on_gitlab.settle()
    assert on_gitlab.verdict_on(on_gitlab.seen(change.number).head_sha) == "waiting"
    assert on_gitlab.blockers(change.number) is not None


@pytest.mark.parametrize(
    "ref", ["refs/tags/main", "refs/heads/refs/heads/main", "refs/tags/refs/heads/main", "refs/heads/heads/main"]
)
def test_a_name_that_looks_like_the_base_branch_brings_no_policy(on_gitlab: Playground, ref: str) -> None:
    on_gitlab.forge.push(on_gitlab.repo, ref, LOOSE, by="ann", message="Relax", onto="main")
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) == "waiting"


def test_a_draft_that_was_approved_is_judged_when_it_is_ready(on_gitlab: Playground) -> None:
    change = allowed(on_gitlab)
    on_gitlab.forge.set_draft(on_gitlab.repo, change.number, True, by="ann")
    on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) == "waiting"
    on_gitlab.forge.set_draft(on_gitlab.repo, change.number, False, by="ann")
    on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) == "allowed"


def test_whoever_was_blocked_meanwhile_does_not_count_at_the_next_look(on_gitlab: Playground) -> None:
    change = allowed(on_gitlab)
    on_gitlab.gitlab.world.user("sue").state = "blocked"
    on_gitlab.clock.advance(timedelta(minutes=11))
    on_gitlab.forge.edit(on_gitlab.repo, change.number, by="ann", body="Another description.")
    on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) != "allowed"
    assert on_gitlab.blockers(change.number) is not None


def test_a_skipped_pipeline_is_not_the_last_word(on_gitlab: Playground) -> None:
    on_gitlab.gitlab.settings(on_gitlab.repo).skipped_pipelines_succeed = True
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    on_gitlab.gitlab.run_pipeline(on_gitlab.repo, change.number, jobs={"test": "skipped"})
    on_gitlab.settle()
    assert on_gitlab.blockers(change.number) is not None


def test_a_push_with_a_pipeline_is_looked_at_a_few_times_and_then_rests(on_gitlab: Playground) -> None:
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    on_gitlab.forge.clear_calls()
    on_gitlab.push_generated(specimen=login_change(on_gitlab.clock.now(), "second"))
    pipeline = on_gitlab.gitlab.run_pipeline(on_gitlab.repo, change.number, jobs={"test": "running"})
    on_gitlab.settle()
    on_gitlab.gitlab.finish_job(on_gitlab.repo, pipeline.jobs[0].id, "success")
    on_gitlab.settle()
    assert looks(on_gitlab) <= 5
    on_gitlab.forge.clear_calls()
    on_gitlab.settle()
    assert on_gitlab.forge.calls == []
