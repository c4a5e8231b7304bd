"""Somebody approved, and is no longer who they were: what becomes of the green, and what is said of it."""

from __future__ import annotations

from datetime import timedelta

from bot.cli.hands import Hands
from bot.cli.layout import SECURITY_TEAM
from bot.cli.playground import Playground
from integrations.sandbox.gitlab.people import Access
from tests.scenarios.forges import is_gitlab


def green(world: Playground) -> None:
    world.open_generated()
    world.settle()
    for name in ("bob", "sue"):
        assert Hands(world, name).approve(1).taken
    assert world.verdict_on(world.head()) == "allowed"


def leave_security(world: Playground, name: str) -> None:
    """The team is without that person from now on, and no webhook says so."""
    if is_gitlab(world):
        members = world.gitlab.world.group(SECURITY_TEAM).members
        del members[world.gitlab.world.user(name).id]
    else:
        del world.github.world.team(*SECURITY_TEAM.split("/")).members[name]


def quarter(world: Playground) -> None:
    """A quarter of an hour passes, and the sweep comes round."""
    world.clock.advance(timedelta(minutes=16))
    world.gate.request_sweep()
    world.settle()


def test_an_approver_who_lost_the_role_holds_no_seat_and_the_green_ends_within_a_quarter_of_an_hour(
    one_world: Playground,
) -> None:
    green(one_world)
    leave_security(one_world, "sue")
    quarter(one_world)
    assert one_world.verdict_on(one_world.head()) == "waiting"
    assert one_world.blockers(1) is not None
    assert one_world.card(1).text == f"High risk: waiting for security — {one_world.ref(1)}"


def test_an_approver_who_may_no_longer_write_is_named_with_the_reason(one_world: Playground) -> None:
    green(one_world)
    if is_gitlab(one_world):
        one_world.gitlab.grant(one_world.repo, "sue", Access.GUEST)
    else:
        one_world.github.grant(one_world.repo, "sue", "read")
    quarter(one_world)
    assert one_world.verdict_on(one_world.head()) == "waiting"
    why = Hands(one_world, "bob").say("/llmgate why 1")
    assert f"Sue's approval does not count: Sue may not write to {one_world.repo}" in why


def test_a_green_that_nothing_happened_to_stays_and_costs_one_look_a_quarter_of_an_hour(one_world: Playground) -> None:
    green(one_world)
    one_world.forge.clear_calls()
    quarter(one_world)
    assert one_world.verdict_on(one_world.head()) == "allowed"
    looks = [call.operation for call in one_world.forge.calls].count("Change")
    assert looks == 1
