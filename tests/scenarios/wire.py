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
from tests.scenarios.forges import voice_of
from tests.scenarios.hooks import Hooks, hooks_of

TIMEOUT_S = 20.0
DELIVERY = "0c0ffee0-0000"


@dataclass(frozen=True, slots=True)
class Wire:
    """Requests that no stand-in would send, signed where the story needs it."""

    world: Playground

    @property
    def chat_url(self) -> str:
        return f"{self.world.served.url}/slack/events"

    def post(self, url: str, body: bytes | Iterator[bytes], headers: Mapping[str, str]) -> httpx.Response:
        return httpx.post(url, content=body, headers=dict(headers), timeout=TIMEOUT_S, trust_env=False)

    # the forge

    @property
    def hooks(self) -> Hooks:
        return hooks_of(self.world)

    def opened(self, number: object = 7) -> bytes:
        """The payload of a change that was opened, as small as one can be."""
        return self.hooks.payload(self.hooks.opened, number)

    def malformed(self, name: str) -> tuple[bytes, str]:
        """A body that is no delivery, and the place where it ends to be one."""
        bodies = {"truncated": self.opened()[:-40], "empty": b"", "a list": b"[1, 2]", "deep": b"[" * 100_000}
        return (bodies[name], "the body") if name in bodies else self.hooks.malformed[name]

    def hook_headers(self, body: bytes, event: str = "", delivery: str = DELIVERY) -> dict[str, str]:
        return self.hooks.headers(body, event or self.hooks.event, delivery)

    def hook(self, body: bytes, event: str = "", delivery: str = DELIVERY, **instead: str) -> httpx.Response:
        """A delivery that is believed; `instead` replaces headers, written with underscores."""
        other = {name.replace("_", "-"): value for name, value in instead.items()}
        return self.post(self.world.hook_url, body, {**self.hook_headers(body, event, delivery), **other})

    def delivered(self, action: str) -> list[int]:
        """Numbers of the stand-in's own deliveries about this."""
        return [letter.id for letter in self.world.forge.deliveries if self.hooks.action(letter.payload) == action]

    def again(self, number: int) -> httpx.Response:
        """One of the stand-in's own deliveries once more, byte for byte."""
        voice = voice_of(self.world)
        letter = voice.known(number)
        return self.post(self.world.hook_url, letter.body, voice.headers(letter))

    @property
    def stored(self) -> int:
        """Deliveries that wait for the gate."""
        return self.world.gate.kit.store.backlog().jobs

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
