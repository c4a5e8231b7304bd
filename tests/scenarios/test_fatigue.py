"""Somebody decides much, or fast: what the policy makes of it. Nothing is undone by it."""

from __future__ import annotations

from datetime import timedelta

from bot.cli.hands import Hands
from bot.cli.layout import POLICY
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from integrations.sandbox.slack.workspace import Message
from tests.scenarios.waiting import history, told, turns, wait

QUICK = POLICY + "fatigue: {per_day: 25, seconds: 20, then: %s%s}\n"


def opened(world: Playground, number: int) -> None:
    made = login_change(world.clock.now(), f"number {number}")
    world.open_generated(f"agent/{number}", made, title=f"Number {number}")
    world.settle()


def approves(world: Playground, name: str, numbers: range, seconds: int) -> None:
    """That person opens each dialogue and sends it so many seconds later."""
    for number in numbers:
        opened(world, number)
        hands = Hands(world, name)
        assert hands.press(world.card(number)).dialogue is not None
        world.clock.advance(timedelta(seconds=seconds))
        hands.submit()
        world.settle()


def test_how_long_a_decision_took_is_kept_with_it(one_world: Playground) -> None:
    approves(one_world, "sue", range(1, 2), 34)
    (decided,) = history(one_world, "decided")
    assert (decided.person, decided.words) == ("sue", "approved after 34 s")


def test_a_person_who_approves_in_haste_is_warned_in_private_once_a_day(one_world: Playground) -> None:
    one_world.push_policy(QUICK % ("warn", ""))
    one_world.settle()
    approves(one_world, "sue", range(1, 5), 5)
    warned = [line for line in told(one_world, "sue") + [one.text for one in _private(one_world, "sue")] if "within 20" in line]
    assert len(warned) == 1
    assert "You have approved 3 changes within 20 seconds of opening them" in warned[0]
    assert all("security" not in turns(one_world, number) for number in range(1, 5)), "each of them counts all the same"


def test_who_takes_time_is_not_warned(one_world: Playground) -> None:
    one_world.push_policy(QUICK % ("warn", ""))
    one_world.settle()
    approves(one_world, "sue", range(1, 4), 21)
    assert _private(one_world, "sue") == []


def test_a_lead_hears_of_it(one_world: Playground) -> None:
    text = (QUICK % ("lead", ", lead: leads")).replace("roles:\n", "roles:\n  leads:\n    people: [dee]\n")
    one_world.push_policy(text)
    one_world.settle()
    approves(one_world, "sue", range(1, 4), 5)
    wait(one_world, timedelta(minutes=15))
    assert any("Sue has approved 3 changes within 20 seconds" in line for line in told(one_world, "dee"))


def test_more_proof_is_asked_of_whoever_decided_too_much(one_world: Playground) -> None:
    one_world.push_policy(QUICK % ("stronger", ""))
    one_world.settle()
    approves(one_world, "sue", range(1, 4), 5)
    opened(one_world, 4)
    hands = Hands(one_world, "sue")
    hands.press(one_world.card(4))
    hands.submit()
    one_world.settle()
    assert "security" in turns(one_world, 4), "a press alone is not enough any more"
    assert "One more step to approve" in hands.told()
    one_world.clock.advance(timedelta(days=1))
    hands.press(one_world.card(4))
    hands.submit()
    one_world.settle()
    assert "security" not in turns(one_world, 4), "and the next day it is"


def _private(world: Playground, name: str) -> list[Message]:
    return world.slack.ephemerals(world.members[name])
