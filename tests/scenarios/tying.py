"""What stories about who is who have in common: linking in one go, and what is known and recorded of it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL
from bot.cli.playground import Playground
from bot.core.ids import ChatUser, Person
from bot.core.records import Record, read_record
from bot.core.verdict import Finding, Verdict
from bot.ports.identity import Link
from bot.ports.records import RecordKind
from integrations.sandbox.slack.workspace import Message
from tests.scenarios.browsers import Browser, ask_for_link

YES, NO = "Yes, both are me: link them", "This is not me"
New = Callable[[], Browser]


def sign_in_label(world: Playground) -> str:
    return f"Sign in with {world.forge.title} ({world.forge.host})"


def signed_in(world: Playground, browser: Browser, name: str, as_login: str = "") -> Browser:
    """At the question, in this browser."""
    return browser.go(ask_for_link(world, name)).sign_in(sign_in_label(world), as_login or name)


def link(world: Playground, new: New, name: str = "eve", as_login: str = "") -> Browser:
    browser = signed_in(world, new(), name, as_login).press(YES)
    assert browser.status == 200, browser.text
    world.settle()
    return browser


def chat_user(world: Playground, name: str) -> ChatUser:
    return ChatUser(world.slack.team, world.members[name])


def known(world: Playground, name: str) -> Person | None:
    return world.gate.kit.people.by_chat(chat_user(world, name))


def logins(world: Playground, name: str) -> list[str]:
    person = known(world, name)
    return [account.login for account in person.accounts] if person else []


def links(world: Playground, *, live: bool = True) -> tuple[Link, ...]:
    with world.gate.kit.store.look() as unit:
        return unit.links(live=live)


def records(world: Playground, about: str, *kinds: RecordKind) -> list[Record]:
    """What the log says about a person, each signature checked."""
    with world.gate.kit.store.look() as unit:
        stored = unit.records(about, kinds)
    opened = [world.gate.kit.trust.verifier.open_record(one.bundle) for one in stored]
    assert [one.problem_saw for one in opened] == [""] * len(stored)
    return [read_record(one.payload) for one in opened]


def direct(world: Playground, name: str) -> list[Message]:
    """What the gate said to this person directly."""
    place = world.slack.workspace.direct(world.members[name]).id
    return [message for message in world.slack.workspace.messages if message.channel == place]


def last_private(world: Playground, name: str) -> Message:
    return world.slack.ephemerals(world.members[name])[-1]


def refused_words(world: Playground, number: int) -> list[str]:
    """What the gate says of decisions that do not count, as it last judged the change."""
    with world.gate.kit.store.look() as unit:
        record = unit.change(world.ref(number))
    assert record is not None
    verdict = world.gate.kit.codec.load(Verdict, record.verdict)
    found: list[Finding] = [child for finding in verdict.findings for child in finding.children]
    return [finding.saw for finding in found if finding.rule == "approvals.refused"]


def week_later(world: Playground) -> None:
    """The daily tick, a week later."""
    world.clock.advance(timedelta(days=7, hours=1))
    world.gate.request_links()
    world.settle()


def press_in_channel(world: Playground, name: str, number: int) -> Message:
    """Press the card's button as somebody whom nothing ties; the private word with the link."""
    Hands(world, name).press(world.card(number))
    told = last_private(world, name)
    assert told.channel == CHANNEL
    return told
