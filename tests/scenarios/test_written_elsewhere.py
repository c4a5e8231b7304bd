"""Slack does not answer: people are written to instead, once, and nothing is said twice when it is back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL, Layout
from bot.cli.playground import Playground, build_playground
from bot.core.ids import ForgeName
from bot.core.messages.letter import why_words
from bot.main import assemble, read_settings
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.mail.kept import Mail
from integrations.sandbox.mail.server import MailServer
from integrations.sandbox.serve import Served
from tests.integrations.notify.place import TOKEN, Place
from tests.scenarios.forges import differs
from tests.scenarios.waiting import asked, direct, request_of, told, turns, user_of, wait

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # read by Apprise itself


@pytest.fixture
def office() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def lettered(forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock, office: MailServer) -> Iterator[Playground]:
    """A gate that can write letters."""
    notify = {"smtp_url": f"smtp://{office.address}", "from_address": "llmgate@acme.example"}
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, notify=notify), clock)
    try:
        yield world
    finally:
        world.close()


def letters(office: MailServer, name: str) -> list[Mail]:
    return [mail for mail in office.mails if mail.recipients == (f"{name}@acme.example",)]


def opened(world: Playground) -> str:
    """A change that was asked about in Slack; who is asked as code owner."""
    world.open_generated()
    wait(world, MINUTE)
    return str(turns(world)["codeowner"].person)


def states(world: Playground) -> tuple[int, int]:
    backlog = world.gate.kit.store.backlog()
    return backlog.actions, backlog.dead_actions


def test_what_slack_does_not_take_is_written_once_and_marked_as_such(lettered: Playground, office: MailServer) -> None:
    first = opened(lettered)
    lettered.slack.faults.down = True
    wait(lettered, HOUR, 5 * MINUTE)
    assert letters(office, first) == [], "Slack may be back in a moment"
    wait(lettered, 20 * MINUTE, 5 * MINUTE)
    (mail,) = letters(office, first)
    assert mail.text.startswith(why_words("down") + "\n")
    assert "waits for your review as code owner: you have had it for 1 h " in mail.text
    url = differs(lettered, github="/acme/shop/pull/1", gitlab="/acme/web/shop/-/merge_requests/1")
    assert f"{url}\n" in mail.text
    assert f'{url}">Open the change</a>' in mail.html
    assert lettered.gate.settings.web.public_url in mail.text
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert not letters(office, "ann"), "it is not her turn"


def test_when_slack_is_back_nothing_is_said_twice_and_the_cards_are_right(lettered: Playground, office: MailServer) -> None:
    first = opened(lettered)
    lettered.slack.faults.down = True
    wait(lettered, HOUR + 20 * MINUTE, 5 * MINUTE)
    assert len(letters(office, first)) == 1
    lettered.slack.faults.down = False
    wait(lettered, 30 * MINUTE, 5 * MINUTE)
    assert direct(lettered, first) == []
    assert Hands(lettered, first).approve(1).taken
    wait(lettered, 30 * MINUTE, 5 * MINUTE)
    assert len(letters(office, first)) == 1
    assert len(lettered.slack.messages(CHANNEL)) == 1
    assert states(lettered) == (0, 0)


def test_who_could_not_even_be_asked_is_asked_in_a_letter_once(lettered: Playground, office: MailServer) -> None:
    lettered.slack.faults.down = True
    first = opened(lettered)
    wait(lettered, 10 * MINUTE, 5 * MINUTE)
    assert office.mails == []
    wait(lettered, 30 * MINUTE, 5 * MINUTE)
    named = {str(person) for person in asked(lettered)}
    assert first in named
    assert {name: len(letters(office, name)) for name in named} == dict.fromkeys(named, 1)
    assert "You are asked: " in letters(office, first)[0].text
    assert "waits for your review as code owner." in letters(office, first)[0].text
    lettered.slack.faults.down = False
    wait(lettered, 15 * MINUTE, 5 * MINUTE)
    (card,) = lettered.slack.messages(CHANNEL)
    assert len(lettered.slack.thread(CHANNEL, card.ts)) == len(named), "the asks are shown all the same"
    assert direct(lettered, first) == []
    assert {name: len(letters(office, name)) for name in named} == dict.fromkeys(named, 1)


def test_a_decision_meanwhile_leaves_nothing_to_write(lettered: Playground, office: MailServer) -> None:
    first = opened(lettered)
    lettered.slack.faults.down = True
    wait(lettered, HOUR + 5 * MINUTE, 5 * MINUTE)
    lettered.slack.faults.down = False
    assert Hands(lettered, first).approve(1).taken
    lettered.slack.faults.down = True
    wait(lettered, 25 * MINUTE, 5 * MINUTE)
    assert letters(office, first) == []


def test_a_decision_after_the_letter_was_queued_still_comes_before_it(lettered: Playground, office: MailServer) -> None:
    first = opened(lettered)
    lettered.slack.faults.down = True
    office.close()
    wait(lettered, HOUR + 20 * MINUTE, 5 * MINUTE)
    lettered.slack.faults.down = False
    assert Hands(lettered, first).approve(1).taken
    office.open()
    wait(lettered, 20 * MINUTE, 5 * MINUTE)
    assert letters(office, first) == []
    assert states(lettered) == (0, 0)


def test_a_mail_server_that_is_down_too_gets_the_letter_later(lettered: Playground, office: MailServer) -> None:
    first = opened(lettered)
    lettered.slack.faults.down = True
    office.close()
    wait(lettered, HOUR + 30 * MINUTE, 5 * MINUTE)
    assert office.mails == []
    office.open()
    office.fail_next("MAIL", 451)
    wait(lettered, 15 * MINUTE, 5 * MINUTE)
    assert len(letters(office, first)) == 1


def test_a_letter_that_the_mail_server_never_takes_is_laid_aside_and_shown(lettered: Playground, office: MailServer) -> None:
    first = opened(lettered)
    office.fail_next("RCPT", 550, times=50)
    lettered.slack.faults.down = True
    wait(lettered, HOUR + 20 * MINUTE, 5 * MINUTE)
    assert office.mails == []
    lettered.slack.faults.down = False
    wait(lettered, 15 * MINUTE, 5 * MINUTE)
    assert states(lettered) == (0, len({turn.person for turn in turns(lettered).values()}))
    assert direct(lettered, first) == []
    assert office.verbs.count("RCPT") == states(lettered)[1], "nobody is pestered"


def test_several_things_are_one_letter(lettered: Playground, office: MailServer) -> None:
    first = opened(lettered)
    lettered.open_generated("agent/second")
    wait(lettered, MINUTE)
    lettered.slack.faults.down = True
    wait(lettered, HOUR + 20 * MINUTE, 5 * MINUTE)
    both = {str(turns(lettered, number)["security"].person) for number in (1, 2)} | {first}
    for name in both:
        count = sum(str(turn.person) == name for number in (1, 2) for turn in turns(lettered, number).values())
        (mail,) = letters(office, name)
        assert (f"{count} changes wait for you" in mail.text) == (count > 1)


def test_whom_slack_refuses_to_tell_is_written_to_at_once(lettered: Playground, office: MailServer) -> None:
    first = opened(lettered)
    lettered.slack.fail_next("conversations.open", "user_disabled", times=9)
    lettered.slack.fail_next("chat.postMessage", "user_disabled", times=9)
    wait(lettered, HOUR + MINUTE, 5 * MINUTE)
    (mail,) = letters(office, first)
    assert mail.text.startswith(why_words("refused"))


def test_nobody_without_an_address_is_lost_they_hear_of_it_when_slack_is_back(
    forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock, office: MailServer
) -> None:
    notify = {"smtp_url": f"smtp://{office.address}", "from_address": "llmgate@acme.example"}
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, notify=notify), clock)
    try:
        first = opened(world)
        people = tmp_path / "world" / "people.yaml"
        people.write_text(people.read_text().replace(f"email: {first}@acme.example", "name: " + first.capitalize()))
        world.slack.faults.down = True
        wait(world, HOUR + 20 * MINUTE, 5 * MINUTE)
        assert letters(office, first) == []
        world.slack.faults.down = False
        wait(world, 10 * MINUTE, 5 * MINUTE)
        assert len(told(world, first)) == 1
    finally:
        world.close()


def test_an_address_that_slack_told_is_good_enough_to_write_to(lettered: Playground, office: MailServer) -> None:
    first = opened(lettered)
    people = lettered.layout.folder / "people.yaml"
    people.write_text(people.read_text().replace(f"email: {first}@acme.example", f"name: {first.capitalize()}"))
    chat = lettered.gate.kit.chat
    assert chat is not None
    lettered.slack.workspace.members[lettered.members[first]].email = f"{first}@chat.example"
    chat.fetch_profile(user_of(lettered, first), fresh=True)
    lettered.slack.faults.down = True
    wait(lettered, HOUR + 20 * MINUTE, 5 * MINUTE)
    assert [mail.recipients for mail in office.mails].count((f"{first}@chat.example",)) == 1


def test_an_address_decides_nothing(lettered: Playground, office: MailServer) -> None:
    """In the file of people, Bob's address is Ann's: he may approve what she wrote all the same, and she may not."""
    people = lettered.layout.folder / "people.yaml"
    people.write_text(people.read_text().replace("email: bob@acme.example", "email: ann@acme.example"))
    lettered.open_generated()
    wait(lettered, MINUTE)
    assert Hands(lettered, "bob").approve(1).taken
    assert not Hands(lettered, "ann").approve(1).taken
    with lettered.gate.kit.store.look() as unit:
        record = unit.change(lettered.ref(1))
    assert record is not None
    assert b"bob@acme.example" not in record.facts
    assert request_of(lettered).state == "open"
    assert office.mails == []


def test_without_a_chat_letters_go_from_the_start(lettered: Playground, office: MailServer) -> None:
    lettered.gate.close()
    settings = {**lettered.settings, "slack": {}}
    lettered.gate = lettered.doorway.gate = assemble(read_settings(**settings), lettered.clock)
    first = opened(lettered)
    named = {str(person) for person in asked(lettered)}
    wait(lettered, 5 * MINUTE, MINUTE)
    assert {name: len(letters(office, name)) for name in named} == dict.fromkeys(named, 1)
    (mail,) = letters(office, first)
    assert mail.text.startswith(why_words("no-chat"))
    assert "You are asked: " in mail.text
    wait(lettered, HOUR, 5 * MINUTE)
    assert "you have had it for 1 h of working time" in letters(office, first)[-1].text
    assert len(letters(office, first)) == 2
    assert states(lettered) == (0, 0)
    assert lettered.slack.messages(CHANNEL) == []


def test_apprise_takes_what_slack_does_not_and_no_token_shows(
    forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock, capfd: pytest.CaptureFixture[str]
) -> None:
    place = Place()
    served, secret = Served(place), tmp_path / "apprise-url"
    secret.write_text(f"json://127.0.0.1:{served.port}/{TOKEN}\n")
    layout = Layout(tmp_path / "world", sqlite_url, forge=forge, notify={"apprise_url_file": str(secret)})
    world = build_playground(layout, clock)
    try:
        first = opened(world)
        world.slack.faults.down, place.status = True, 503
        wait(world, HOUR + 20 * MINUTE, 5 * MINUTE)
        place.status = 200
        place.told.clear()
        wait(world, 15 * MINUTE, 5 * MINUTE)
    finally:
        world.close()
        served.close()
    mine = [json.loads(body) for _, body in place.told if f'"{first.capitalize()}: '.encode() in body]
    assert [one["message"].splitlines()[0] for one in mine] == [why_words("down", by_mail=False)]
    assert TOKEN not in "".join(capfd.readouterr())
