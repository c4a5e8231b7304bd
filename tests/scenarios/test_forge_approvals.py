"""Decisions given on the forge itself, with its own button: recorded where the policy takes them, and nowhere else."""

from __future__ import annotations

from bot.cli.hands import Hands
from bot.cli.layout import POLICY
from bot.cli.playground import Playground
from bot.core.approval import Approval
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.forges import untold

TAKEN = POLICY + "tiers:\n" + "".join(f"  {tier}: {{forge_approvals: true}}\n" for tier in ("low", "medium", "high"))


def opened(world: Playground, policy: str = TAKEN) -> ChangeSeen:
    """A generated change under this policy, everybody asked."""
    world.push_policy(policy)
    change = world.open_generated()
    world.settle()
    return change


def decisions(world: Playground, number: int) -> list[Approval]:
    ref = world.ref(number)
    with world.gate.kit.store.look() as unit:
        read = [world.gate.kit.trust.verifier.read_approval(stored.bundle, ref) for stored in unit.approvals(ref)]
    return [one for one in read if isinstance(one, Approval)]


def test_an_approval_on_the_forge_counts_where_the_policy_takes_it(one_world: Playground) -> None:
    change = opened(one_world)
    one_world.forge.approve(one_world.repo, change.number, by="bob")
    one_world.settle()
    assert one_world.verdict_on(change.head_sha) == "waiting"
    one_world.forge.approve(one_world.repo, change.number, by="sue")
    one_world.settle()
    assert one_world.verdict_on(change.head_sha) == "allowed"
    assert one_world.forge.blockers(one_world.repo, change.number) is None
    first, second = decisions(one_world, change.number)
    assert (first.person, first.strength, first.on_forge, first.answers) == ("bob", "witnessed", True, ())
    assert second.person == "sue"


def test_an_approval_on_the_forge_decides_nothing_by_default(one_world: Playground) -> None:
    change = opened(one_world, POLICY)
    one_world.forge.approve(one_world.repo, change.number, by="bob")
    one_world.forge.approve(one_world.repo, change.number, by="sue")
    one_world.settle()
    assert one_world.verdict_on(change.head_sha) == "waiting"
    assert decisions(one_world, change.number) == []


def test_an_approval_on_the_forge_and_one_in_the_chat_add_up(one_world: Playground) -> None:
    change = opened(one_world)
    one_world.forge.approve(one_world.repo, change.number, by="bob")
    one_world.settle()
    assert Hands(one_world, "sue").approve(change.number).taken
    assert one_world.verdict_on(change.head_sha) == "allowed"


def test_an_approval_taken_back_on_the_forge_closes_the_merge_again(one_world: Playground) -> None:
    change = opened(one_world)
    for name in ("bob", "sue"):
        one_world.forge.approve(one_world.repo, change.number, by=name)
    one_world.settle()
    one_world.forge.take_back(one_world.repo, change.number, by="sue")
    one_world.settle()
    assert one_world.verdict_on(change.head_sha) == "waiting"
    assert one_world.forge.blockers(one_world.repo, change.number) is not None
    assert [one.decision for one in decisions(one_world, change.number)] == ["approved", "approved", "dismissed"]


def test_an_approval_whose_taking_back_was_never_told_is_missed_by_the_next_look(one_world: Playground) -> None:
    change = opened(one_world)
    for name in ("bob", "sue"):
        one_world.forge.approve(one_world.repo, change.number, by=name)
    one_world.settle()
    with untold(one_world):
        one_world.forge.take_back(one_world.repo, change.number, by="sue")
    one_world.forge.edit(one_world.repo, change.number, by="ann", body="Adds a login, as asked.")
    one_world.settle()
    assert one_world.verdict_on(change.head_sha) == "waiting"
    assert [one.decision for one in decisions(one_world, change.number)] == ["approved", "approved", "dismissed"]


def test_what_somebody_decided_in_the_chat_is_not_taken_back_on_the_forge(one_world: Playground) -> None:
    change = opened(one_world)
    assert Hands(one_world, "bob").approve(change.number).taken
    one_world.forge.approve(one_world.repo, change.number, by="sue")
    one_world.settle()
    one_world.forge.edit(one_world.repo, change.number, by="ann", body="Adds a login, as asked.")
    one_world.settle()
    assert one_world.verdict_on(change.head_sha) == "allowed"


def test_a_push_voids_an_approval_given_on_the_forge(one_world: Playground) -> None:
    change = opened(one_world)
    for name in ("bob", "sue"):
        one_world.forge.approve(one_world.repo, change.number, by=name)
    one_world.settle()
    head = one_world.push_generated()
    one_world.settle()
    assert head != change.head_sha
    assert one_world.verdict_on(head) == "waiting"
    assert one_world.forge.blockers(one_world.repo, change.number) is not None


def test_whoever_had_a_hand_in_it_is_told_that_their_approval_does_not_count(one_world: Playground) -> None:
    one_world.push_policy(TAKEN)
    one_world.push_generated(by="bob")
    change = one_world.forge.open_change(one_world.repo, "agent/login", by="ann", title="Add password login")
    one_world.settle()
    one_world.forge.approve(one_world.repo, change.number, by="bob")
    one_world.settle()
    assert decisions(one_world, change.number) == []
    assert "You may not decide about" in Hands(one_world, "bob").told()


def test_a_stranger_to_the_people_file_decides_nothing(one_world: Playground) -> None:
    change = opened(one_world)
    one_world.forge.approve(one_world.repo, change.number, by="eve")
    one_world.settle()
    assert decisions(one_world, change.number) == []
    assert one_world.verdict_on(change.head_sha) == "waiting"
