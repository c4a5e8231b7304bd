"""A look at the forge takes time. What the gate itself writes in that time must not be taken for somebody else's doing."""

from __future__ import annotations

from datetime import timedelta

from bot.cli.playground import Playground
from bot.core.events import DecisionGiven
from bot.core.ids import ChatUser
from bot.core.policy.defaults import CHECKLIST
from bot.handlers.conclude import conclude
from bot.handlers.directory import Rolls
from bot.handlers.gather import Gathered, Gatherer, recall
from tests.scenarios.forges import checks_posted, looks, overwrite_check, untold


def begun(playground: Playground, number: int) -> Gathered:
    """A look that has read the forge and is not concluded yet."""
    kit = playground.gate.kit
    return Gatherer(kit, Rolls(kit)).gather(recall(kit, playground.ref(number)))


def runs(playground: Playground) -> list[str]:
    return checks_posted(playground, playground.head())


def judge_only(playground: Playground) -> None:
    """Work off what is stored, and deliver nothing."""
    playground.forge.flush()
    while playground.gate.dispatcher.work_next("judge"):
        pass


def decide(playground: Playground, person: str, decision: str) -> None:
    """A decision as a dialogue of the newest request would send it."""
    store = playground.gate.kit.store
    change = playground.ref(1)
    with store.begin() as unit:
        request = unit.request_of(change)
    assert request is not None
    user = ChatUser(playground.slack.team, playground.members[person])
    ticked = tuple(item.id for item in CHECKLIST) if decision == "approved" else ()
    event = DecisionGiven(
        request.token, user, decision, ticked, "Said in the test", f"{person} {decision} {playground.slack.workspace.serial()}"
    )
    assert store.accept(event, change.key, event.interaction)
    judge_only(playground)


def test_a_check_posted_during_a_look_is_not_posted_again(one_world: Playground) -> None:
    pull = one_world.open_generated()
    judge_only(one_world)
    look = begun(one_world, pull.number)
    one_world.settle()
    assert runs(one_world) == ["waiting"]
    conclude(one_world.gate.kit, look)
    one_world.settle()
    assert runs(one_world) == ["waiting"]


def test_a_check_that_somebody_else_overwrote_is_shown_anew(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    head = one_world.head()
    overwrite_check(one_world, head)
    conclude(one_world.gate.kit, begun(one_world, pull.number))
    one_world.settle()
    assert one_world.verdict_on(head) == "waiting"


def test_a_label_on_its_way_off_is_put_back_when_the_change_is_green_again(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    for person in ("bob", "sue"):
        decide(one_world, person, "approved")
    one_world.settle()
    decide(one_world, "bob", "changes-requested")
    decide(one_world, "bob", "approved")
    judge_only(one_world)
    assert set(one_world.seen(pull.number).labels) == {"llm-generated", "LLM Review: approved"}
    one_world.settle()
    assert set(one_world.seen(pull.number).labels) == {"llm-generated", "LLM Review: approved"}
    assert one_world.verdict_on(one_world.head()) == "allowed"


def test_an_update_in_the_second_of_the_last_look_is_found_by_the_sweep(one_world: Playground) -> None:
    pull = one_world.open_generated()
    one_world.settle()
    with untold(one_world):
        one_world.forge.unlabel(one_world.repo, pull.number, "llm-generated", by="eve")
    one_world.clock.advance(timedelta(seconds=1))
    one_world.gate.request_sweep()
    one_world.settle()
    assert one_world.seen(pull.number).labels == ("llm-generated",)


def test_a_change_looked_at_well_after_its_last_update_is_left_alone_by_the_sweep(one_world: Playground) -> None:
    one_world.open_generated()
    one_world.settle()
    for _ in range(2):
        one_world.clock.advance(timedelta(minutes=5))
        one_world.gate.request_sweep()
        one_world.settle()
    one_world.clock.advance(timedelta(minutes=5))
    one_world.forge.clear_calls()
    one_world.gate.request_sweep()
    one_world.settle()
    assert looks(one_world) == 0
