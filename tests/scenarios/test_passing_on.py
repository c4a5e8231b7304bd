"""What somebody who is asked does in Slack besides deciding, by the menu of the ask and by commands: put it off, hand it on,
say that it is not theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cli.hands import Hands, whole
from bot.cli.layout import CHANNEL, POLICY
from bot.cli.playground import Playground
from bot.core.ids import PersonId
from integrations.sandbox.slack.workspace import Message
from tests.scenarios.waiting import asked, history, request_of, thread, tick, turns, wait

LEADS = POLICY + "  leads:\n    people: [sam]\n"
EXPIRES = """tiers:
  high:
    escalation:
      - {after: 1h, do: nudge}
      - {after: 2h, do: expire}
"""


@pytest.fixture
def world(one_world: Playground) -> Playground:
    """A change of high risk that waits for an owner of its file and for one of security."""
    one_world.open_generated()
    one_world.settle()
    tick(one_world)
    return one_world


def owner_of(world: Playground) -> Hands:
    """Who is asked as code owner."""
    return Hands(world, turns(world)["codeowner"].person)


def ask_of(world: Playground, hands: Hands) -> Message:
    """The message in the card's thread that asks them."""
    name = hands.name.capitalize()
    found = [message for message in world.slack.thread(CHANNEL, world.card(1).ts) if f"<@{hands.user}>" in str(message.blocks)]
    assert found, f"nobody asked {name}"
    return found[-1]


def others(world: Playground, hands: Hands) -> str:
    """Somebody else who owns the file."""
    return next(name for name in ("bob", "dee") if name != hands.name)


def spelled(world: Playground) -> str:
    return str(world.ref(1))


def test_an_ask_shows_three_controls_and_a_menu_of_five(world: Playground) -> None:
    row = next(block for block in ask_of(world, owner_of(world)).blocks if block["type"] == "actions")
    buttons = [element["text"]["text"] for element in row["elements"] if element["type"] == "button"]
    menu = next(element for element in row["elements"] if element["type"] == "overflow")
    assert buttons == ["Review & approve", "Request changes"]
    assert [option["text"]["text"] for option in menu["options"]] == [
        "Snooze …",
        "Delegate …",
        "Not me …",
        "Explain",
        "Open the change",
    ]


def test_a_snooze_by_the_menu_puts_the_turn_off_and_is_said(world: Playground) -> None:
    owner = owner_of(world)
    shown = owner.choose(ask_of(world, owner), "Snooze …")
    assert shown.dialogue is not None
    assert shown.dialogue.title == "Snooze"
    assert owner.fill(**{"for": "120"}).taken
    assert turns(world)["codeowner"].snoozed_until == world.clock.now() + timedelta(hours=2)
    assert f"{spelled(world)}: you are reminded after 2 h of your working time." in owner.told()
    assert any("wants to be reminded later" in line for line in thread(world))
    assert "1 snoozed" in owner.say("/llmgate queue")
    assert "snoozed until" in owner.say("/llmgate queue")


def test_a_snooze_by_command_says_what_it_saw_and_an_example(world: Playground) -> None:
    owner = owner_of(world)
    assert "you are reminded after 30 min" in owner.say(f"/llmgate snooze {spelled(world)} 30m")
    world.settle()
    assert turns(world)["codeowner"].snoozes == 1
    for words in ("", "soon", "0h", "-2h"):
        answer = owner.say(f"/llmgate snooze {spelled(world)} {words}")
        assert "For example: /llmgate snooze" in answer
    assert "at most" in owner.say(f"/llmgate snooze {spelled(world)} 9d")
    assert "“30”" in owner.say(f"/llmgate snooze {spelled(world)} 30")


def test_a_snooze_has_its_limit_and_is_for_whoever_is_waited_for(world: Playground) -> None:
    owner = owner_of(world)
    assert "Nobody waits for you" in Hands(world, "ann").say(f"/llmgate snooze {spelled(world)} 1h")
    for _ in range(turns(world)["codeowner"].chain.snoozes):
        owner.say(f"/llmgate snooze {spelled(world)} 30m")
        world.settle()
    assert "times already" in owner.choose(ask_of(world, owner), "Snooze …").word


def test_a_delegation_by_the_menu_asks_somebody_else_and_refuses_who_may_not(world: Playground) -> None:
    owner = owner_of(world)
    other = others(world, owner)
    assert owner.choose(ask_of(world, owner), "Delegate …").dialogue is not None
    for name, said in (("ann", "may not decide about"), ("eve", "tied to no forge account"), (owner.name, "is asked already")):
        seen = owner.fill(to=world.members[name])
        assert said in seen.errors["field:to"], name
    assert owner.fill(to=world.members[other], reason="She wrote it").taken
    assert turns(world)["codeowner"].person == other
    assert any(
        f"handed the review on to <@{world.members[other]}>" in line and "She wrote it" in line for line in thread(world)
    )
    assert "your review as code owner is wanted" in whole(ask_of(world, Hands(world, other)))


def test_a_delegation_by_command_takes_a_mention_or_a_name(world: Playground) -> None:
    owner = owner_of(world)
    other = others(world, owner)
    assert "I know nobody called “zed”" in owner.say(f"/llmgate delegate {spelled(world)} zed")
    assert "needs a person" in owner.say(f"/llmgate delegate {spelled(world)}")
    assert f"{other.capitalize()} is asked in your stead" in owner.say(
        f"/llmgate delegate {spelled(world)} @{other.capitalize()} busy"
    )
    world.settle()
    assert turns(world)["codeowner"].person == other
    (turning,) = history(world, "delegated")
    assert turning.words.endswith("busy")


def test_who_was_never_asked_has_nothing_to_hand_on(world: Playground) -> None:
    ann = Hands(world, "ann")
    assert "not asked to review" in ann.say(f"/llmgate delegate {spelled(world)} @Bob")
    assert "not asked to review" in ann.choose(ask_of(world, owner_of(world)), "Not me …").word
    assert history(world, "delegated", "not-mine") == []


def test_not_me_names_somebody_else_and_needs_no_reason(world: Playground) -> None:
    owner = owner_of(world)
    owner.choose(ask_of(world, owner), "Not me …")
    assert owner.fill().taken
    assert turns(world)["codeowner"].person != owner.name
    assert asked(world)[PersonId(owner.name)].gone
    assert "you are named no more" in owner.told()


def test_the_author_and_a_lead_may_choose_who_reviews_and_nobody_else(one_world: Playground) -> None:
    one_world.push_policy(LEADS)
    one_world.open_generated()
    one_world.settle()
    owner, ref = owner_of(one_world), spelled(one_world)
    other = others(one_world, owner).capitalize()
    assert "may choose who reviews" in Hands(one_world, "cid").say(f"/llmgate reassign {ref} @{owner.name} @{other}")
    ann = Hands(one_world, "ann")
    assert "needs who is asked now" in ann.say(f"/llmgate reassign {ref} @{other}")
    assert f"{other} is asked in place of {owner.name.capitalize()}" in ann.say(
        f"/llmgate reassign {ref} @{owner.name} @{other}"
    )
    one_world.settle()
    assert turns(one_world)["codeowner"].person == other.lower()
    lead = Hands(one_world, "sam")
    assert "is not asked to review" in lead.say(f"/llmgate reassign {ref} @{owner.name} @{other}")
    cid = "is asked in place of"
    assert cid in lead.say(
        f"/llmgate reassign {ref} @{other} @bob" if other != "Bob" else f"/llmgate reassign {ref} @{other} @dee"
    )


def test_a_card_that_expired_can_be_asked_about_again(one_world: Playground) -> None:
    one_world.push_policy(POLICY + EXPIRES)
    one_world.open_generated()
    one_world.settle()
    wait(one_world, timedelta(hours=3))
    assert request_of(one_world).state == "expired"
    ann = Hands(one_world, "ann")
    shown = ann.press(one_world.card(1), "Ask again")
    assert "people are asked once more" in shown.word
    one_world.settle()
    assert request_of(one_world).state == "open"
    assert "Review & approve" in str(one_world.card(1).blocks)


def test_in_a_thread_the_change_need_not_be_named(world: Playground) -> None:
    owner = owner_of(world)
    assert "you are reminded after 1 h" in owner.mention(1, "@llmgate snooze 1h")


def test_somebody_nobody_knows_is_led_to_the_link(world: Playground) -> None:
    assert "tied to no forge account" in Hands(world, "eve").say(f"/llmgate snooze {spelled(world)} 1h")
    shown = Hands(world, "eve").choose(ask_of(world, owner_of(world)), "Delegate …")
    assert "tied to no forge account" in shown.word
