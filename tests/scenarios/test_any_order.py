"""Whatever the order of deeds, pushes, ticks, deaths and restarts: no step is done twice."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from bot.cli.hands import Hands
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from bot.core.events import NotMine, Snoozed
from bot.handlers.escalation.notifying import remind
from bot.handlers.escalation.stepping import escalate
from bot.worker import Crew
from tests.scenarios.waiting import history, opened, request_of, send, tick, turns, user_of
from tests.simulation.killing import Killed, Killer

DEEDS = ("approve", "changes", "snooze", "not mine", "push", "tick", "twice", "die", "pass", "pass", "pass")


def act(world: Playground, deed: str, chance: random.Random, number: int) -> None:
    waiting = [str(row.person) for row in turns(world).values() if row.seat != "author"]
    name = chance.choice(waiting or ["bob"])
    token = request_of(world).token
    if deed == "approve":
        Hands(world, name).approve(1)
    elif deed == "changes":
        Hands(world, name).request_changes(1, "Please name it better")
    elif deed == "snooze":
        send(world, Snoozed(token, user_of(world, name), 30, interaction=f"s{number}"))
    elif deed == "not mine":
        send(world, NotMine(token, user_of(world, name), "", f"n{number}"))
    elif deed == "push":
        world.push_generated(specimen=login_change(world.clock.now(), f"thought {number}"))
    elif deed == "pass":
        world.clock.advance(timedelta(minutes=chance.choice((20, 45, 70))))
    elif deed == "die":
        die(world, chance)
    else:
        tick_without_lease(world, 1 + (deed == "twice"))


def tick_without_lease(world: Playground, times: int) -> None:
    for _ in range(times):
        escalate(world.gate.kit)
        remind(world.gate.kit)


def die(world: Playground, chance: random.Random) -> None:
    """A crew is dropped in the middle of a statement, and the next one takes back what it held."""
    killer = Killer()
    killer.arm(1, chance.randint(1, 40))
    try:
        with killer.aiming_at(1):
            escalate(world.gate.kit)
            Crew(world.gate.kit, world.gate.dispatcher, "mortal").run_until_idle()
    except Killed:
        world.gate.kit.store.inherit("mortal/")
    finally:
        killer.close()


@pytest.mark.parametrize("seed", [3])
def test_whatever_the_order_no_step_is_done_twice_and_only_what_is_not_green_waits(world: Playground, seed: int) -> None:
    chance = random.Random(seed)
    opened(world)
    for number in range(30):
        act(world, chance.choice(DEEDS), chance, number)
        if chance.random() < 0.7:
            world.settle()
    world.settle()
    tick(world)
    steps = Counter((one.at, one.token, one.seat, one.person, one.words) for one in history(world, "step", "widened"))
    assert [key for key, count in steps.items() if count > 1] == []
    assert steps, "the walk came to no step, and shows nothing"
    assert request_of(world).state in ("open", "approved", "rejected", "answered", "expired")
    assert bool(turns(world)) == (world.verdict_on(world.head()) != "allowed")
