"""Webhooks as each forge sends them, made by hand: for bursts that no stand-in would send by itself."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.cli.layout import NUMBERS
from bot.core.ids import ForgeName
from integrations.sandbox.gitlab.voice import standard_webhook
from integrations.sandbox.stage import ForgeStage

Json = dict[str, Any]
Headers = dict[str, str]
AUTHOR = "ann"


@dataclass(frozen=True, slots=True)
class Manner:
    """What is each forge's own about a delivery that says: a change was touched."""

    event: str
    number: Callable[[Json], int]
    labelled: Callable[[Json], Json]
    """The same payload, but of a label that Ann set."""
    headers: Callable[[Mapping[str, Any], bytes, Stamp], Headers]
    """By the gate's settings for that forge, which know the secrets."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one delivery from another, and when it leaves."""

    key: str
    at: datetime


class Mail:
    """The post office of one stage. The secrets are read once, for a burst shall not wait for them."""

    def __init__(self, forge: ForgeStage) -> None:
        self._forge = forge
        self._manner = MANNERS[forge.forge]
        self._settings: Mapping[str, Any] = forge.settings()[forge.forge]
        self.event = self._manner.event
        self.prefix = {"github": "github:", "gitlab": f"gitlab:{forge.host}:"}[forge.forge]
        """What the store puts before the key of a delivery of this forge."""

    def touched(self, number: int) -> bytes:
        """The body that tells of a label set on this change, as it was when last told of. LookupError if it never was."""
        for letter in reversed(self._forge.deliveries):
            if letter.event == self.event and self._manner.number(letter.payload) == number:
                return json.dumps(self._manner.labelled(letter.payload)).encode()
        raise LookupError(f"no {self.event} told of change {number}")

    def headers(self, stamp: Stamp, body: bytes) -> Headers:
        """What travels with it, the signature too."""
        return {"Content-Type": "application/json", **self._manner.headers(self._settings, body, stamp)}


def _pull_labelled(payload: Json) -> Json:
    return {**payload, "action": "labeled", "sender": {"login": AUTHOR, "id": NUMBERS[AUTHOR], "type": "User"}}


def _github_headers(settings: Mapping[str, Any], body: bytes, stamp: Stamp) -> Headers:
    secret = str(settings["webhook_secret"]).encode()
    return {
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": stamp.key,
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
    }


def _merge_labelled(payload: Json) -> Json:
    about = {name: value for name, value in payload["object_attributes"].items() if name != "oldrev"}
    user = {"id": NUMBERS[AUTHOR], "username": AUTHOR, "name": AUTHOR.capitalize()}
    changes = {"labels": {"previous": [], "current": [{"id": 1, "title": "nice"}]}}
    return {**payload, "user": user, "object_attributes": {**about, "action": "update"}, "changes": changes}


def _gitlab_headers(settings: Mapping[str, Any], body: bytes, stamp: Stamp) -> Headers:
    """The one host that the stage is; signed where its settings say so."""
    (host,) = settings.values()
    headers = {"X-Gitlab-Event": "Merge Request Hook", "Idempotency-Key": stamp.key, "X-Gitlab-Event-UUID": stamp.key}
    if host.get("webhook_token"):
        headers["X-Gitlab-Token"] = str(host["webhook_token"])
    if host.get("signing_token"):
        headers |= standard_webhook(str(host["signing_token"]), stamp.key, int(stamp.at.timestamp()), body)
    return headers


MANNERS: Mapping[ForgeName, Manner] = {
    "github": Manner("pull_request", lambda payload: int(payload["number"]), _pull_labelled, _github_headers),
    "gitlab": Manner(
        "Merge Request Hook", lambda payload: int(payload["object_attributes"]["iid"]), _merge_labelled, _gitlab_headers
    ),
}
