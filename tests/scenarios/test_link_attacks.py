"""Ways to be taken for somebody else through the link, one a test, each closed. Mallory, who attacks, is Eve in Slack."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock
from tests.scenarios.browsers import ask_for_link, browsers
from tests.scenarios.conftest import at_rest
from tests.scenarios.tying import (
    NO,
    YES,
    New,
    links,
    records,
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


# the link itself


def test_a_link_that_expired_leads_nowhere(few: Playground, new: New) -> None:
    url = ask_for_link(few, "bob")
    browser = new().go(url)
    few.clock.advance(timedelta(minutes=10))
    assert "This link expired at 09:10 UTC" in browser.go(url).text
    assert "Say `/llmgate link` in Slack for a new one." in browser.text
    assert browser.status == 410


def test_a_link_that_expires_during_the_sign_in_ties_nothing(few: Playground, new: New) -> None:
    browser = new().go(ask_for_link(few, "bob"))
    back = few.forge.sign_in(browser.leave(sign_in_label(few)), "bob")
    few.clock.advance(timedelta(minutes=10))
    assert "is over since" in browser.go(back).text
    assert links(few) == ()


def test_a_link_works_once(few: Playground, new: New) -> None:
    url = ask_for_link(few, "bob")
    browser = new().go(url).sign_in(sign_in_label(few), "bob")
    question = browser.answer
    browser.press(YES)
    assert "was used already" in browser.go(url).text
    browser.answer = question
    assert "was used already" in browser.press(YES).text
    few.settle()
    assert len(records(few, "person:slack:T0SANDBOX/U0BOB")) == 1


def test_a_link_that_was_guessed_leads_nowhere(few: Playground, new: New) -> None:
    base = f"http://localhost:{few.served.port}"
    for made_up in ("x" * 43, "..", "%00", "a" * 5000):
        browser = new().go(f"{base}/visit/{made_up}")
        assert browser.status in (404, 410)
        assert "<form" not in (browser.answer.text if browser.answer else "")


# the attacker's own link in the victim's browser


def test_a_victim_sees_in_whose_name_the_link_was_begun_before_anything_else(few: Playground, new: New) -> None:
    victim = new().go(ask_for_link(few, "eve"))
    assert victim.text.index("Eve (U0EVE)") < victim.text.index("sign in to the account")
    assert "somebody may have sent you their own link" in victim.text
    victim.sign_in(sign_in_label(few), "bob")
    assert "what Eve decides in Slack counts as decided by @bob" in victim.text
    assert victim.press(NO).text.startswith("llmgate Nothing was linked")
    few.settle()
    assert links(few, live=False) == ()


def test_the_sender_of_a_link_cannot_confirm_what_the_victim_signed_in_to(few: Playground, new: New) -> None:
    url = ask_for_link(few, "eve")
    mallory = new().go(url)
    victim = new().go(url).sign_in(sign_in_label(few), "bob")
    assert YES in victim.buttons
    assert YES not in mallory.go(url).buttons
    step = victim.page.forms[0]
    mallory.answer = mallory.client.post(
        f"{url}/link", data={**mallory.page.forms[0].fields, "accounts": step.fields["accounts"]}
    )
    assert "Nobody has signed in for this link in this browser" in mallory.text
    assert links(few) == ()


def test_a_sign_in_begun_by_the_sender_counts_in_no_other_browser(few: Playground, new: New) -> None:
    """Mallory sends not the link but the forge's own page, with the state of Mallory's errand in it."""
    mallory = new().go(ask_for_link(few, "eve"))
    there = mallory.leave(sign_in_label(few))
    victim = new().go(few.forge.sign_in(there, "bob"))
    assert victim.status == 403
    assert "begun in another browser" in victim.text
    assert links(few) == ()


def test_a_sign_in_counts_in_no_other_browser_even_at_the_same_link(few: Playground, new: New) -> None:
    url = ask_for_link(few, "eve")
    mallory, victim = new().go(url), new().go(url)
    there = mallory.leave(sign_in_label(few))
    assert "begun in another browser" in victim.go(few.forge.sign_in(there, "bob")).text
    assert YES not in victim.go(url).buttons


def test_an_answer_of_the_forge_that_was_stolen_is_worth_nothing_elsewhere(few: Playground, new: New) -> None:
    victim = new().go(ask_for_link(few, "bob"))
    answer = few.forge.sign_in(victim.leave(sign_in_label(few)), "bob")
    mallory = new()
    assert "begun in another browser" in mallory.go(answer).text
    mallory.go(ask_for_link(few, "eve"))
    assert "begun in another browser" in mallory.go(answer).text
    assert YES in victim.go(answer).buttons


# the way to the forge and back


def test_a_state_that_comes_twice_finds_nothing(few: Playground, new: New) -> None:
    browser = new().go(ask_for_link(few, "bob"))
    answer = few.forge.sign_in(browser.leave(sign_in_label(few)), "bob")
    browser.go(answer)
    assert "This sign-in leads nowhere" in browser.go(answer).text
    assert browser.status == 403


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=made-up&code=x", "?state=&code=x", "?error=access_denied", "?state=x"]
)
def test_a_forged_way_back_finds_nothing(few: Playground, new: New, query: str) -> None:
    browser = new().go(ask_for_link(few, "bob"))
    browser.leave(sign_in_label(few))
    browser.go(f"http://localhost:{few.served.port}/login/callback{query}")
    assert browser.status == 403
    assert "This sign-in leads nowhere" in browser.text


def test_a_code_that_the_forge_did_not_give_is_refused_by_the_forge(few: Playground, new: New) -> None:
    browser = new().go(ask_for_link(few, "bob"))
    answer = few.forge.sign_in(browser.leave(sign_in_label(few)), "bob")
    head, _, state = answer.partition("&state=")
    forged = browser.go(f"{head[: head.index('code=')]}code=made-up&state={state}")
    assert forged.status == 403
    assert "The sign-in was not completed" in forged.text
    assert links(few) == ()


def test_whoever_begins_to_sign_in_again_is_nobody_until_they_have(few: Playground, new: New) -> None:
    url = ask_for_link(few, "eve")
    browser = new().go(url)
    kept = browser.answer
    browser.go(few.forge.sign_in(browser.leave(sign_in_label(few)), "bob"))
    assert YES in browser.buttons
    browser.answer = kept
    there = browser.leave(sign_in_label(few))
    assert YES not in browser.go(url).buttons
    assert "eve (id 507)" in browser.go(few.forge.sign_in(there, "eve")).text


# the forms


def test_a_form_of_another_site_does_nothing(few: Playground, new: New) -> None:
    url = ask_for_link(few, "bob")
    browser = new().go(url).sign_in(sign_in_label(few), "bob")
    question = browser.answer
    for word in ({"word": ""}, {"word": "0" * 64}, {"word": "ä"}):
        browser.answer = question
        assert browser.press(YES, **word).status == 403
        assert "did not come from the gate's own page" in browser.text
    assert links(few) == ()


def test_without_the_browsers_cookie_nothing_is_done(few: Playground, new: New) -> None:
    browser = signed_in(few, new(), "bob")
    browser.client.cookies.clear()
    assert browser.press(YES).status == 403
    assert links(few) == ()


def test_the_account_is_the_one_that_signed_in_whatever_the_form_says(few: Playground, new: New) -> None:
    browser = signed_in(few, new(), "eve")
    other = f"{few.forge.forge}:{few.forge.host}:502"
    browser.press(YES, accounts=other)
    assert browser.text.startswith("llmgate Are both of these you?")
    assert "eve (id 507)" in browser.text
    assert links(few) == ()


def test_an_unknown_place_to_sign_in_is_refused(few: Playground, new: New) -> None:
    browser = new().go(ask_for_link(few, "bob"))
    browser.press(sign_in_label(few), provider="https://evil.example")
    assert "wanted one that is set up here" in browser.text
