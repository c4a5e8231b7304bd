"""A workspace with three people and a channel, and the real clients beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from slack_sdk import WebClient

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.slack.workspace import Channel, Member


@dataclass(frozen=True, slots=True)
class World:
    slack: FakeSlack
    clock: FakeClock
    client: WebClient
    ann: Member
    bob: Member
    carol: Member
    reviews: Channel


def populate(slack: FakeSlack, clock: FakeClock) -> World:
    """Fresh people in a fresh channel; Carol is not in it."""
    ann, bob, carol = (slack.member(name) for name in ("Ann", "Bob", "Carol"))
    reviews = slack.channel("#reviews", members=[ann.id, bob.id])
    return World(slack, clock, WebClient(slack.bot_token, base_url=slack.api_url), ann, bob, carol, reviews)


@pytest.fixture
def world() -> Iterator[World]:
    clock = FakeClock()
    slack = FakeSlack(clock)
    yield populate(slack, clock)
    slack.close()


@pytest.fixture(scope="module")
def office() -> Iterator[World]:
    """One workspace for a module whose tests need only people and a channel of their own."""
    clock = FakeClock()
    slack = FakeSlack(clock)
    yield populate(slack, clock)
    slack.close()
