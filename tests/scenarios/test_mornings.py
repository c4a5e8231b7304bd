"""The list that somebody gets when their day begins, and at no other time."""

from __future__ import annotations

from datetime import timedelta

from bot.cli.playground import Playground
from tests.scenarios.waiting import opened, owner, told, wait

HOUR = timedelta(hours=1)


def mornings(world: Playground, name: str) -> int:
    return len([line for line in told(world, name) if "Your day begins" in line])


def test_a_gate_that_comes_up_at_night_sends_nobody_their_morning(one_world: Playground) -> None:
    opened(one_world)
    first = owner(one_world)
    one_world.clock.advance(36 * HOUR)  # down over a whole day, from Tuesday 09:00 until Wednesday 21:00
    wait(one_world, 11 * HOUR, HOUR)
    assert mornings(one_world, first) == 0
    wait(one_world, 2 * HOUR, HOUR)
    assert mornings(one_world, first) == 1
    wait(one_world, 12 * HOUR, HOUR)
    assert mornings(one_world, first) == 1
