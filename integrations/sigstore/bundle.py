"""Sigstore bundles v0.3 around one DSSE envelope, signed by an organisation's key.

sigstore-python refuses such bundles (a key hint in place of a certificate, no log entry, git digests), so this small reader
does what it leaves out and nothing more: bundles with a certificate go to sigstore-python, in `keyless`.
Sources: sigstore/protobuf-specs `sigstore_bundle.proto` (v0.3), secure-systems-lab/dsse `protocol.md` (PAE).
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bot.core.statement import PAYLOAD_TYPE

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SPELLED_OTHERWISE = "application/vnd.dev.sigstore.bundle+json;version=0.3"
"""How early writers of v0.3 named it."""
MAX_BYTES = 1024 * 1024


class BadBundle(ValueError):
    """The bytes are no bundle that this reader takes; the message names what was seen and what was wanted."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A bundle taken apart. `key_hint` is empty for a keyless bundle, which `certified` says."""

    payload: bytes
    payload_type: str
    signature: bytes
    key_hint: str
    certified: bool
    logged: bool = False
    """Whether it brings an entry of a transparency log."""


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """DSSE's PAE: the bytes that are really signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign_bundle(key: ec.EllipticCurvePrivateKey, key_hint: str, payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """A bundle (JSON) around the payload."""
    signature = key.sign(pre_authentication_encoding(payload_type, payload), ec.ECDSA(hashes.SHA256()))
    return render_bundle(payload, payload_type, signature, key_hint)


def render_bundle(payload: bytes, payload_type: str, signature: bytes, key_hint: str) -> bytes:
    bundle = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": key_hint}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": payload_type,
            "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": key_hint}],
        },
    }
    return json.dumps(bundle, separators=(",", ":")).encode()


def read_bundle(content: bytes) -> Envelope:
    """Take a bundle apart. Raises BadBundle. Nothing is verified here."""
    if len(content) > MAX_BYTES:
        raise BadBundle(f"saw {len(content):,} bytes; wanted a bundle of at most {MAX_BYTES:,}")
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError):
        raise BadBundle("saw bytes that are no JSON; wanted a Sigstore bundle") from None
    if not isinstance(whole, dict) or whole.get("mediaType") not in (MEDIA_TYPE, SPELLED_OTHERWISE):
        seen = whole.get("mediaType") if isinstance(whole, dict) else type(whole).__name__
        raise BadBundle(f"saw media type {str(seen)[:80]!r}; wanted {MEDIA_TYPE!r}")
    envelope, material = whole.get("dsseEnvelope"), whole.get("verificationMaterial")
    if not isinstance(envelope, dict) or not isinstance(material, dict):
        raise BadBundle("saw no dsseEnvelope with verificationMaterial; wanted a DSSE bundle")
    signatures = envelope.get("signatures")
    if not isinstance(signatures, list) or len(signatures) != 1 or not isinstance(signatures[0], dict):
        raise BadBundle("saw other than one signature; wanted one bundle a person")
    hint = material.get("publicKey", {}).get("hint", "") if isinstance(material.get("publicKey"), dict) else ""
    return Envelope(
        payload=_decode(envelope, "payload"),
        payload_type=str(envelope.get("payloadType", "")),
        signature=_decode(signatures[0], "sig"),
        key_hint=str(hint),
        certified="certificate" in material or "x509CertificateChain" in material,
        logged=bool(material.get("tlogEntries")),
    )


def is_bundle(content: bytes) -> bool:
    """Whether bytes claim to be a Sigstore bundle at all."""
    return b'"mediaType"' in content[:4096] or b"dev.sigstore.bundle" in content


def signature_holds(envelope: Envelope, key: ec.EllipticCurvePublicKey) -> bool:
    signed = pre_authentication_encoding(envelope.payload_type, envelope.payload)
    try:
        key.verify(envelope.signature, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _decode(holder: dict[str, object], key: str) -> bytes:
    value = holder.get(key)
    if not isinstance(value, str):
        raise BadBundle(f"saw no {key!r}; wanted base64")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise BadBundle(f"saw {key!r} that is no base64; wanted base64") from None
