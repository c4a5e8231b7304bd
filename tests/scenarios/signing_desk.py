"""A high-tier change that wants signatures, and people with browsers and keys in software who give them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from bot.cli.hands import Hands
from bot.cli.layout import POLICY
from bot.cli.playground import Playground
from bot.core.approval import Approval, Strength
from bot.handlers.approvals import read_stored
from tests.authenticator import Browser as Platform
from tests.authenticator import SoftKey
from tests.scenarios.browsers import Browser, address_in
from tests.scenarios.tying import New, last_private, sign_in_label

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>')


def policy(strength: Strength, more: str = "") -> str:
    return f"{POLICY}tiers:\n  high:\n    strength: {strength}\n{more}"


@dataclass(frozen=True)
class Desk:
    """A world with a high-tier change in it, and people with browsers."""

    world: Playground
    new: New
    number: int

    @property
    def platform(self) -> Platform:
        """A browser's authenticator at the gate's pages."""
        return Platform(self.world.gate.kit.settled.public_url)

    def ask(self, name: str, reason: str = "Reads well") -> str:
        """Press approve in Slack: where the private word leads."""
        assert Hands(self.world, name).approve(self.number, reason=reason).taken
        return address_in(last_private(self.world, name))

    def enrol(self, name: str, key: SoftKey, browser: Browser | None = None) -> Browser:
        """By `/llmgate passkey`, with a sign-in."""
        Hands(self.world, name).say("/llmgate passkey")
        at = (browser or self.new()).go(address_in(last_private(self.world, name))).sign_in(sign_in_label(self.world), name)
        return self.answer(at, key.create(options_of(at), self.platform), label=f"{name}'s laptop")

    def sign(self, browser: Browser, key: SoftKey, platform: Platform | None = None) -> Browser:
        """With the browser at the page, as its script would."""
        return self.answer(browser, key.get(options_of(browser), platform or self.platform))

    def answer(self, browser: Browser, answer: str, **fields: str) -> Browser:
        (form,) = browser.page.forms
        assert browser.answer is not None
        sent = {**form.fields, "answer": answer, **fields}
        browser.answer = browser.client.post(browser.answer.url.join(form.action), data=sent)
        return browser

    def decisions(self) -> tuple[Approval, ...]:
        with self.world.gate.kit.store.look() as unit:
            stored = unit.approvals(self.world.ref(self.number))
        read = read_stored(self.world.gate.kit, stored, self.world.ref(self.number))
        assert all(isinstance(one, Approval) for one in read), read
        return tuple(one for one in read if isinstance(one, Approval))


def options_of(browser: Browser) -> str:
    """What the page's script is handed."""
    assert browser.answer is not None
    found = DATA.search(browser.answer.text)
    assert found, browser.text
    return json.dumps(json.loads(found[1])["options"])
