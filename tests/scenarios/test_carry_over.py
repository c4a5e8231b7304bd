"""Approvals and a moved head: what goes along with a clean rebase, as a new record, and what never does."""

from __future__ import annotations

import json

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL, POLICY
from bot.cli.playground import BRANCH, Playground
from bot.cli.specimen import Specimen, login_change
from bot.core.approval import Approval
from bot.handlers.approvals import read_stored

LENIENT = POLICY + "tiers:\n  high:\n    carry_over: true\n"


def decisions(world: Playground, number: int) -> tuple[Approval, ...]:
    with world.gate.kit.store.look() as unit:
        stored = unit.approvals(world.ref(number))
    read = read_stored(world.gate.kit, stored, world.ref(number))
    return tuple(one for one in read if isinstance(one, Approval))


def approved_change(world: Playground) -> tuple[int, Specimen]:
    """A change that two people turned green."""
    specimen = login_change(world.clock.now())
    pull = world.open_generated(specimen=specimen)
    world.settle()
    Hands(world, "bob").approve(pull.number, reason="Reads well")
    Hands(world, "sue").approve(pull.number)
    assert world.verdict_on(world.head()) == "allowed"
    return pull.number, specimen


def move_base(world: Playground, path: str = "docs/notes.md", text: str = "elsewhere\n") -> None:
    world.forge.push(world.repo, "main", {path: text}, by="sam", message="Something else")


def rebase(world: Playground, specimen: Specimen) -> None:
    world.forge.push(world.repo, BRANCH, specimen.files, by="ann", message=specimen.message, onto="main")
    world.settle()


@pytest.fixture
def lenient(one_world: Playground) -> Playground:
    one_world.push_policy(LENIENT)
    one_world.settle()
    return one_world


def test_a_clean_rebase_takes_approvals_along_as_new_records_that_name_both_commits(lenient: Playground) -> None:
    number, specimen = approved_change(lenient)
    old = lenient.head()
    move_base(lenient)
    rebase(lenient, specimen)
    new = lenient.head()
    assert new != old
    assert lenient.verdict_on(new) == "allowed"
    before = {one.id: one for one in decisions(lenient, number) if one.head_sha == old}
    after = [one for one in decisions(lenient, number) if one.head_sha == new]
    assert {one.carried_from for one in after} == set(before)
    for one in after:
        origin = before[one.carried_from]
        assert (one.person, one.answers, one.reason, one.strength) == (
            origin.person,
            origin.answers,
            origin.reason,
            "witnessed",
        )
        assert origin.voided == f"carried on to {new[:12]}"
    said = [message.text for message in lenient.slack.thread(CHANNEL, lenient.card(number).ts)]
    assert any("went along with a clean rebase" in line and "Bob and Sue" in line for line in said)
    with lenient.gate.kit.store.look() as unit:
        bundle = json.loads(unit.approvals(lenient.ref(number))[-1].bundle)
    assert bundle["dsseEnvelope"]


def test_where_the_policy_does_not_say_so_a_rebase_voids_as_any_push_does(one_world: Playground) -> None:
    _, specimen = approved_change(one_world)
    move_base(one_world)
    rebase(one_world, specimen)
    assert one_world.verdict_on(one_world.head()) == "waiting"


def test_a_push_that_changes_a_line_takes_nothing_along(lenient: Playground) -> None:
    approved_change(lenient)
    lenient.push_generated(specimen=login_change(lenient.clock.now(), "a second thought"))
    lenient.settle()
    assert lenient.verdict_on(lenient.head()) == "waiting"


def test_a_rebase_with_a_conflict_takes_nothing_along(lenient: Playground) -> None:
    number, specimen = approved_change(lenient)
    move_base(lenient, "auth/login.py", "LIMIT = 6\n")
    rebase(lenient, specimen)  # the same content at the head, and another difference to the base
    assert lenient.verdict_on(lenient.head()) == "waiting"
    assert not any(one.carried_from for one in decisions(lenient, number))


def test_a_push_back_to_the_old_head_revives_nothing(lenient: Playground) -> None:
    number, specimen = approved_change(lenient)
    old = lenient.head()
    lenient.push_generated(specimen=login_change(lenient.clock.now(), "a second thought"))
    lenient.settle()
    lenient.forge.push(lenient.repo, BRANCH, {}, by="ann", message="back", onto=old)
    lenient.settle()
    lenient.forge.push(lenient.repo, BRANCH, specimen.files, by="ann", message=specimen.message, onto="main")
    lenient.settle()
    assert lenient.verdict_on(lenient.head()) == "waiting"
    assert all(one.voided for one in decisions(lenient, number))


def test_whoever_rebased_does_not_approve_by_it(lenient: Playground) -> None:
    """Bob approved, then pushed the rebase himself: his hand is in the change now."""
    number, specimen = approved_change(lenient)
    move_base(lenient)
    lenient.forge.push(lenient.repo, BRANCH, specimen.files, by="bob", message=specimen.message, onto="main")
    lenient.settle()
    assert lenient.verdict_on(lenient.head()) == "waiting"
    why = Hands(lenient, "sue").say(f"/llmgate why {number}")
    assert "Bob's approval does not count" in why
