"""Webhooks as this gate sends them: JSON under a signature that whoever receives it can check with any library.

The signature is that of Standard Webhooks (https://www.standardwebhooks.com, section Signature scheme): HMAC-SHA256 over id,
timestamp and body, under a secret that both sides hold. No redirect is followed: a body goes where the settings say.

    2xx                                  told
    408, 425, 429, 5xx, no answer        Unavailable   tried again
    anything else                        Refused       an address or a secret that is wrong here or there
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from bot.ports.clock import Clock
from bot.ports.errors import Refused, Unavailable, WorldError
from bot.ports.failures import limited, seconds, wait_s

TIMEOUT_S = 10.0
PREFIX = "whsec_"
LEAST, MOST = 24, 64
"""Bytes of a secret (Standard Webhooks, section Secrets)."""
AGAIN = (408, 425, 429)


class BadSecret(ValueError):
    """It is none; the message says what was wanted, and never quotes it."""


def read_secret(text: str) -> bytes:
    """The bytes of `whsec_<base64>`. Raises BadSecret."""
    text = text.strip()
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True) if text.startswith(PREFIX) else b""
    except (binascii.Error, ValueError):
        secret = b""
    if not LEAST <= len(secret) <= MOST:
        raise BadSecret(f"wanted {PREFIX} and the base64 of {LEAST} to {MOST} bytes: `echo whsec_$(openssl rand -base64 32)`")
    return secret


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to tell, and the secret that signs it; no `repr` shows it."""

    url: str
    secret: bytes = field(repr=False)


class HttpHooks:
    """Implements `bot.ports.hooks.Hooks`."""

    def __init__(self, endpoints: Mapping[str, Endpoint], clock: Clock) -> None:
        self._endpoints = dict(endpoints)
        self._clock = clock
        self._client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)

    def knows(self, hook: str) -> bool:
        return hook in self._endpoints

    def call(self, hook: str, body: bytes, key: str) -> None:
        endpoint = self._endpoints.get(hook)
        if endpoint is None:
            known = ", ".join(sorted(self._endpoints)) or "none"
            raise Refused(f"saw a step of a chain for webhooks.{hook}; wanted one of those that are set ({known})")
        headers = signed(endpoint.secret, key, int(self._clock.now().timestamp()), body)
        try:
            answer = self._client.post(endpoint.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unavailable(f"no answer from webhooks.{hook} ({type(error).__name__}); it is tried again by itself") from None
        if not answer.is_success:
            raise _failed(hook, answer)

    def close(self) -> None:
        self._client.close()


def signed(secret: bytes, key: str, at_s: int, body: bytes) -> dict[str, str]:
    """The headers of a delivery. `key` is opaque to whoever receives it; it is hashed so that it holds no dot."""
    name = f"msg_{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    digest = hmac.new(secret, f"{name}.{at_s}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _failed(hook: str, answer: httpx.Response) -> WorldError:
    """Nothing of the answer's text is quoted: it is another party's."""
    saw = f"webhooks.{hook} answered {answer.status_code}"
    if answer.status_code == 429:
        return limited(saw, wait_s(answer.headers))
    if answer.status_code in AGAIN or answer.status_code >= 500:
        return Unavailable(f"{saw}; it is tried again by itself", seconds(answer.headers, "retry-after"))
    return Refused(f"{saw}; wanted 2xx; check its url and the secret on both sides")
