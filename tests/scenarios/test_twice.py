"""A decision whose worker died after recording it is worked on again, and nobody sees anything twice."""

from __future__ import annotations

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from bot.core.events import DecisionGiven
from bot.handlers.decision import decide
from bot.handlers.directory import Rolls
from bot.handlers.gather import Gatherer


def decide_and_die(playground: Playground) -> None:
    """Bob's decision is taken and recorded, and its worker dies before it says that it is done."""
    playground.open_generated()
    playground.settle()
    bob = Hands(playground, "bob")
    bob.press(playground.card(1))
    assert bob.submit().taken
    kit = playground.gate.kit
    job = kit.store.claim_job("dead")
    assert job is not None
    assert isinstance(job.event, DecisionGiven)
    decide(kit, Gatherer(kit, Rolls(kit)), job.event)


def look_back(playground: Playground) -> tuple[int, list[str], list[str]]:
    """Records, what was said in the thread about deciding, and what Bob was told in private."""
    with playground.gate.kit.store.begin() as unit:
        records = len(unit.approvals(playground.ref(1)))
    said = [message.text for message in playground.slack.thread(CHANNEL, playground.card(1).ts)]
    told = [message.text for message in playground.slack.ephemerals(playground.members["bob"])]
    return records, [line for line in said if line.startswith("Bob approved")], told


def test_a_decision_worked_on_twice_is_recorded_once_and_refused_to_nobody(world: Playground) -> None:
    decide_and_die(world)
    assert world.gate.kit.store.release("dead") == 1
    world.settle()
    records, said, told = look_back(world)
    assert (records, len(said), told) == (1, 1, [])


def test_a_push_before_the_second_time_makes_no_refusal_of_it(world: Playground) -> None:
    decide_and_die(world)
    world.push_generated(specimen=login_change(world.clock.now(), "a second thought"))
    assert world.gate.kit.store.release("dead") == 1
    world.settle()
    records, said, told = look_back(world)
    assert (records, len(said), told) == (1, 1, [])
    assert world.verdict_on(world.head("agent/login")) == "waiting"
