"""Who pushed what stands in no commit: the forge tells it once, at the push, and often before there is a change."""

from __future__ import annotations

from datetime import timedelta

from bot.cli.hands import Hands
from bot.cli.playground import BRANCH, Playground
from bot.cli.specimen import AGENT_TRAILER, login_change
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.deeds import approve, assert_shut, decisions, put_back
from tests.scenarios.forges import voice_of
from tests.scenarios.wire import Wire


def push_as_ann(world: Playground, by: str, branch: str = BRANCH) -> None:
    """The usual generated change in commits that say they are Ann's, whoever pushes them."""
    made = login_change(world.clock.now())
    world.forge.push(world.repo, branch, made.files, by=by, author="ann", committer="ann", message=made.message)


def open_as_ann(world: Playground, branch: str = BRANCH) -> ChangeSeen:
    change = world.forge.open_change(world.repo, branch, by="ann", title="Add password login")
    world.settle()
    return change


def assert_refused(world: Playground, number: int, said: str) -> None:
    """Bob owns this code, and may not decide about it."""
    seen = Hands(world, "bob").approve(number)
    assert not seen.taken
    assert said in seen.text
    assert decisions(world, number) == ()
    assert_shut(world, number, "waiting")


def test_whoever_pushed_before_the_change_was_opened_does_not_approve_it(one_world: Playground) -> None:
    push_as_ann(one_world, by="bob")
    change = open_as_ann(one_world)
    assert_refused(one_world, change.number, "Bob made the last push")


def test_whoever_pushed_a_commit_that_others_built_on_does_not_approve_it(one_world: Playground) -> None:
    push_as_ann(one_world, by="bob")
    short = one_world.head()[:7]
    message = f"Say more\n\n{AGENT_TRAILER}\n"
    one_world.forge.push(one_world.repo, BRANCH, {"docs/login.md": b"More.\n"}, by="ann", message=message)
    change = open_as_ann(one_world)
    seen = Hands(one_world, "bob").approve(change.number)
    assert not seen.taken
    assert f"Bob pushed commit {short}" in seen.text


def test_a_push_under_another_branchs_name_is_a_part_in_the_change_all_the_same(one_world: Playground) -> None:
    push_as_ann(one_world, by="bob", branch="draft")
    one_world.forge.push(one_world.repo, BRANCH, {}, by="ann", message="Publish", onto="draft")
    change = open_as_ann(one_world)
    seen = Hands(one_world, "bob").approve(change.number)
    assert not seen.taken
    assert "Bob pushed commit" in seen.text


def test_a_push_that_is_told_of_late_takes_an_approval_back(one_world: Playground) -> None:
    """The forge tells in any order: the change is opened and approved before the push arrives."""
    one_world.settle()
    voice_of(one_world).held = True
    push_as_ann(one_world, by="bob")
    change = one_world.forge.open_change(one_world.repo, BRANCH, by="ann", title="Add password login")
    wire = Wire(one_world)
    voice_of(one_world).send_held(wire.delivered(wire.hooks.opened)[0])
    one_world.settle()
    approve(one_world, change.number)
    assert one_world.blockers(change.number) is None
    voice_of(one_world).held = False
    voice_of(one_world).send_held()
    one_world.settle()
    assert_shut(one_world, change.number, "waiting")
    assert one_world.card(change.number).text == f"High risk: waiting for a code owner — {one_world.ref(change.number)}"
    assert "Bob made the last push" in Hands(one_world, "bob").approve(change.number).text


def test_whoever_begins_a_branch_at_somebodys_head_has_no_part_in_it(one_world: Playground) -> None:
    change = one_world.open_generated()
    one_world.settle()
    put_back(one_world, change.head_sha, by="bob", branch="bobs")
    one_world.settle()
    approve(one_world, change.number)
    assert one_world.blockers(change.number) is None


def test_a_push_is_remembered_with_its_change_for_longer_than_by_itself(one_world: Playground) -> None:
    push_as_ann(one_world, by="bob")
    change = open_as_ann(one_world)
    one_world.clock.advance(timedelta(days=100))
    one_world.gate.kit.store.prune(timedelta(days=30))
    assert_refused(one_world, change.number, "Bob made the last push")
