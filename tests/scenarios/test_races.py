"""Things that happen in the same moment: every one of them counts, once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from bot.worker import Crew
from tests.scenarios.forges import checks_posted


def at_once(*acts: Callable[[], object]) -> None:
    """Start all of them in the same moment, each on a thread of its own, and wait for the last."""
    start = threading.Barrier(len(acts))

    def perform(act: Callable[[], object]) -> None:
        start.wait()
        act()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(perform, act) for act in acts]:
            done.result()


def crews(world: Playground, count: int = 3) -> list[Callable[[], object]]:
    """As many replicas' hands on the same database."""
    gate = world.gate
    return [Crew(gate.kit, gate.dispatcher, f"replica-{number}").run_until_idle for number in range(count)]


def decided(world: Playground) -> int:
    with world.gate.kit.store.begin() as unit:
        return len([bundle for bundle in unit.approvals(world.ref(1)) if bundle.voided is None])


def opened(world: Playground, *names: str) -> list[Hands]:
    """The change is open and each of these people has its dialogue before them."""
    world.open_generated()
    world.settle()
    people = [Hands(world, name) for name in names]
    for hands in people:
        assert hands.press(world.card(1)).dialogue is not None
    return people


def test_two_reviewers_in_the_same_moment_both_count(world: Playground) -> None:
    bob, sue = opened(world, "bob", "sue")
    at_once(bob.submit, sue.submit)
    at_once(*crews(world))
    world.settle()
    assert decided(world) == 2
    assert world.verdict_on(world.head()) == "allowed"
    said = [message.text for message in world.slack.thread(CHANNEL, world.card(1).ts) if " approved" in message.text]
    assert len([text for text in said if text.startswith(("Bob approved", "Sue approved"))]) == 2


def test_two_clicks_on_submit_are_one_decision(world: Playground) -> None:
    (bob,) = opened(world, "bob")
    bob.press(world.card(1))
    bob.submit()
    bob.submit()
    at_once(*crews(world))
    world.settle()
    assert decided(world) == 1
    assert "You already decided this" in bob.told()


def test_an_approval_and_a_push_in_the_same_moment_never_turn_the_new_commit_green(world: Playground) -> None:
    bob, sue = opened(world, "bob", "sue")
    made = login_change(world.clock.now(), "second")
    at_once(bob.submit, sue.submit, lambda: world.push_generated(specimen=made))
    at_once(*crews(world))
    world.settle()
    head = world.head()
    assert world.verdict_on(head) == "waiting"
    assert world.blockers(1) is not None
    assert decided(world) == 0


def test_several_replicas_show_one_change_once(world: Playground) -> None:
    world.open_generated()
    world.forge.flush()
    at_once(*crews(world, 4))
    world.settle()
    assert len(world.slack.messages(CHANNEL)) == 1
    assert len(world.slack.thread(CHANNEL, world.card(1).ts)) == 2
    assert len(world.seen(1).comments) == 1
    assert len(checks_posted(world, world.head())) == 1
