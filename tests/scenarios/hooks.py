"""Webhooks as each forge sends them, made by hand: payloads as small as can be, with the headers that make them believed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Protocol

from bot.cli.playground import Playground

HEAD = "a" * 40


class Hooks(Protocol):
    """One forge's webhooks at one gate."""

    event: str
    """The forge's word for what happens to a change."""
    opened: str
    moved: str
    """What it calls a change that was opened, and one whose head moved."""
    unknown: tuple[str, bytes]
    """An event that the gate does not act on."""
    malformed: Mapping[str, tuple[bytes, str]]
    """Bodies that are no delivery of this forge, each with the place that is wrong."""

    def payload(self, action: str, number: object) -> bytes:
        """What happened to a change."""
        ...

    def headers(self, body: bytes, event: str, delivery: str) -> dict[str, str]:
        """All that makes the body a delivery that is believed."""
        ...

    def action(self, payload: Mapping[str, Any]) -> str:
        """What a payload of the stand-in says happened."""
        ...


class GitHubHooks:
    """The body is signed with the app's secret."""

    event = "pull_request"
    opened = "opened"
    moved = "synchronize"
    unknown = ("sponsorship", b"{}")

    def __init__(self, world: Playground) -> None:
        self.world = world
        self.malformed: Mapping[str, tuple[bytes, str]] = {
            "no UTF-8": (b'{"action": "opened", "pull_request": "\xff\xfe"}', ""),
            "a word for a number": (self.payload("opened", "seven"), "pull_request.number"),
            "hardly anything": (b'{"action": "opened"}', "repository"),
        }

    def payload(self, action: str, number: object) -> bytes:
        ends = {"head": {"sha": HEAD, "ref": "agent/login"}, "base": {"sha": "b" * 40, "ref": "main"}}
        repository = {"full_name": self.world.repo}
        sender = {"id": 501, "login": "ann"}
        pull = {"number": number, **ends}
        return json.dumps({"action": action, "pull_request": pull, "repository": repository, "sender": sender}).encode()

    def headers(self, body: bytes, event: str, delivery: str) -> dict[str, str]:
        secret = self.world.gate.settings.github.webhook_secret.get_secret_value().encode()
        return {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": delivery,
            "X-Hub-Signature-256": f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}",
        }

    def action(self, payload: Mapping[str, Any]) -> str:
        return str(payload.get("action"))


def hooks_of(world: Playground) -> Hooks:
    return GitHubHooks(world)
