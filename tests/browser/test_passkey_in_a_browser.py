"""Passkeys in a real browser with a virtual authenticator: enrolled, used on a high-tier change, checked offline, refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.cli.hands import Hands
from bot.cli.layout import POLICY, Layout
from bot.cli.playground import Playground, build_playground
from bot.core.forges import FORGES
from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock
from tests.browser.chromium import Chromium
from tests.browser.passkeys import Visitor
from tests.cli.test_approvals import environment_of, run

WITH_PASSKEYS = POLICY + "tiers:\n  high:\n    strength: passkey\n"
LINK = re.compile(r'"(http://localhost:\d+/visit/[\w-]+)"')


@dataclass(frozen=True)
class Office:
    """A world whose policy wants passkeys under high-tier changes, and a change of that tier in it."""

    world: Playground
    number: int

    @property
    def forge(self) -> str:
        return FORGES[self.world.layout.forge].name

    def told_link(self, name: str) -> str:
        """The address in the latest private word to this person that has one."""
        told = self.world.slack.ephemerals(self.world.members[name])
        found = [link for message in told for link in LINK.findall(json.dumps(message.blocks))]
        return str(found[-1])

    def ask(self, name: str) -> str:
        """Press approve in Slack: the address of the page to sign at."""
        assert Hands(self.world, name).approve(self.number, reason="Reads well").taken
        return self.told_link(name)

    def enrol(self, name: str, visitor: Visitor) -> None:
        """By the way that Slack gives."""
        Hands(self.world, name).say("/llmgate passkey")
        visitor.open(self.told_link(name))
        visitor.sign_in_as(name, self.forge)
        visitor.sees("What do you call")
        visitor.leave_by("Add a passkey")
        visitor.sees("is yours now")


@pytest.fixture
def office(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    """On GitHub, where the story asks for no other."""
    forge: ForgeName = getattr(request, "param", "github")
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge), clock)
    try:
        world.push_policy(WITH_PASSKEYS)
        number = world.open_generated().number
        world.settle()
        yield Office(world, number)
    finally:
        world.close()


@pytest.fixture
def visitor(browser: Chromium) -> Iterator[Visitor]:
    """A tab in which nothing may have failed at the end."""
    with browser.page() as page:
        yield Visitor(page)
        page.go("about:blank")
        assert page.faults == []


def verified(office: Office, folder: Path) -> str:
    """What `llmgate verify` says of the change's export, by nothing but public keys."""
    world = office.world
    done = run(folder, "approvals", "export", str(world.ref(office.number)), "--out", "out", **environment_of(world))
    assert done.returncode == 0, done.stderr
    keys = ("--key", str(world.layout.folder / "signing.pem.pub"), "--log-key", str(world.layout.folder / "log.pem.pub"))
    checked = run(folder, "verify", "out", *keys)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return checked.stdout


@pytest.mark.parametrize("office", ["github", "gitlab"], indirect=True)
def test_a_change_turns_green_by_two_passkeys_whose_proofs_hold_offline(
    office: Office, browser: Chromium, tmp_path: Path
) -> None:
    world = office.world
    with browser.page() as page:
        bob = Visitor(page)
        bob.device()
        bob.open(office.ask("bob"))
        shown = bob.sees("You have no passkey here yet")
        assert f"acme{'/web' if office.forge == 'GitLab' else ''}/shop" in shown
        assert world.head() in shown
        assert "✓ The tests exist, pass" in shown
        bob.leave_by("Add a passkey first")
        bob.sign_in_as("bob", office.forge)
        bob.sees("What do you call")
        bob.leave_by("Add a passkey")
        bob.leave_by("Back, to sign")
        bob.leave_by("Sign with passkey")
        bob.sees("Your approval is on its way")
        assert page.faults == []
    world.settle()
    assert "waiting for security" in world.card(office.number).text
    assert world.verdict_on(world.head()) != "allowed"
    with browser.page() as page:
        sue = Visitor(page)
        sue.device()
        office.enrol("sue", sue)
        sue.open(office.ask("sue"))
        sue.leave_by("Sign with passkey")
        sue.sees("Your approval is on its way")
        assert page.faults == []
    world.settle()
    assert world.verdict_on(world.head()) == "allowed"
    assert "2 approvals that count" in verified(office, tmp_path)


def test_a_key_that_cannot_verify_its_user_signs_nothing_and_the_link_still_serves(office: Office, visitor: Visitor) -> None:
    device = visitor.device()
    office.enrol("bob", visitor)
    visitor.open(office.ask("bob"))
    device.verifies(False)
    visitor.press("Sign with passkey")
    visitor.sees("It was cancelled, it took too long, or this passkey could not check who you are")
    device.verifies(True)
    visitor.leave_by("Sign with passkey")
    visitor.sees("Your approval is on its way")


def test_the_bytes_that_are_copied_are_those_that_are_signed(office: Office, visitor: Visitor) -> None:
    link = office.ask("bob")
    visitor.open(link)
    visitor.lets_copy()
    visitor.press("Copy the bytes")
    visitor.sees("Copied")
    copied = visitor.page.until("navigator.clipboard.readText()")
    assert copied.encode() == httpx.get(f"{link}/statement", trust_env=False).content


def test_another_persons_device_has_nothing_to_sign_with(office: Office, visitor: Visitor, browser: Chromium) -> None:
    with browser.page() as page:
        bob = Visitor(page)
        bob.device()
        office.enrol("bob", bob)
    device = visitor.device()
    office.enrol("sue", visitor)
    assert len(device.credentials()) == 1
    visitor.open(office.ask("bob"))
    visitor.press("Sign with passkey")
    visitor.sees("Nothing was sent: try again")


def test_a_link_leads_nowhere_after_five_minutes_and_after_its_use(office: Office, visitor: Visitor) -> None:
    visitor.device()
    office.enrol("bob", visitor)
    link = office.ask("bob")
    visitor.open(link)
    office.world.clock.advance(timedelta(minutes=5))
    visitor.leave_by("Sign with passkey")
    visitor.sees("This link expired at 09:05 UTC.")
    again = office.ask("bob")
    visitor.open(again)
    visitor.leave_by("Sign with passkey")
    visitor.sees("Your approval is on its way")
    visitor.open(again)
    visitor.sees("This link was used already, at 09:05 UTC: it works once.")


def test_a_push_meanwhile_leaves_nothing_to_sign(office: Office, visitor: Visitor) -> None:
    visitor.device()
    office.enrol("bob", visitor)
    visitor.open(office.ask("bob"))
    office.world.forge.push(office.world.repo, "agent/login", {"auth/login.py": "# other\n"}, by="ann", message="Other")
    office.world.settle()
    visitor.leave_by("Sign with passkey")
    visitor.sees("is over: a push or another policy ended it.")


def test_only_ones_own_account_lets_one_enrol_and_one_device_enrols_once(office: Office, visitor: Visitor) -> None:
    visitor.device()
    Hands(office.world, "bob").say("/llmgate passkey")
    visitor.open(office.told_link("bob"))
    visitor.sign_in_as("sue", office.forge)
    visitor.sees("Saw a sign-in as @sue")
    visitor.sign_in_as("bob", office.forge)
    visitor.sees("What do you call")
    visitor.write("label", "work laptop")
    visitor.sees("“work laptop” is yours now")
    Hands(office.world, "bob").say("/llmgate passkey")
    visitor.open(office.told_link("bob"))
    visitor.sign_in_as("bob", office.forge)
    visitor.press("Add a passkey")
    visitor.sees("This device has a passkey of yours here already.")
