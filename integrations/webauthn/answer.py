"""What a browser sends of a ceremony, taken apart: JSON from the network, so nothing in it is believed to be there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core import base64url

MAX_ANSWER = 64 * 1024
"""Bytes. A passkey's answer has some two thousand; attestations, which are not asked for, may bring certificates."""


class Malformed(ValueError):
    """The answer is none; the message names what was seen and what was wanted."""


@dataclass(frozen=True, slots=True)
class BrowserAnswer:
    """`id` is the credential's, in base64url; `fields` are those of the response, in base64url, each readable as such."""

    id: str
    fields: Mapping[str, str]

    def bytes_of(self, name: str) -> bytes:
        return base64url.decode(self.fields[name])

    def as_json(self) -> str:
        """`PublicKeyCredentialJSON` of nothing but what was taken."""
        return json.dumps({"id": self.id, "rawId": self.id, "type": "public-key", "response": dict(self.fields)})


def read_answer(response: str, wanted: Sequence[str]) -> BrowserAnswer:
    """The fields `wanted` of a `PublicKeyCredential` as JSON (Web Authentication Level 3, 5.1). Raises Malformed."""
    if len(response) > MAX_ANSWER:
        raise Malformed(f"saw {len(response):,} characters; wanted a passkey's answer of at most {MAX_ANSWER:,}")
    try:
        whole = json.loads(response)
    except (ValueError, RecursionError):
        raise Malformed("saw text that is no JSON; wanted a passkey's answer") from None
    if not isinstance(whole, dict) or not isinstance(whole.get("response"), dict):
        raise Malformed("saw JSON without a `response`; wanted a passkey's answer")
    if whole.get("type") != "public-key" or whole.get("rawId", whole.get("id")) != whole.get("id"):
        raise Malformed("saw an answer of another kind; wanted one of type public-key with one id")
    return BrowserAnswer(_text(whole, "id"), {name: _text(whole["response"], name) for name in wanted})


def read_proof(proof: Mapping[str, str], wanted: Sequence[str]) -> BrowserAnswer:
    """The same out of a statement's proof. Raises Malformed."""
    return BrowserAnswer(_text(proof, "credentialId"), {name: _text(proof, name) for name in wanted})


def _text(whole: Mapping[str, object], name: str) -> str:
    value = whole.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(f"saw no {name}; wanted it in a passkey's answer")
    try:
        base64url.decode(value)
    except ValueError:
        raise Malformed(f"saw {name} that is no base64url; wanted a passkey's answer as the browser wrote it") from None
    return value
