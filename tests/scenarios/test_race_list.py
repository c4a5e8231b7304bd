"""Chat and clocks at their worst moments: one story for each that no other file tells. See "At the same moment" in
deploy/attacks.md for the whole list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest

from bot.cli.hands import REVIEW, Hands, whole
from bot.cli.layout import CHANNEL, POLICY
from bot.cli.playground import Playground
from bot.cli.specimen import small_change
from bot.handlers.escalation.stepping import escalate
from bot.worker import Crew
from tests.authenticator import SoftKey
from tests.scenarios.browsers import browsers
from tests.scenarios.signing_desk import Desk, policy
from tests.scenarios.test_races import at_once, crews, decided
from tests.scenarios.waiting import direct, history, opened, owner, request_of, signed, thread, tick, turns, wait

CHAIN = "    quiet: 0m\n    escalation: [{after: 30m, do: nudge}, {after: 1h, do: expire}]\n"
"""`quiet`: or time would not run out while somebody is at it."""


def copies(world: Playground, name: str) -> dict[str, str]:
    """The three messages that show somebody the change: the card, the ask in its thread, and the reminder in private."""
    asks = [line for line in thread(world) if "review" in line and ("asked to" in line or "is wanted on" in line)]
    mine = [line for line in asks if f"<@{world.members[name]}>" in line or line.startswith(name.capitalize())]
    reminders = [words for message in direct(world, name) if "shop" in (words := whole(message))]
    assert (len(mine), len(reminders)) == (1, 1), (thread(world), reminders)
    return {"card": whole(world.card(1)), "ask": mine[0], "reminder": reminders[0]}


def assert_one_end(world: Playground, name: str, strength: str) -> None:
    """Somebody decided, the forge said the same, and time ran out, all at once: one of them came first, and all three messages,
    the check and the record say so."""
    shown, state = copies(world, name), request_of(world).state
    bundles = [one for one in signed(world) if one.voided is None]
    assert state in ("open", "expired")
    assert len(bundles) <= 1
    assert bundles or state == "expired", "one of the three came first"
    assert all((one.person, one.decision, one.strength) == (name, "approved", strength) for one in bundles)
    assert {label: REVIEW in words for label, words in shown.items() if label != "card"} == {"ask": False, "reminder": False}
    assert (REVIEW in shown["card"]) == (state == "open"), "the other seat is still to be filled, or nobody is asked"
    assert (f"approved by {name.capitalize()}" in shown["card"]) == bool(bundles)
    assert not turns(world) if state == "expired" else list(turns(world)) == ["security"]
    assert world.verdict_on(world.head()) in ("waiting", "blocked")
    assert len(world.slack.messages(CHANNEL)) == 1
    assert sum("expired, and nobody is asked" in line for line in thread(world)) == (state == "expired")
    assert len(history(world, "expired")) <= 2


def reminded(world: Playground, name: str) -> None:
    """Half an hour later they hear of it in private, and two minutes before the end they are about to decide."""
    wait(world, timedelta(minutes=30))
    assert REVIEW in copies(world, name)["reminder"]
    world.clock.advance(timedelta(minutes=28))


def test_a_click_a_review_on_the_forge_and_the_time_out_at_once_leave_one_end_and_no_record_twice(world: Playground) -> None:
    """Whoever is faster: the change is expired or waits for the other seat, and is never green with a seat open."""
    opened(world, POLICY + "tiers:\n  high:\n" + CHAIN)
    first = owner(world)
    reminded(world, first)
    hands = Hands(world, first)
    assert hands.press(world.card(1)).dialogue is not None
    world.clock.advance(timedelta(minutes=2))
    at_once(hands.submit, lambda: world.forge.approve(world.repo, 1, by=first), lambda: escalate(world.gate.kit))
    at_once(*crews(world))
    tick(world)
    assert_one_end(world, first, "witnessed")


def about_to_sign(world: Playground) -> Iterator[tuple[str, Callable[[], object]]]:
    """The code owner, with the passkey page open at the minute at which time runs out, and the deed of signing there."""
    opened(world, policy("passkey", CHAIN))
    first, key = owner(world), SoftKey()
    for new in browsers(world):
        desk = Desk(world, new, 1)
        desk.enrol(first, key)
        reminded(world, first)
        page = new().go(desk.ask(first))
        world.clock.advance(timedelta(minutes=2))
        yield first, partial(desk.sign, page, key)


def test_a_passkey_page_the_forge_and_the_time_out_at_once_leave_one_end_on_all_three_messages(one_world: Playground) -> None:
    """The card, the ask in its thread and the reminder in private all show the same change."""
    for first, sign in about_to_sign(one_world):
        at_once(sign, partial(one_world.forge.approve, one_world.repo, 1, by=first), lambda: escalate(one_world.gate.kit))
        at_once(*crews(one_world))
        tick(one_world)
        assert_one_end(one_world, first, "passkey")


def test_a_signature_that_comes_after_the_time_out_still_counts_and_opens_nothing_by_itself(one_world: Playground) -> None:
    """Time runs out while the page is open. What was signed is kept; the other seat is asked of nobody until somebody asks."""
    for first, sign in about_to_sign(one_world):
        tick(one_world)
        assert request_of(one_world).state == "expired"
        sign()
        one_world.settle()
        assert_one_end(one_world, first, "passkey")


def test_a_reviewer_deactivated_in_the_middle_of_a_review_decides_nothing(one_world: Playground) -> None:
    """The dialogue was open already; what it sends is refused, and the seat stays open."""
    opened(one_world)
    first = owner(one_world)
    hands = Hands(one_world, first)
    assert hands.press(one_world.card(1)).dialogue is not None
    one_world.slack.change_member(one_world.members[first], deactivated=True)
    one_world.settle()
    hands.submit()
    one_world.settle()
    assert "may not decide" in hands.told(), "in one of two wordings: Slack's event may come before the form or after"
    assert decided(one_world) == 0
    assert one_world.verdict_on(one_world.head()) == "waiting"


def test_forty_cards_at_once_against_slacks_limit_are_all_shown_once(on_github: Playground) -> None:
    """One message a second and channel is what Slack takes (its page on rate limits): what is refused is said later."""
    on_github.settle()
    on_github.slack.rate_limits = True
    for number in range(40):
        on_github.open_generated(f"agent/{number}", small_change(on_github.clock.now(), number), title=f"Number {number}")
    for _ in range(400):
        on_github.settle()
        if not on_github.gate.kit.store.backlog().actions:
            break
        on_github.clock.advance(timedelta(seconds=1))
    refused = sum(call.answer == "ratelimited" for call in on_github.slack.calls)
    cards = [message.text for message in on_github.slack.messages(CHANNEL) if not message.thread_ts]
    assert len(cards) == len(set(cards)) == 40
    assert refused > 0, "the limit was never met, and nothing is shown by this"
    backlog = on_github.gate.kit.store.backlog()
    assert (backlog.actions, backlog.dead_actions) == (0, 0)


def test_a_gate_killed_between_slacks_ack_and_the_work_still_takes_the_decision_once(world: Playground) -> None:
    """Slack got its answer and will not ask again: what was acknowledged is in the store."""
    opened(world)
    hands = Hands(world, owner(world))
    assert hands.press(world.card(1)).dialogue is not None
    assert hands.submit().taken
    kit = world.gate.kit
    assert kit.store.claim_job("killed/0:") is not None
    assert decided(world) == 0
    kit.store.inherit("killed/")  # as the one who comes up under its name does
    Crew(kit, world.gate.dispatcher, "risen").run_until_idle()
    world.settle()
    assert decided(world) == 1


def test_after_two_hours_down_each_reminder_comes_once_and_none_is_lost(world: Playground) -> None:
    opened(world)
    people = {str(row.person) for row in turns(world).values()}
    world.clock.advance(timedelta(hours=2))  # nobody ticks meanwhile
    tick(world)
    assert {name: len(direct(world, name)) for name in people} == dict.fromkeys(people, 1)
    wait(world, timedelta(minutes=10), timedelta(minutes=1))
    assert {name: len(direct(world, name)) for name in people} == dict.fromkeys(people, 1)
    assert len(history(world, "step", "widened")) == 2, "of steps that were missed, a seat does the last alone"


@pytest.mark.parametrize("trait", ["guest", "stranger"])
def test_a_guest_or_somebody_from_another_company_who_clicks_decides_nothing(one_world: Playground, trait: str) -> None:
    opened(one_world)
    first = owner(one_world)
    setattr(one_world.slack.workspace.members[one_world.members[first]], trait, True)
    Hands(one_world, first).approve(1)
    assert "it may not decide" in Hands(one_world, first).told()
    assert decided(one_world) == 0
    assert one_world.verdict_on(one_world.head()) == "waiting"
