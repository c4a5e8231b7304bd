"""Raw requests at the gate's door, as a forger, a broken proxy or a replaying sender would make them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from bot.cli.playground import Playground

TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Wire:
    """Requests that no stand-in would send, signed where the story needs it."""

    world: Playground

    @property
    def chat_url(self) -> str:
        return f"{self.world.served.url}/slack/events"

    def post(self, url: str, body: bytes | Iterator[bytes], headers: Mapping[str, str]) -> httpx.Response:
        return httpx.post(url, content=body, headers=dict(headers), timeout=TIMEOUT_S, trust_env=False)

    # GitHub

    def hook_headers(self, body: bytes, event: str = "pull_request", delivery: str = "0c0ffee0-0000") -> dict[str, str]:
        secret = self.world.github.app.webhook_secret.encode()
        return {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": delivery,
            "X-Hub-Signature-256": f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}",
        }

    def hook(self, body: bytes, event: str = "pull_request", **instead: str) -> httpx.Response:
        """A signed delivery; `instead` replaces headers, written with underscores."""
        other = {name.replace("_", "-"): value for name, value in instead.items()}
        return self.post(self.world.hook_url, body, {**self.hook_headers(body, event), **other})

    def again(self, number: int = -1) -> httpx.Response:
        """One of the stand-in's own deliveries once more, byte for byte."""
        delivery = self.world.github.deliveries[number]
        return self.post(self.world.hook_url, delivery.body, self.world.github.voice.headers(delivery))

    # Slack

    def chat_headers(self, body: bytes, stamp: str = "") -> dict[str, str]:
        at = stamp or str(int(self.world.clock.now().timestamp()))
        secret = self.world.slack.signing_secret.encode()
        digest = hmac.new(secret, b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": f"v0={digest}",
        }

    def interaction(self, payload: Mapping[str, object], **instead: str) -> httpx.Response:
        """A signed interaction with this payload."""
        body = urlencode({"payload": json.dumps(payload)}).encode()
        other = {name.replace("_", "-"): value for name, value in instead.items()}
        return self.post(self.chat_url, body, {**self.chat_headers(body), **other})
