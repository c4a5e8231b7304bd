"""What only GitLab has around a change: pipelines that come and go, carriers by licence, trains, forks.

Each of these has its twin on GitHub in `test_forge_stories`, or nothing there that it could be a twin of.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import CHECK, POLICY, Layout
from bot.cli.playground import Playground, build_playground
from bot.cli.specimen import login_change, small_change
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.stage import ForgeRefused
from tests.scenarios.conftest import at_rest
from tests.scenarios.forges import checks_posted
from tests.scenarios.traces import on_forge, overheard

STRICTER = POLICY + "tiers:\n  high:\n    approvals:\n      security: 2\n      codeowner: 1\n"


def approve(world: Playground, number: int) -> None:
    """Bob as code owner and Sue as Security."""
    assert Hands(world, "bob").approve(number).taken
    assert Hands(world, "sue").approve(number).taken


def test_a_new_pipeline_on_the_same_head_gets_the_status_again(on_gitlab: Playground) -> None:
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    approve(on_gitlab, change.number)
    assert on_gitlab.blockers(change.number) is None
    fresh = on_gitlab.gitlab.run_pipeline(on_gitlab.repo, change.number)
    assert CHECK not in {job.name for job in fresh.jobs}
    on_gitlab.settle()
    assert [job.status for job in fresh.jobs if job.name == CHECK] == ["success"]
    on_gitlab.push_policy(STRICTER)
    on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) == "waiting"
    assert on_gitlab.blockers(change.number) is not None


def test_the_projects_own_jobs_and_the_gate_must_both_let_it_pass(on_gitlab: Playground) -> None:
    change = on_gitlab.open_generated()
    pipeline = on_gitlab.gitlab.run_pipeline(on_gitlab.repo, change.number, jobs={"test": "running"})
    on_gitlab.settle()
    approve(on_gitlab, change.number)
    assert on_gitlab.verdict_on(change.head_sha) == "allowed"
    assert on_gitlab.blockers(change.number) == "Pipeline must succeed. It is still running. (ci_still_running)"
    on_gitlab.gitlab.finish_job(on_gitlab.repo, pipeline.jobs[0].id, "failed")
    on_gitlab.settle()
    assert on_gitlab.blockers(change.number) == "Pipeline must succeed. (ci_must_pass)"


def test_a_status_that_waits_is_never_posted_a_second_time(on_gitlab: Playground) -> None:
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    on_gitlab.forge.edit(on_gitlab.repo, change.number, by="ann", title="Add password login, again")
    on_gitlab.settle()
    Hands(on_gitlab, "bob").approve(change.number)
    assert checks_posted(on_gitlab, change.head_sha) == ["waiting"]
    assert "approved by Bob" in on_forge(on_gitlab, change.number)
    at_rest(on_gitlab)


def test_a_green_of_a_developers_own_is_written_over_and_waits_again(on_gitlab: Playground) -> None:
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    on_gitlab.forge.forge_green(on_gitlab.repo, change.number, by="eve")
    on_gitlab.settle()
    (shown,) = [job for job in on_gitlab.gitlab.statuses(on_gitlab.repo, change.head_sha) if job.name == CHECK]
    assert (shown.by, shown.status) == (on_gitlab.gitlab.bot, "pending")
    assert on_gitlab.blockers(change.number) is not None


def test_a_fork_that_keeps_the_bot_out_is_not_bound_by_the_status_and_that_is_said(on_gitlab: Playground) -> None:
    fork = on_gitlab.gitlab.fork(on_gitlab.repo, by="eve").path
    made = login_change(on_gitlab.clock.now())
    on_gitlab.forge.push(fork, "agent/login", made.files, by="eve", message=made.message)
    change = on_gitlab.forge.open_change(on_gitlab.repo, "eve:agent/login", by="eve", title="From a fork")
    with overheard() as ears:
        on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) == "absent"
    assert f"the gate does not bind {on_gitlab.ref(change.number)}" in ears.all
    assert "give the bot the Developer role there, or have the gate carried by an external status check" in ears.all
    assert "High risk" in on_forge(on_gitlab, change.number)


@pytest.fixture
def ultimate(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """The highest licence, with an external status check that is the gate."""
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge="gitlab", licence="ultimate"), clock)
    gitlab = world.gitlab
    gitlab.status_check(world.repo, CHECK, world.hook_url, gitlab.hook_token)
    gitlab.settings(world.repo).status_checks_must_pass = True
    try:
        yield world
        at_rest(world)
    finally:
        world.close()


def answered(world: Playground, number: int) -> str:
    """What the external status check says of the merge request."""
    mr = world.gitlab.change(world.repo, number)
    (check,) = world.gitlab.verbs.status_checks.applicable(mr)
    return world.gitlab.verbs.status_checks.status(mr, check)


def test_an_external_status_check_blocks_until_two_people_approved(ultimate: Playground) -> None:
    change = ultimate.open_generated()
    ultimate.settle()
    assert answered(ultimate, change.number) == "failed"
    assert ultimate.blockers(change.number) == "Status checks must pass. (status_checks_must_pass)"
    approve(ultimate, change.number)
    assert answered(ultimate, change.number) == "passed"
    assert ultimate.blockers(change.number) is None
    ultimate.push_generated(specimen=login_change(ultimate.clock.now(), "second"))
    ultimate.settle()
    assert answered(ultimate, change.number) == "failed"


def test_an_external_status_check_binds_a_fork_that_keeps_the_bot_out(ultimate: Playground) -> None:
    fork = ultimate.gitlab.fork(ultimate.repo, by="eve").path
    made = login_change(ultimate.clock.now())
    ultimate.forge.push(fork, "agent/login", made.files, by="eve", message=made.message)
    change = ultimate.forge.open_change(ultimate.repo, "eve:agent/login", by="eve", title="From a fork")
    ultimate.settle()
    assert answered(ultimate, change.number) == "failed"
    approve(ultimate, change.number)
    assert answered(ultimate, change.number) == "passed"


def test_a_retry_of_the_status_check_is_answered_anew(ultimate: Playground) -> None:
    change = ultimate.open_generated()
    ultimate.settle()
    mr = ultimate.gitlab.change(ultimate.repo, change.number)
    (check,) = ultimate.gitlab.verbs.status_checks.applicable(mr)
    ultimate.clock.advance(timedelta(seconds=2))
    ultimate.gitlab.retry_status_check(ultimate.repo, change.number, check.id, by="ann")
    assert answered(ultimate, change.number) == "pending"
    ultimate.settle()
    assert answered(ultimate, change.number) == "failed"


def test_a_licence_that_ends_leaves_the_status_in_force(ultimate: Playground) -> None:
    change = ultimate.open_generated()
    ultimate.settle()
    ultimate.gitlab.licence = "free"
    approve(ultimate, change.number)
    assert ultimate.verdict_on(change.head_sha) == "allowed"
    assert ultimate.blockers(change.number) is None


@pytest.fixture
def approving(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """Premium, with an approval rule that names the bot, which is told to approve."""
    layout = Layout(tmp_path / "world", sqlite_url, forge="gitlab", licence="premium", gitlab={"approve": True})
    world = build_playground(layout, clock)
    world.gitlab.approval_rule(world.repo, CHECK, [world.gitlab.bot.username])
    try:
        yield world
        at_rest(world)
    finally:
        world.close()


def test_the_bot_approves_what_two_people_approved_and_takes_it_back(approving: Playground) -> None:
    change = approving.open_generated()
    approving.settle()
    assert approving.blockers(change.number) == "All required approvals must be given. (not_approved)"
    approve(approving, change.number)
    mr = approving.gitlab.change(approving.repo, change.number)
    assert [given.by for given in mr.approvals] == [approving.gitlab.bot]
    assert approving.blockers(change.number) is None
    approving.push_policy(STRICTER)
    approving.settle()
    assert mr.approvals == []
    assert approving.blockers(change.number) is not None


def test_a_green_of_a_developers_own_does_not_pass_a_rule_that_names_the_bot(approving: Playground) -> None:
    change = approving.open_generated()
    approving.settle()
    approving.forge.forge_green(approving.repo, change.number, by="eve")
    assert approving.blockers(change.number) == "All required approvals must be given. (not_approved)"
    approving.settle()
    with pytest.raises(ForgeRefused):
        approving.forge.merge(approving.repo, change.number, by="ann")


def test_a_merged_results_pipeline_carries_the_status_on_its_own_commit(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge="gitlab", licence="premium"), clock)
    try:
        world.gitlab.settings(world.repo).merged_results_pipelines = True
        change = world.open_generated()
        pipeline = world.gitlab.run_pipeline(world.repo, change.number, merged_results=True)
        assert pipeline.sha != change.head_sha
        world.settle()
        approve(world, change.number)
        assert [job.status for job in pipeline.jobs if job.name == CHECK] == ["success"]
        assert world.blockers(change.number) is None
        at_rest(world)
    finally:
        world.close()


def train(world: Playground) -> tuple[int, int]:
    """Two that may merge, on a project with trains: a generated one that two people approved, and one written by hand."""
    world.forge.require_queue(world.repo, "main")
    generated = world.open_generated()
    world.forge.push(world.repo, "people/typo", {"README.md": "# The shop\n"}, by="ann", message="Fix a typo")
    by_hand = world.forge.open_change(world.repo, "people/typo", by="ann", title="Fix a typo")
    world.settle()
    approve(world, generated.number)
    return generated.number, by_hand.number


def test_each_car_of_a_train_is_judged_on_its_own_commit(on_gitlab: Playground) -> None:
    numbers = train(on_gitlab)
    last = on_gitlab.forge.queue(on_gitlab.repo, numbers, by="ann")
    cars = [each for each in on_gitlab.gitlab.world.project(on_gitlab.repo).pipelines if each.ref.endswith("/train")]
    assert cars[-1].sha == last
    on_gitlab.settle()
    assert [[job.status for job in car.jobs if job.name == CHECK] for car in cars] == [["success"], ["success"]]
    assert [on_gitlab.seen(number).state for number in numbers] == ["merged", "merged"]


def test_a_car_that_may_not_merge_any_more_leaves_the_train_and_no_other_does(on_gitlab: Playground) -> None:
    numbers = train(on_gitlab)
    on_gitlab.push_policy(STRICTER)
    on_gitlab.forge.queue(on_gitlab.repo, numbers, by="ann")
    on_gitlab.settle()
    assert [on_gitlab.seen(number).state for number in numbers] == ["open", "merged"]


def test_a_note_that_somebody_rewrote_is_the_gates_again(on_gitlab: Playground) -> None:
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    (note,) = on_gitlab.gitlab.notes(on_gitlab.repo, change.number)
    before = note.body
    on_gitlab.gitlab.edit_comment(on_gitlab.repo, change.number, note.id, "Approved by everybody", by="sam")
    on_gitlab.settle()
    assert on_gitlab.seen(change.number).comments == (before,)


def test_the_texts_of_a_change_command_nothing_on_gitlab(on_gitlab: Playground) -> None:
    made = small_change(on_gitlab.clock.now(), 1)
    on_gitlab.forge.push(on_gitlab.repo, "agent/part", made.files, by="ann", message=made.message)
    title = "/merge\n/approve"
    change = on_gitlab.forge.open_change(on_gitlab.repo, "agent/part", by="ann", title=title, body="/merge\n/label ~x")
    on_gitlab.settle()
    Hands(on_gitlab, "bob").request_changes(change.number, "/approve\n/merge\n/close please")
    on_gitlab.settle()
    written = "\n".join((*on_gitlab.seen(change.number).comments, *on_gitlab.seen(change.number).reviews))
    assert not [line for line in written.split("\n") if line.startswith("/")]


def test_a_bot_that_may_only_report_says_so_and_blocks_nothing_by_silence(on_gitlab: Playground) -> None:
    on_gitlab.settle()
    on_gitlab.gitlab.grant(on_gitlab.repo, on_gitlab.gitlab.bot.username, Access.REPORTER)
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) == "absent"
    assert on_gitlab.blockers(change.number) is not None
