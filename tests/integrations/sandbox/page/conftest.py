"""The page over a Slack workspace and a forge of one file, and a reader that speaks HTTP to it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_sdk import WebClient

from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.page.app import SandboxPage
from integrations.sandbox.page.forge_view import ChangeShown, CheckShown, CommentShown, CommitShown, ForgeView
from integrations.sandbox.serve import Served
from integrations.sandbox.slack.fake import FakeSlack, await_listening
from integrations.sandbox.slack.workspace import Channel, Member

Json = dict[str, Any]
OPEN = ChangeShown("acme/shop", 7, "Add throttling", "ann", blocked_because="required check “llmgate” has not passed")


@dataclass
class OneFileForge:
    """Satisfies ForgeView with values a test sets."""

    shown: list[ChangeShown] = field(default_factory=lambda: [OPEN])
    forge: ForgeName = "github"

    def changes(self) -> Sequence[ChangeShown]:
        return self.shown

    def merge(self, number: int) -> str:
        self.shown = [replace(change, state="merged") for change in self.shown if change.number == number]
        return f"#{number} is merged"

    def push(self, number: int) -> str:
        self.shown = [replace(one, commits=(*one.commits, CommitShown("c0ffee0123", "ann", "Another"))) for one in self.shown]
        return f"pushed to #{number}"


@dataclass
class Desk:
    slack: FakeSlack
    forge: OneFileForge
    client: WebClient
    url: str
    bob: Member
    ann: Member
    reviews: Channel

    def page(self, **asked: str) -> str:
        with urllib.request.urlopen(f"{self.url}/?{urlencode(asked)}") as answer:
            return str(answer.read().decode())

    def parts(self, **asked: str) -> dict[str, str]:
        with urllib.request.urlopen(f"{self.url}/state?{urlencode(asked)}") as answer:
            return dict(json.loads(answer.read())["parts"])

    def act(self, **body: Any) -> Json:
        """What the page says after an act; `status` is beside it."""
        request = urllib.request.Request(
            f"{self.url}/act", json.dumps({"user": self.bob.id, **body}).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return {"status": answer.status, **json.loads(answer.read())}
        except urllib.error.HTTPError as refused:
            with refused:
                return {"status": refused.code, **json.loads(refused.read())}


def one_check(title: str = "", summary: str = "", text: str = "") -> ChangeShown:
    return replace(OPEN, checks=(CheckShown("llmgate", "action_required", title, summary, text, required=True),))


def one_comment(body: str) -> ChangeShown:
    return replace(OPEN, comments=(CommentShown("llmgate[bot]", body),))


@pytest.fixture(scope="module")
def running() -> Iterator[Desk]:
    """One page and one workspace for a module; each test gets its own people, channel and changes."""
    slack = FakeSlack(FakeClock())
    forge = OneFileForge()
    view: ForgeView = forge
    served = Served(SandboxPage(slack, view))
    await_listening(served.port)
    bob, ann = slack.member("Bob"), slack.member("Ann")
    client = WebClient(slack.bot_token, base_url=slack.api_url)
    yield Desk(slack, forge, client, served.url, bob, ann, slack.channel("#first", members=[bob.id]))
    served.close()
    slack.close()


@pytest.fixture
def desk(running: Desk) -> Desk:
    bob, ann = running.slack.member("Bob"), running.slack.member("Ann", tz="Europe/Stockholm")
    running.forge.shown = [OPEN]
    running.slack.request_url = ""
    return replace(running, bob=bob, ann=ann, reviews=running.slack.channel("#reviews", members=[bob.id, ann.id]))
