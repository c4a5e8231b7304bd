"""The list that somebody gets when their day begins, and at no other time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.cli.layout import POLICY
from bot.cli.playground import Playground
from bot.cli.specimen import small_change
from bot.core.ids import PersonId
from bot.handlers.escalation.notifying import remind
from bot.handlers.escalation.stepping import escalate
from tests.scenarios.waiting import direct, opened, owner, tick, told, turns, wait

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


def test_a_morning_that_came_late_is_followed_by_nothing_for_a_quarter_of_an_hour(one_world: Playground) -> None:
    """Below the top tier. The gate came up five minutes after the day began, and ten later something is due."""
    one_world.push_policy(POLICY + "tiers:\n  low:\n    quiet: 0m\n    escalation: [{after: 495m, do: nudge}]\n")
    one_world.clock.advance(timedelta(minutes=30))
    one_world.open_generated(specimen=small_change(one_world.clock.now(), 1))
    one_world.settle()
    tick(one_world)
    (row,) = turns(one_world).values()
    name, day = str(row.person), timedelta(days=1)
    assert row.next_at == datetime(2026, 3, 4, 9, 15, tzinfo=UTC)
    one_world.clock.advance(day - timedelta(minutes=25))
    tick(one_world)
    assert (mornings(one_world, name), len(direct(one_world, name))) == (1, 1)
    wait(one_world, timedelta(minutes=14), timedelta(minutes=1))
    assert len(direct(one_world, name)) == 1
    wait(one_world, timedelta(minutes=2), timedelta(minutes=1))
    assert "waits for your review" in told(one_world, name)[-1]


def test_a_morning_that_came_late_waits_for_a_quarter_of_an_hour_after_something_urgent(one_world: Playground) -> None:
    """What is of high risk is told at once, and another replica does the list only later."""
    opened(one_world)
    name = owner(one_world)
    wait(one_world, timedelta(minutes=50))
    one_world.clock.advance(timedelta(minutes=10))
    with one_world.gate.kit.store.begin() as unit:  # as one that was killed before it told anybody of their day
        unit.plan_digest(PersonId(name), one_world.clock.now(), unit.planned_digests([PersonId(name)])[PersonId(name)])
        unit.commit()
    assert (escalate(one_world.gate.kit) > 0, remind(one_world.gate.kit) > 0) == (True, True)
    one_world.settle()
    assert len(direct(one_world, name)) == 1
    wait(one_world, timedelta(minutes=14), timedelta(minutes=1))
    assert mornings(one_world, name) == 0
    wait(one_world, timedelta(minutes=2), timedelta(minutes=1))
    assert mornings(one_world, name) == 1
