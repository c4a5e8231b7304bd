"""People tie their chat account to their forge account: begun in private, proved by a sign-in, confirmed, told, and undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL
from bot.cli.playground import Playground
from integrations.sandbox.slack.workspace import Message
from tests.scenarios.browsers import Browser, address_in, ask_for_link, browsers
from tests.scenarios.conftest import at_rest

YES, NO = "Yes, both are me: link them", "This is not me"
New = Callable[[], Browser]


@pytest.fixture
def new(one_world: Playground) -> Iterator[New]:
    yield from browsers(one_world)
    at_rest(one_world)


def sign_in_label(world: Playground) -> str:
    return f"Sign in with {world.forge.title} ({world.forge.host})"


def link(world: Playground, new: New, name: str = "eve") -> Browser:
    browser = new().go(ask_for_link(world, name)).sign_in(sign_in_label(world), name).press(YES)
    assert browser.status == 200, browser.text
    world.settle()
    return browser


def direct(world: Playground, name: str) -> list[Message]:
    """What the gate said to this person directly."""
    place = world.slack.workspace.direct(world.members[name]).id
    return [message for message in world.slack.workspace.messages if message.channel == place]


def test_a_person_whom_nobody_listed_links_and_lands_on_what_they_had_pressed(one_world: Playground, new: New) -> None:
    world = one_world
    pull = world.open_generated()
    world.settle()
    eve = Hands(world, "eve")
    shown = eve.press(world.card(pull.number))
    assert shown.word == "Your chat account is tied to no forge account here, so nothing you press can count."
    browser = new().go(address_in(world.slack.ephemerals(eve.user)[-1]))
    assert "Eve (U0EVE) in workspace T0SANDBOX" in browser.text
    browser.sign_in(sign_in_label(world), "eve")
    assert browser.text.startswith("llmgate Are both of these you?")
    assert "Eve (U0EVE) in workspace T0SANDBOX" in browser.text
    assert f"On {world.forge.title}, {world.forge.host} eve (id 507)" in browser.text
    browser.press(YES)
    assert browser.text.startswith("llmgate You are linked")
    world.settle()
    (told,) = direct(world, "eve")
    assert told.text == f"You are linked to @eve on {world.forge.host}. Not you?"
    resumed = world.slack.ephemerals(eve.user)[-1]
    assert resumed.channel == CHANNEL
    assert resumed.text == f"You wanted to review {world.ref(1)}: go on here."
    assert "roles that you do not fill" in eve.press(resumed).word
