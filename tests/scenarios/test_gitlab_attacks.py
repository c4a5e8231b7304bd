"""Ways somebody with a Developer's role may try to get past the gate on GitLab, or to confuse it about what it judges."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import CHECK, NUMBERS, Layout
from bot.cli.playground import Playground, build_playground
from bot.cli.specimen import login_change
from bot.handlers.conclude import conclude
from bot.handlers.directory import Rolls
from bot.handlers.gather import Gatherer, recall
from integrations.gitlab.surfaces import LEAVING
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.forges import checks_posted, looks, untold
from tests.scenarios.hooks import hooks_of
from tests.scenarios.test_forge_approvals import decisions, opened
from tests.scenarios.test_overtaken import judge_only
from tests.scenarios.traces import on_forge
from tests.scenarios.wire import Wire


def approve(world: Playground, number: int) -> None:
    """Bob as code owner and Sue as Security."""
    assert Hands(world, "bob").approve(number).taken
    assert Hands(world, "sue").approve(number).taken


@pytest.fixture
def approving(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """Premium, with an approval rule that names the bot, which is told to approve."""
    layout = Layout(tmp_path / "world", sqlite_url, forge="gitlab", licence="premium", gitlab={"approve": True})
    world = build_playground(layout, clock)
    world.gitlab.approval_rule(world.repo, CHECK, [world.gitlab.bot.username])
    try:
        yield world
    finally:
        world.close()


def test_a_forged_green_that_borrows_the_gates_own_words_is_written_over(on_gitlab: Playground) -> None:
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    forged = on_gitlab.gitlab.forge_status(on_gitlab.repo, change.head_sha, CHECK, by="eve")
    forged.description = LEAVING
    on_gitlab.settle()
    assert forged.retried
    assert on_gitlab.verdict_on(change.head_sha) == "waiting"
    assert on_gitlab.blockers(change.number) is not None


def test_a_pipeline_filled_up_so_that_no_status_fits_is_followed_by_one_of_the_gates_own(on_gitlab: Playground) -> None:
    on_gitlab.gitlab.verbs.statuses.jobs_limit = 3
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    full = on_gitlab.gitlab.run_pipeline(
        on_gitlab.repo, change.number, source="web", jobs={"a": "success", "b": "success", "c": "success"}
    )
    on_gitlab.settle()
    assert CHECK not in {job.name for job in full.jobs}
    assert on_gitlab.blockers(change.number) is not None
    approve(on_gitlab, change.number)
    assert checks_posted(on_gitlab, change.head_sha)[-1] == "allowed"
    assert on_gitlab.blockers(change.number) is None


def test_the_bots_approval_goes_even_where_no_status_can_be_posted(approving: Playground) -> None:
    approving.gitlab.settings(approving.repo).reset_approvals_on_push = False
    change = approving.open_generated()
    approving.settle()
    approve(approving, change.number)
    mr = approving.gitlab.change(approving.repo, change.number)
    assert [given.by for given in mr.approvals] == [approving.gitlab.bot]
    approving.forge.fail_next("check", 403, times=50)
    approving.push_generated(specimen=login_change(approving.clock.now(), "second"))
    approving.settle()
    assert mr.approvals == []
    assert approving.blockers(change.number) == "All required approvals must be given. (not_approved)"


def told_late(world: Playground, number: int, by: str) -> None:
    """GitLab tells of an approval when it comes to it, with the head of that moment: here of the one that is there now."""
    wire, told = Wire(world), json.loads(hooks_of(world).payload("approved", number))
    told["user"] = {"id": NUMBERS[by], "username": by}
    told["object_attributes"]["last_commit"]["id"] = world.head()
    assert wire.hook(json.dumps(told).encode(), delivery=f"approved-late-{by}").status_code == 202


def test_an_approval_that_is_told_after_a_push_does_not_count_for_what_was_pushed(on_gitlab: Playground) -> None:
    """In Free approvals stay when somebody pushes, and the webhook of one is made in the background."""
    change = opened(on_gitlab)
    with untold(on_gitlab):
        for name in ("bob", "sue"):
            on_gitlab.gitlab.approve(on_gitlab.repo, change.number, by=name)
    on_gitlab.clock.advance(timedelta(seconds=1))
    head = on_gitlab.push_generated(specimen=login_change(on_gitlab.clock.now(), "something nobody saw"))
    for name in ("bob", "sue"):
        told_late(on_gitlab, change.number, name)
    on_gitlab.settle()
    assert on_gitlab.verdict_on(head) == "waiting"
    assert decisions(on_gitlab, change.number) == []


def test_an_approval_of_the_head_counts_however_late_it_is_told(on_gitlab: Playground) -> None:
    change = opened(on_gitlab)
    on_gitlab.clock.advance(timedelta(seconds=1))
    with untold(on_gitlab):
        on_gitlab.gitlab.approve(on_gitlab.repo, change.number, by="bob")
    on_gitlab.clock.advance(timedelta(hours=1))
    told_late(on_gitlab, change.number, "bob")
    on_gitlab.settle()
    assert [one.person for one in decisions(on_gitlab, change.number)] == ["bob"]


def test_a_forks_own_merge_request_lends_its_green_to_no_other(on_gitlab: Playground) -> None:
    """Both have one head, and one pipeline in the fork: under the fork's own policy nobody has to approve anything."""
    on_gitlab.gitlab.install(on_gitlab.hook_url, "system")
    fork = on_gitlab.forge.fork(on_gitlab.repo, by="eve")
    made = login_change(on_gitlab.clock.now())
    on_gitlab.forge.push(fork, "agent/login", made.files, by="eve", message=made.message)
    change = on_gitlab.forge.open_change(on_gitlab.repo, "eve:agent/login", by="eve", title="From a fork")
    on_gitlab.settle()
    assert on_gitlab.blockers(change.number) is not None
    on_gitlab.forge.push(fork, "main", {".llmgate/policy.yaml": "version: 1\nmode: observe\n"}, by="eve", message="Relax")
    inner = on_gitlab.forge.open_change(fork, "agent/login", by="eve", title="Within the fork")
    on_gitlab.settle()
    assert on_gitlab.blockers(change.number) is not None
    on_gitlab.forge.close_change(fork, inner.number, by="eve")
    on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) == "waiting"
    assert on_gitlab.blockers(change.number) is not None


def from_a_fork(world: Playground) -> ChangeSeen:
    """Eve's, and the bot is a Developer in her fork. No webhook tells of what happens to the fork's pipelines."""
    fork = world.forge.fork(world.repo, by="eve")
    made = login_change(world.clock.now())
    world.forge.push(fork, "agent/login", made.files, by="eve", message=made.message)
    change = world.forge.open_change(world.repo, "eve:agent/login", by="eve", title="From a fork")
    world.settle()
    assert world.blockers(change.number) is not None
    for _ in range(2):
        sweep(world)
    return change


def sweep(world: Playground) -> None:
    world.clock.advance(timedelta(minutes=5))
    world.gate.request_sweep()
    world.settle()


def test_a_pipeline_that_no_webhook_told_of_gets_its_status_by_the_sweep(on_gitlab: Playground) -> None:
    change = from_a_fork(on_gitlab)
    fresh = on_gitlab.gitlab.run_pipeline(on_gitlab.repo, change.number, by="eve")
    sweep(on_gitlab)
    assert [job.status for job in fresh.jobs if job.name == CHECK] == ["pending"]
    assert on_gitlab.blockers(change.number) is not None


def test_a_forged_green_that_no_webhook_told_of_is_written_over_by_the_sweep(on_gitlab: Playground) -> None:
    change = from_a_fork(on_gitlab)
    on_gitlab.forge.forge_green(on_gitlab.repo, change.number, by="eve")
    sweep(on_gitlab)
    assert on_gitlab.verdict_on(change.head_sha) == "waiting"
    assert on_gitlab.blockers(change.number) is not None


def test_a_fork_at_rest_is_left_alone_by_the_sweep(on_gitlab: Playground) -> None:
    from_a_fork(on_gitlab)
    on_gitlab.forge.clear_calls()
    sweep(on_gitlab)
    assert looks(on_gitlab) == 0


def test_an_approval_of_a_small_difference_does_not_count_for_a_large_one(on_gitlab: Playground) -> None:
    """The head stays, and with another target branch more of it is new there than anybody saw."""
    on_gitlab.forge.push(on_gitlab.repo, "staging", {"README.md": None}, by="ann", message="Remove what nobody saw removed")
    made = login_change(on_gitlab.clock.now())
    on_gitlab.forge.push(on_gitlab.repo, "agent/login", made.files, by="ann", message=made.message, onto="staging")
    change = on_gitlab.forge.open_change(on_gitlab.repo, "agent/login", by="ann", base="staging", title="A login")
    on_gitlab.settle()
    approve(on_gitlab, change.number)
    assert on_gitlab.verdict_on(change.head_sha) == "allowed"
    on_gitlab.gitlab.edit(on_gitlab.repo, change.number, by="ann", base="main")
    on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) == "waiting"
    assert on_gitlab.blockers(change.number) is not None
    assert "into `staging`" in on_forge(on_gitlab, change.number)
    approve(on_gitlab, change.number)
    assert on_gitlab.verdict_on(change.head_sha) == "allowed"


def test_an_approval_counts_where_the_same_difference_goes_into_another_branch(on_gitlab: Playground) -> None:
    on_gitlab.forge.push(on_gitlab.repo, "release", {"NOTES": "1.0\n"}, by="bob", message="Release", onto="main")
    on_gitlab.push_generated()
    change = on_gitlab.forge.open_change(on_gitlab.repo, "agent/login", by="ann", base="release", title="A login")
    on_gitlab.settle()
    approve(on_gitlab, change.number)
    on_gitlab.gitlab.edit(on_gitlab.repo, change.number, by="ann", base="main")
    on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) == "allowed"


def test_a_pipeline_that_came_while_the_status_was_on_its_way_elsewhere_gets_it_by_the_sweep(on_gitlab: Playground) -> None:
    change, kit = on_gitlab.open_generated(), on_gitlab.gate.kit
    judge_only(on_gitlab)
    known = recall(kit, on_gitlab.ref(change.number))
    on_gitlab.settle()
    on_gitlab.clock.advance(timedelta(minutes=2))
    with untold(on_gitlab):
        fresh = on_gitlab.gitlab.run_pipeline(on_gitlab.repo, change.number)
    conclude(kit, Gatherer(kit, Rolls(kit)).gather(known))
    on_gitlab.settle()
    assert on_gitlab.blockers(change.number) is None, "nobody knows yet"
    for _ in range(2):
        sweep(on_gitlab)
    assert [job.status for job in fresh.jobs if job.name == CHECK] == ["pending"]
