"""What the browser and the authenticator say of a ceremony, held against what was asked (Web Authentication Level 3, 7.1, 7.2).

py_webauthn checks the same and more, and its word is the last; these checks come first because its errors are one class whose
texts quote the sender. Two it does not make: that the page stood in no frame of another's, and that bytes are spelled one way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from webauthn.helpers import parse_authenticator_data, parse_cbor
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticatorData

from bot.core import base64url
from integrations.webauthn.answer import Malformed

Ceremony = Literal["webauthn.create", "webauthn.get"]
UNVERIFIED = (
    "saw a passkey that did not verify its user; wanted a fingerprint, a face or a PIN; "
    "use a passkey that asks for one, or set a PIN on this key"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the gate asked for: which ceremony, over which challenge, at which place."""

    ceremony: Ceremony
    challenge: bytes
    rp_id: str
    origin: str
    again: str
    """What the person does after a refusal."""


def client_problem(content: bytes, asked: Asked) -> str:
    """What is wrong with `clientDataJSON`; empty if nothing. Raises Malformed."""
    said = _read_client_data(content)
    if said.get("type") != asked.ceremony:
        return f"saw a ceremony {_short(said.get('type'))}; wanted {asked.ceremony}; {asked.again}"
    if said.get("challenge") != base64url.encode(asked.challenge):
        saw = _short(said.get("challenge"))
        wanted = f"{base64url.encode(asked.challenge)[:12]}…, which is of what is to be signed here"
        return f"saw a signature over another challenge, {saw}; wanted {wanted}; {asked.again}"
    if said.get("origin") != asked.origin:
        return (
            f"saw a passkey used at {_short(said.get('origin'), 60)}; wanted {asked.origin}; open the link there and try again"
        )
    if said.get("crossOrigin", False) is not False:
        return f"saw a passkey used in a frame of another page; wanted {asked.origin} itself; open the link in a tab of its own"
    return ""


def authenticator_problem(content: bytes, asked: Asked) -> str:
    """What is wrong with the authenticator's data; empty if nothing. Raises Malformed."""
    said = read_authenticator_data(content)
    if said.rp_id_hash != hashlib.sha256(asked.rp_id.encode()).digest():
        return f"saw a passkey of another site; wanted one of {asked.rp_id}; {asked.again}"
    if not said.flags.up:
        return f"saw a passkey that nobody touched; wanted somebody to be there; {asked.again}"
    if not said.flags.uv:
        return UNVERIFIED
    if said.flags.bs and not said.flags.be:
        raise Malformed("saw a passkey that is backed up and cannot be; wanted flags that agree")
    return ""


def read_authenticator_data(content: bytes) -> AuthenticatorData:
    """Raises Malformed."""
    try:
        return parse_authenticator_data(content)
    except WebAuthnException:
        raise Malformed("saw authenticator data that cannot be read; wanted those of a passkey") from None


def authenticator_data(attestation: bytes) -> bytes:
    """The authenticator's data in an attestation object. Raises Malformed."""
    try:
        whole = parse_cbor(attestation)
    except WebAuthnException:
        whole = None
    found = whole.get("authData") if isinstance(whole, dict) else None
    if not isinstance(found, bytes):
        raise Malformed("saw an attestation object that cannot be read; wanted that of a passkey")
    return found


def _read_client_data(content: bytes) -> Mapping[str, object]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Malformed("saw clientDataJSON that is no JSON object; wanted what the browser wrote")
    return said


def _short(value: object, most: int = 24) -> str:
    """A hostile value as words that cannot do harm."""
    text = "".join(character for character in str(value) if character.isprintable())
    return f"{text[:most]}…" if len(text) > most else text
