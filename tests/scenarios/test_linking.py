"""People tie their chat account to their forge account: begun in private, proved by a sign-in, confirmed, told, and undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.hands import Hands, whole
from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.oidc.fake import FakeIdentityProvider
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.browsers import address_in, ask_for_link, browsers
from tests.scenarios.conftest import at_rest
from tests.scenarios.tying import (
    NO,
    YES,
    New,
    direct,
    known,
    last_private,
    link,
    links,
    logins,
    press_in_channel,
    records,
    sign_in_label,
)

BOB = "person:slack:T0SANDBOX/U0BOB"


@pytest.fixture
def few(forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """The file of people knows neither Bob, who owns code, nor Sue of security, nor Eve."""
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, unlisted=("bob", "sue", "eve")), clock)
    assert world.slack.connected()
    try:
        yield world
        at_rest(world)
    finally:
        world.close()


@pytest.fixture
def new(few: Playground) -> Iterator[New]:
    yield from browsers(few)


def opened(world: Playground) -> ChangeSeen:
    change = world.open_generated()
    world.settle()
    return change


def test_whoever_is_unlinked_is_led_through_the_link_and_lands_back_on_the_same_press(few: Playground, new: New) -> None:
    change = opened(few)
    told = press_in_channel(few, "bob", change.number)
    assert told.text == "Your chat account is tied to no forge account here, so nothing you press can count."
    browser = new().go(address_in(told))
    assert "Bob (U0BOB) in workspace T0SANDBOX" in browser.text
    browser.sign_in(sign_in_label(few), "bob")
    assert browser.text.startswith("llmgate Are both of these you?")
    assert "Bob (U0BOB) in workspace T0SANDBOX" in browser.text
    assert f"On {few.forge.title}, {few.forge.host} bob (id 502)" in browser.text
    assert browser.press(YES).text.startswith("llmgate You are linked")
    few.settle()
    assert [message.text for message in direct(few, "bob")] == [f"You are linked to @bob on {few.forge.host}. Not you?"]
    resumed = last_private(few, "bob")
    assert (resumed.channel, resumed.text) == (told.channel, f"You wanted to review {few.ref(1)}: go on here.")
    bob = Hands(few, "bob")
    assert bob.press(resumed).dialogue is not None
    assert bob.submit().taken
    few.settle()
    assert few.card(change.number).text == f"High risk: waiting for security — {few.ref(1)}"


def test_a_link_is_made_on_both_databases_and_over_both_of_slacks_transports(world: Playground) -> None:
    for new in browsers(world):
        link(world, new, "eve")
    assert logins(world, "eve") == ["eve"]
    assert "Nothing is left to link" in Hands(world, "eve").say("/llmgate link")


def test_a_link_is_a_signed_record_of_the_log_and_names_what_proved_it(few: Playground, new: New) -> None:
    link(few, new, "bob")
    (record,) = records(few, BOB, "link")
    assert record.details["account"] == f"{few.forge.forge}:{few.forge.host}:502"
    assert record.details["chat"] == "T0SANDBOX:U0BOB"
    assert record.details["method"] == "login"
    assert record.details["subject"] == "502"
    assert len(record.details["token_sha256"]) == 64
    (row,) = links(few)
    assert (row.person, row.account.id, row.method) == ("slack:T0SANDBOX/U0BOB", 502, "login")


def test_whoever_says_this_is_not_me_ends_the_link_and_nothing_is_tied(few: Playground, new: New) -> None:
    url = ask_for_link(few, "bob")
    assert new().go(url).press(NO).text.startswith("llmgate Nothing was linked")
    assert "was used already" in new().go(url).text
    assert links(few, live=False) == ()


def test_whoever_cancels_at_the_forge_comes_back_to_the_choice(few: Playground, new: New) -> None:
    browser = new().go(ask_for_link(few, "bob"))
    there = browser.leave(sign_in_label(few))
    assert sign_in_label(few) in browser.go(few.forge.cancel_sign_in(there)).buttons
    assert browser.sign_in(sign_in_label(few), "bob").press(YES).text.startswith("llmgate You are linked")


@pytest.fixture
def both(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    layout = Layout(tmp_path / "world", sqlite_url, forge="gitlab", also=("github",), unlisted=("bob", "eve"))
    world = build_playground(layout, clock)
    try:
        yield world
        at_rest(world)
    finally:
        world.close()


def test_one_person_links_an_account_on_each_of_two_hosts(both: Playground) -> None:
    for new in browsers(both):
        link(both, new, "bob")
        github = both.stages["github"]
        browser = new().go(ask_for_link(both, "bob"))
        browser.sign_in(f"Sign in with GitHub ({github.host})", "bob", github.sign_in).press(YES)
        assert browser.text.startswith("llmgate You are linked")
        both.settle()
    person = known(both, "bob")
    assert person is not None
    assert {(account.host, account.id) for account in person.accounts} == {("github.sandbox", 502), (both.forge.host, 502)}
    assert "@bob on github.sandbox" in Hands(both, "bob").say("/llmgate link")


@pytest.fixture
def provider(clock: FakeClock) -> Iterator[FakeIdentityProvider]:
    with FakeIdentityProvider(clock) as one:
        yield one


@pytest.fixture
def vouched(
    forge: ForgeName, provider: FakeIdentityProvider, sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> Iterator[Playground]:
    """An identity provider knows everybody's number on the forge."""
    host = {"github": "github.sandbox", "gitlab": "gitlab.sandbox"}[forge]
    oidc = {**provider.settings()["oidc"], "claims": {host: "forge_id"}}
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, unlisted=("bob", "eve"), oidc=oidc), clock)
    provider.allow_redirect(f"http://localhost:{world.served.port}/login/callback")
    try:
        yield world
        at_rest(world)
    finally:
        world.close()


def test_the_organisations_sign_in_tells_the_account_by_its_number_and_still_asks(
    vouched: Playground, provider: FakeIdentityProvider
) -> None:
    provider.person("bob", forge_id=502)
    for new in browsers(vouched):
        browser = new().go(ask_for_link(vouched, "bob"))
        browser.sign_in("Sign in with your organisation", "bob", provider.sign_in)
        assert "bob (id 502)" in browser.text
        assert links(vouched) == ()
        browser.press(YES)
        vouched.settle()
    (row,) = links(vouched)
    assert (row.account.id, row.method) == (502, "identity-provider")


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({}, "saw nothing in forge_id"),
        ({"forge_id": "bob"}, "gives forge_id as 'bob'; wanted the account's number"),
        ({"forge_id": 4711}, "gives forge_id as 4711, an account that is gone"),
    ],
)
def test_a_claim_that_leads_to_no_account_ties_nobody(
    vouched: Playground, provider: FakeIdentityProvider, claims: dict[str, object], said: str
) -> None:
    provider.person("bob", **claims)
    for new in browsers(vouched):
        browser = new().go(ask_for_link(vouched, "bob"))
        browser.sign_in("Sign in with your organisation", "bob", provider.sign_in)
        assert said in browser.text
        assert YES not in browser.buttons


def test_where_nobody_can_sign_in_the_words_are_those_of_before(
    forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, sign_in=False), clock)
    try:
        opened(world)
        assert "tied to no forge account" in whole(press_in_channel(world, "eve", 1))
        assert "Ask an admin to add you" in Hands(world, "eve").say("/llmgate link")
    finally:
        world.close()


def test_the_home_page_says_how_one_is_known(few: Playground, new: New) -> None:
    few.slack.open_home(few.members["bob"])
    assert few.slack.until(lambda: few.slack.home(few.members["bob"]) is not None)
    home = few.slack.home(few.members["bob"])
    assert "Say /llmgate link to link one." in str(home.blocks if home else "")
    link(few, new, "bob")
    few.slack.open_home(few.members["bob"])
    assert few.slack.until(lambda: f"You are bob: @bob on {few.forge.host}" in str(few.slack.home(few.members["bob"])))
