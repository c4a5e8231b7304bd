"""Approvals behind a fresh sign-in: at the forge or at the organisation's provider, in one's own name, not of yesterday."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.oidc.fake import FakeIdentityProvider
from tests.scenarios.browsers import Browser, browsers
from tests.scenarios.conftest import at_rest
from tests.scenarios.signing_desk import Desk, policy
from tests.scenarios.tying import sign_in_label

FIVE_MINUTES = policy("reauthenticated", "    login_minutes: 5\n")
ORGANISATION = "Sign in with your organisation"


def open_desk(world: Playground) -> Iterator[Desk]:
    world.push_policy(FIVE_MINUTES)
    number = world.open_generated().number
    world.settle()
    for new in browsers(world):
        yield Desk(world, new, number)
    at_rest(world)


@pytest.fixture
def desk(one_world: Playground) -> Iterator[Desk]:
    """On each forge, where people sign in at the forge itself."""
    yield from open_desk(one_world)


@dataclass(frozen=True)
class Vouched:
    desk: Desk
    provider: FakeIdentityProvider

    def sign_in(self, browser: Browser) -> Browser:
        return browser.sign_in(ORGANISATION, "bob", self.provider.sign_in)


@pytest.fixture
def vouched(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Vouched]:
    """On GitHub, with an identity provider that knows Bob's number there."""
    with FakeIdentityProvider(clock) as provider:
        oidc = {**provider.settings()["oidc"], "claims": {"github.sandbox": "forge_id"}}
        world = build_playground(Layout(tmp_path / "world", sqlite_url, oidc=oidc), clock)
        provider.allow_redirect(f"{world.gate.settings.web.public_url}/login/callback")
        provider.person("bob", forge_id=502)
        try:
            for desk in open_desk(world):
                yield Vouched(desk, provider)
        finally:
            world.close()


def approve(browser: Browser) -> Browser:
    return browser.press("Approve")


def test_a_sign_in_at_the_forge_in_ones_own_name_approves(desk: Desk) -> None:
    browser = desk.new().go(desk.ask("bob"))
    assert "a sign-in of at most 5 minutes ago" in browser.text
    browser.sign_in(sign_in_label(desk.world), "sue")
    assert "wanted an account of bob, for whom this link is; sign in as yourself" in browser.text
    browser.sign_in(sign_in_label(desk.world), "bob")
    assert "Signed in as bob" in browser.text
    assert "Signed Your approval is on its way" in approve(browser).text
    desk.world.settle()
    (approval,) = desk.decisions()
    proof = dict(approval.proof)
    assert (approval.strength, proof["subject"], proof["login"]) == ("reauthenticated", "502", "bob")


def test_whoever_waits_too_long_after_signing_in_signs_in_again(desk: Desk) -> None:
    desk.world.push_policy(FIVE_MINUTES.replace("5", "2"))
    desk.world.clock.advance(timedelta(minutes=1))
    desk.world.gate.request_sweep()
    desk.world.settle()
    browser = desk.new().go(desk.ask("bob")).sign_in(sign_in_label(desk.world), "bob")
    desk.world.clock.advance(timedelta(minutes=3))
    assert "Saw a sign-in of 3 minutes ago; wanted one of at most 2; sign in again." in approve(browser).text
    assert desk.decisions() == ()


def test_a_sign_in_in_another_browser_approves_nothing_in_this_one(desk: Desk) -> None:
    url = desk.ask("bob")
    mine, other = desk.new().go(url), desk.new().go(url)
    other.sign_in(sign_in_label(desk.world), "bob")
    assert "Signed in as bob" in other.text
    assert "Signed in as bob" not in mine.go(url).text
    (form,) = other.page.forms
    assert mine.answer is not None
    stolen = mine.client.post(mine.answer.url.join(form.action), data=form.fields)
    assert stolen.status_code == 403


def test_the_organisations_sign_in_approves_for_the_account_that_it_names(vouched: Vouched) -> None:
    browser = vouched.sign_in(vouched.desk.new().go(vouched.desk.ask("bob")))
    assert "Signed in as bob" in browser.text
    assert "Signed" in approve(browser).text
    vouched.desk.world.settle()
    (approval,) = vouched.desk.decisions()
    proof = dict(approval.proof)
    assert (proof["provider"], proof["issuer"], proof["asserted"]) == ("oidc", vouched.provider.url, "auth_time")


def test_a_session_of_yesterday_is_no_fresh_sign_in_whatever_the_provider_makes_of_it(vouched: Vouched) -> None:
    vouched.provider.honour_fresh(False)
    vouched.provider.signed_in_since("bob", vouched.desk.world.clock.now() - timedelta(hours=20))
    browser = vouched.desk.new().go(vouched.desk.ask("bob"))
    vouched.sign_in(browser)
    assert "Saw a sign-in of 1200 minutes ago; wanted one of at most 5; sign in again." in browser.text
    assert vouched.desk.decisions() == ()
