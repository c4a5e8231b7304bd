"""Sigstore bundles as GitHub's attestation store takes them: version 0.3, around a DSSE envelope of an in-toto statement.

The shape is checked, and no signature is, as GitHub checks none: whoever reads an attestation has to. GitHub does not say
whether it takes a bundle whose key is named by a hint; here it does, since the bundle's own format allows that.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.github.refusal import Refusal, invalid

MEDIA_TYPES = ("application/vnd.dev.sigstore.bundle.v0.3+json", "application/vnd.dev.sigstore.bundle+json;version=0.3")
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
_BUNDLE = frozenset({"mediaType", "verificationMaterial", "dsseEnvelope"})
_MATERIAL = frozenset({"certificate", "publicKey", "tlogEntries", "timestampVerificationData"})


@dataclass(frozen=True, slots=True)
class Attested:
    """What a good bundle says: each digest of its subjects as `sha256:HEX`, and of what type the statement is."""

    digests: frozenset[str]
    predicate_type: str


def read_bundle(bundle: Mapping[str, Any]) -> Attested:
    """Raises 422 with the part that is wrong."""
    _only(bundle, _BUNDLE, "bundle")
    if bundle.get("mediaType") not in MEDIA_TYPES:
        raise _wrong("mediaType", f"is not one of {', '.join(MEDIA_TYPES)}")
    _check_material(_part(bundle, "verificationMaterial"))
    return _read_statement(_payload(_part(bundle, "dsseEnvelope")))


def _check_material(material: Mapping[str, Any]) -> None:
    _only(material, _MATERIAL, "verificationMaterial")
    vouching = [name for name in ("certificate", "publicKey") if name in material]
    if len(vouching) != 1:
        raise _wrong("verificationMaterial", "needs a certificate or a public key, and not both")
    if vouching == ["certificate"]:
        _decoded(_part(material, "certificate").get("rawBytes"), "verificationMaterial.certificate.rawBytes")
    elif not isinstance(_part(material, "publicKey").get("hint"), str):
        raise _wrong("verificationMaterial.publicKey", "needs a hint")
    if not isinstance(material.get("tlogEntries", []), list):
        raise _wrong("verificationMaterial.tlogEntries", "is not a list")
    if not isinstance(material.get("timestampVerificationData", {}), dict):
        raise _wrong("verificationMaterial.timestampVerificationData", "is not an object")


def _payload(envelope: Mapping[str, Any]) -> bytes:
    _only(envelope, frozenset({"payload", "payloadType", "signatures"}), "dsseEnvelope")
    if envelope.get("payloadType") != PAYLOAD_TYPE:
        raise _wrong("dsseEnvelope.payloadType", f"is not {PAYLOAD_TYPE}")
    signatures = envelope.get("signatures")
    if not isinstance(signatures, list) or len(signatures) != 1 or not isinstance(signatures[0], dict):
        raise _wrong("dsseEnvelope.signatures", "needs exactly one")
    _only(signatures[0], frozenset({"sig", "keyid"}), "dsseEnvelope.signatures[0]")
    _decoded(signatures[0].get("sig"), "dsseEnvelope.signatures[0].sig")
    return _decoded(envelope.get("payload"), "dsseEnvelope.payload")


def _read_statement(payload: bytes) -> Attested:
    try:
        statement = json.loads(payload)
    except ValueError as failed:
        raise _wrong("dsseEnvelope.payload", "is not JSON") from failed
    if not isinstance(statement, dict) or statement.get("_type") != STATEMENT:
        raise _wrong("dsseEnvelope.payload", f"is not an in-toto statement of type {STATEMENT}")
    kind, subjects = statement.get("predicateType"), statement.get("subject")
    if not isinstance(kind, str) or not kind:
        raise _wrong("dsseEnvelope.payload", "has no predicateType")
    if not isinstance(subjects, list) or not subjects:
        raise _wrong("dsseEnvelope.payload", "has no subject")
    digests = [each.get("digest") if isinstance(each, dict) else None for each in subjects]
    if not all(isinstance(digest, dict) and digest for digest in digests):
        raise _wrong("dsseEnvelope.payload", "has a subject without a digest")
    return Attested(frozenset(f"{name}:{value}" for digest in digests if digest for name, value in digest.items()), kind)


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    if not isinstance(part, dict):
        raise _wrong(name, "is missing")
    return part


def _decoded(value: object, where: str) -> bytes:
    try:
        if not isinstance(value, str) or not value:
            raise _wrong(where, "is missing")
        return base64.b64decode(value, validate=True)
    except binascii.Error as failed:
        raise _wrong(where, "is not base64") from failed


def _only(part: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    if unknown := sorted(part.keys() - known):
        raise _wrong(where, f"has unknown parts: {', '.join(unknown)}")


def _wrong(where: str, problem: str) -> Refusal:
    return invalid("Attestation", where, "invalid", f"{where} {problem}")
