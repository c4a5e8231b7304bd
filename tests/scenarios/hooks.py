"""Webhooks as each forge sends them, made by hand: payloads as small as can be, with the headers that make them believed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Protocol

from bot.cli.playground import Playground
from integrations.sandbox.gitlab.voice import standard_webhook

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


class GitLabHooks:
    """A secret token goes along; where a signing token is set as well, the body is signed with it."""

    event = "Merge Request Hook"
    opened = "open"
    moved = "push"
    unknown = ("Feature Flag Hook", b'{"object_kind": "feature_flag"}')

    def __init__(self, world: Playground) -> None:
        self.world = world
        self.malformed: Mapping[str, tuple[bytes, str]] = {
            "no UTF-8": (b'{"object_kind": "merge_request", "project": "\xff\xfe"}', ""),
            "a word for a number": (self.payload("open", "seven"), "object_attributes.iid"),
            "hardly anything": (b'{"object_kind": "merge_request"}', "project"),
        }

    def payload(self, action: str, number: object) -> bytes:
        project = {"id": 1, "path_with_namespace": self.world.repo}
        told = {"iid": number, "action": action, "target_branch": "main", "last_commit": {"id": HEAD}}
        user = {"id": 501, "username": "ann"}
        whole = {"object_kind": "merge_request", "user": user, "project": project, "object_attributes": told}
        return json.dumps(whole).encode()

    def headers(self, body: bytes, event: str, delivery: str) -> dict[str, str]:
        settings = self.world.gate.settings.gitlab["work"]
        signing = settings.signing_token.get_secret_value()
        at = int(self.world.clock.now().timestamp())
        return {
            "Content-Type": "application/json",
            "X-Gitlab-Event": event,
            "X-Gitlab-Event-UUID": f"event-{delivery}",
            "Idempotency-Key": delivery,
            "X-Gitlab-Token": settings.webhook_token.get_secret_value(),
            **(standard_webhook(signing, delivery, at, body) if signing else {}),
        }

    def action(self, payload: Mapping[str, Any]) -> str:
        """GitLab calls a push an update that says what the head was."""
        told = payload.get("object_attributes", {})
        return self.moved if "oldrev" in told else str(told.get("action"))


def hooks_of(world: Playground) -> Hooks:
    return GitLabHooks(world) if world.layout.forge == "gitlab" else GitHubHooks(world)
