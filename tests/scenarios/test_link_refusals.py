"""Who may not link which account at all, and what the pages keep and show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock
from tests.scenarios.browsers import ask_for_link, browsers
from tests.scenarios.conftest import at_rest
from tests.scenarios.tying import (
    YES,
    New,
    chat_user,
    direct,
    known,
    link,
    links,
    press_in_channel,
    sign_in_label,
    signed_in,
)


@pytest.fixture
def few(forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """The file of people knows neither Bob, who owns code, nor Eve, who attacks him."""
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, unlisted=("bob", "eve")), clock)
    assert world.slack.connected()
    try:
        yield world
        at_rest(world)
    finally:
        world.close()


@pytest.fixture
def new(few: Playground) -> Iterator[New]:
    yield from browsers(few)


# who may not at all


@pytest.mark.parametrize(
    ("trait", "said"),
    [
        ("guest", "is a guest"),
        ("stranger", "is of another organisation"),
        ("bot", "is a bot"),
        ("deactivated", "is deactivated"),
    ],
)
def test_whoever_is_no_full_member_links_nothing(few: Playground, new: New, trait: str, said: str) -> None:
    url = ask_for_link(few, "bob")
    browser = new().go(url).sign_in(sign_in_label(few), "bob")
    setattr(few.slack.workspace.members[few.members["bob"]], trait, True)
    assert said in browser.press(YES).text
    assert said in new().go(url).text
    assert links(few) == ()


def test_an_account_belongs_to_one_chat_account(few: Playground, new: New) -> None:
    link(few, new, "bob")
    browser = signed_in(few, new(), "eve", "bob").press(YES)
    assert f"@bob on {few.forge.host} is linked to another Slack account, U0BOB" in browser.text
    assert [row.chat.id for row in links(few)] == ["U0BOB"]


def test_a_chat_account_has_one_account_on_a_host(few: Playground, new: New) -> None:
    first, second = signed_in(few, new(), "bob"), signed_in(few, new(), "bob", "eve")
    first.press(YES)
    assert f"linked to another account on {few.forge.host}, @bob" in second.press(YES).text
    assert [row.account.id for row in links(few)] == [502]


def test_two_who_confirm_at_once_do_not_both_get_the_account(few: Playground, new: New) -> None:
    first, second = signed_in(few, new(), "bob"), signed_in(few, new(), "eve", "bob")
    first.press(YES)
    second.press(YES)
    assert "is linked to another Slack account" in second.text
    few.settle()
    assert len(links(few)) == 1


def test_an_account_that_the_file_gives_to_somebody_else_cannot_be_linked(few: Playground, new: New) -> None:
    browser = signed_in(few, new(), "eve", "sue").press(YES)
    assert f"@sue (506) on {few.forge.host} cannot be linked: the file gives that account to sue." in browser.text
    assert known(few, "eve") is None


def test_a_person_of_the_file_cannot_become_another_account_by_a_link(few: Playground, new: New) -> None:
    """Not even by one that was begun before the file knew of them; who is in it is given none."""
    assert "Nothing is left to link" in Hands(few, "dee").say("/llmgate link")
    browser = signed_in(few, new(), "eve")
    path = few.layout.folder / "people.yaml"
    entry = f"{{slack: T0SANDBOX/U0EVE, {few.forge.forge}: {{host: {few.forge.host}, id: 508, login: eva}}}}"
    path.write_text(path.read_text() + f"  eve: {entry}\n")
    assert "the file gives eve another account there, eva (508)" in browser.press(YES).text
    assert links(few) == ()


def test_the_file_beats_a_link_that_was_there_before(few: Playground, new: New) -> None:
    link(few, new, "eve")
    path = few.layout.folder / "people.yaml"
    path.write_text(path.read_text().replace("id: 501", "id: 507"))
    assert known(few, "eve") is None
    (contradiction,) = few.gate.kit.people.joined().contradictions
    assert contradiction.because == "the file gives that account to ann"


def test_equal_addresses_link_nobody(few: Playground) -> None:
    few.slack.workspace.members[few.members["eve"]].email = "bob@acme.example"
    change = few.open_generated()
    few.settle()
    assert "tied to no forge account" in press_in_channel(few, "eve", change.number).text
    assert known(few, "eve") is None


def test_nobody_unlinks_somebody_else_with_their_button(few: Playground, new: New) -> None:
    link(few, new, "bob")
    few.slack.join(few.slack.workspace.direct(few.members["bob"]).id, few.members["eve"])
    (told,) = direct(few, "bob")
    few.slack.click(few.members["eve"], told.channel, told.ts, "Not me: unlink")
    few.settle()
    assert len(links(few)) == 1


# what is kept and shown


def test_no_token_of_the_forge_is_kept_anywhere(few: Playground, new: New) -> None:
    browser = signed_in(few, new(), "bob")
    content = b"".join(path.read_bytes() for path in few.layout.folder.parent.glob("llmgate.db*"))
    for secret in few.forge.secrets:
        assert secret.encode() not in content
        assert secret not in browser.text
    assert b'"signed_in"' in content  # the sign-in is remembered, and what is remembered holds no token


def test_pages_are_kept_by_nobody_and_take_nothing_from_elsewhere(few: Playground, new: New) -> None:
    browser = new().go(ask_for_link(few, "bob"))
    assert browser.answer is not None
    told = browser.answer.headers
    assert told["cache-control"] == "no-store"
    assert told["referrer-policy"] == "same-origin"
    policy = told["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    cookie = told["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_a_name_is_text_wherever_it_comes_from(few: Playground, new: New) -> None:
    few.slack.workspace.members[few.members["eve"]].name = '<script>alert(1)</script>"><b>Bob</b>'
    browser = signed_in(few, new(), "eve")
    assert browser.answer is not None
    assert "<script" not in browser.answer.text
    assert "<b>" not in browser.answer.text
    assert "<script>alert(1)</script>" in browser.text


def test_a_public_channel_never_sees_a_link(few: Playground) -> None:
    change = few.open_generated()
    few.settle()
    told = press_in_channel(few, "bob", change.number)
    assert told.only_for == few.members["bob"]
    Hands(few, "bob").say("/llmgate link")
    assert not any("/visit/" in str(message.blocks) for message in few.slack.workspace.messages)
    assert chat_user(few, "bob").team == few.slack.team


# when somebody does not answer


def test_while_slack_does_not_answer_nothing_is_tied_and_the_link_still_works(few: Playground, new: New) -> None:
    browser = signed_in(few, new(), "bob")
    question = browser.answer
    few.slack.fail_next("users.info", 503)
    assert browser.press(YES).status == 503
    assert "Slack answered users.info with 503" in browser.text
    assert links(few) == ()
    browser.answer = question
    assert browser.press(YES).text.startswith("llmgate You are linked")


def test_while_the_forge_does_not_answer_nobody_is_signed_in_and_the_link_still_works(few: Playground, new: New) -> None:
    url = ask_for_link(few, "bob")
    browser = new().go(url)
    back = few.forge.sign_in(browser.leave(sign_in_label(few)), "bob")
    exchange = "POST /oauth/token" if few.layout.forge == "gitlab" else "POST /login/oauth/access_token"
    few.forge.fail_next(exchange, 503)
    assert "The sign-in was not completed" in browser.go(back).text
    assert YES not in browser.go(url).buttons
    assert browser.sign_in(sign_in_label(few), "bob").press(YES).text.startswith("llmgate You are linked")
