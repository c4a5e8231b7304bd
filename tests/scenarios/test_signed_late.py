"""What moves between a signature and its record: nothing is recorded that no longer holds, and the person hears what moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bot.cli.hands import Hands
from bot.cli.playground import BRANCH, Playground
from bot.cli.specimen import Specimen, login_change
from tests.authenticator import SoftKey
from tests.scenarios.browsers import browsers
from tests.scenarios.signing_desk import Desk, policy

BY_ROLE = "    strength_of:\n      security: passkey\n"


def desk_with(world: Playground, rules: str) -> Iterator[Desk]:
    world.push_policy(rules)
    number = world.open_generated().number
    world.settle()
    for new in browsers(world):
        yield Desk(world, new, number)


@pytest.fixture
def desk(one_world: Playground) -> Iterator[Desk]:
    yield from desk_with(one_world, policy("passkey"))


@pytest.fixture
def by_role(one_world: Playground) -> Iterator[Desk]:
    """Code owners press a button, Security signs."""
    yield from desk_with(one_world, policy("witnessed", BY_ROLE))


@pytest.fixture
def carrying(one_world: Playground) -> Iterator[Desk]:
    yield from desk_with(one_world, policy("passkey", "    carry_over: true\n"))


def push(desk: Desk) -> None:
    desk.world.push_generated(specimen=login_change(desk.world.clock.now(), "a second thought"))


def other_policy(desk: Desk) -> None:
    desk.world.push_policy(policy("passkey", "    login_minutes: 5\n"))


def close(desk: Desk) -> None:
    desk.world.forge.close_change(desk.world.repo, desk.number, by="ann")


def leave(desk: Desk) -> None:
    desk.world.slack.change_member(desk.world.members["bob"], deactivated=True)


MEANWHILE: dict[str, tuple[Callable[[Desk], None], str]] = {
    "a push": (push, "The head moved"),
    "another policy": (other_policy, "The policy changed"),
    "the change was closed": (close, "is closed"),
    "the person was deactivated": (leave, "deactivated"),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_a_signature_is_recorded_only_where_all_of_it_still_holds(what: str, desk: Desk) -> None:
    """It came before, and is worked on after: the worker looks at everything anew."""
    happens, says = MEANWHILE[what]
    key = SoftKey()
    desk.enrol("bob", key)
    desk.world.settle()
    signed = desk.sign(desk.new().go(desk.ask("bob")), key)
    assert "Signed" in signed.text
    happens(desk)
    desk.world.settle()
    assert [one for one in desk.decisions() if one.person == "bob"] == []
    told = [message.text for message in desk.world.slack.ephemerals(desk.world.members["bob"])]
    direct = desk.world.slack.workspace.direct(desk.world.members["bob"]).id
    told += [message.text for message in desk.world.slack.messages(direct)]
    assert any(says in line for line in told), told


def test_each_role_signs_as_the_policy_asks_of_it(by_role: Desk) -> None:
    world, key = by_role.world, SoftKey()
    assert Hands(world, "bob").approve(by_role.number).taken
    assert [(one.person, one.strength) for one in by_role.decisions()] == [("bob", "witnessed")]
    by_role.enrol("sue", key)
    address = by_role.ask("sue")
    assert world.verdict_on(world.head()) == "waiting"
    by_role.sign(by_role.new().go(address), key)
    world.settle()
    assert [(one.person, one.strength) for one in by_role.decisions()] == [("bob", "witnessed"), ("sue", "passkey")]
    assert world.verdict_on(world.head()) == "allowed"


def test_asking_for_changes_needs_no_key(desk: Desk) -> None:
    """It only closes: nobody has to prove anything for that."""
    assert Hands(desk.world, "bob").request_changes(desk.number, "The lock is not tested at all").taken
    assert desk.world.verdict_on(desk.world.head()) == "blocked"


def rebase(desk: Desk, specimen: Specimen) -> None:
    world = desk.world
    world.forge.push(world.repo, "main", {"docs/notes.md": "elsewhere\n"}, by="sam", message="Something else")
    world.forge.push(world.repo, BRANCH, specimen.files, by="ann", message=specimen.message, onto="main")
    world.settle()


def test_a_signed_approval_goes_along_with_a_clean_rebase_and_rests_on_the_signature_of_then(carrying: Desk) -> None:
    world, specimen = carrying.world, login_change(carrying.world.clock.now())
    for name, key in (("bob", SoftKey()), ("sue", SoftKey("EdDSA", "Y3JlZGVudGlhbC1vZi1zdWU"))):
        carrying.enrol(name, key)
        carrying.sign(carrying.new().go(carrying.ask(name)), key)
        world.settle()
    assert world.verdict_on(world.head()) == "allowed"
    rebase(carrying, specimen)
    assert world.verdict_on(world.head()) == "allowed"
    carried = [one for one in carrying.decisions() if one.head_sha == world.head()]
    assert [(one.strength, bool(one.carried_from), one.proof) for one in carried] == [("passkey", True, ())] * 2


def test_where_no_browser_would_lend_a_passkey_the_person_hears_it_at_once(desk: Desk) -> None:
    kit = desk.world.gate.kit
    object.__setattr__(kit, "trust", replace(kit.trust, passkeys=None))
    assert Hands(desk.world, "bob").approve(desk.number).taken
    assert "browsers lend none to this gate's address" in Hands(desk.world, "bob").told()
    assert desk.decisions() == ()
