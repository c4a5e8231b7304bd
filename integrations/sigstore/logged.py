"""What an entry of a transparency log says was signed, compared with what a bundle brings.

A log proves that it holds an entry; only this comparison says that the entry is this signature's (the lack of it was
CVE-2022-36056). sigstore-python does it for certificates, so here are public keys, and `intoto` entries, which it does not
take. Forms: sigstore/rekor `pkg/types/{hashedrekord,dsse,intoto}`, sigstore/rekor-tiles `hashedrekord.proto` (0.0.2).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from integrations.sigstore.bundle import Envelope, Json, Message, pre_authentication_encoding

_HASHES: dict[str, Callable[[bytes], str]] = {
    "SHA2_256": lambda content: hashlib.sha256(content).hexdigest(),
    "SHA2_384": lambda content: hashlib.sha384(content).hexdigest(),
    "SHA2_512": lambda content: hashlib.sha512(content).hexdigest(),
}


class BadEntry(ValueError):
    """The entry is of another kind or about something else; the message says what."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, and by which key. `sha256` (hex) is that of the message, or of the envelope's payload."""

    bundle: Envelope | Message
    sha256: str
    verifier: bytes
    """DER of what the signature was verified with: the bundle's own certificate, else the SubjectPublicKeyInfo."""


def compare(kind: str, version: str, body: bytes, signed: Signed) -> None:
    """Raises BadEntry unless the body of an entry (canonical JSON) is about exactly this signature."""
    reader = _READERS.get((kind, version, type(signed.bundle)))
    if reader is None:
        raise BadEntry(f"an entry of the kind {kind[:20]}/{version[:10]}")
    try:
        whole = json.loads(body)
        if (whole["kind"], whole["apiVersion"]) != (kind, version):
            raise BadEntry("an entry that calls itself of another kind")
        reader(whole["spec"], signed)
    except BadEntry:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, UnsupportedAlgorithm):
        raise BadEntry("an entry that cannot be read") from None


def _hashed_rekord(spec: Json, signed: Signed) -> None:
    hashed = _at(spec, "data", "hash")
    _same(_at(hashed, "algorithm") == "sha256" and _at(hashed, "value") == signed.sha256, "content")
    _same(_base64(_at(spec, "signature", "content")) == signed.bundle.signature, "signature")
    _same(_of_pem(_base64(_at(spec, "signature", "publicKey", "content"))) == signed.verifier, "key")


def _hashed_rekord_2(spec: Json, signed: Signed) -> None:
    entry = _at(spec, "hashedRekordV002")
    algorithm, digest = str(_at(entry, "data", "algorithm")), _base64(_at(entry, "data", "digest")).hex()
    if isinstance(signed.bundle, Envelope):
        content = pre_authentication_encoding(signed.bundle.payload_type, signed.bundle.payload)
        _same(digest == _HASHES[algorithm](content), "content")
    else:
        _same(algorithm == "SHA2_256" and digest == signed.sha256, "content")
    _same(_base64(_at(entry, "signature", "content")) == signed.bundle.signature, "signature")
    _same(_of_choice(_at(entry, "signature", "verifier")) == signed.verifier, "key")


def _dsse(spec: Json, signed: Signed) -> None:
    hashed = _at(spec, "payloadHash")
    _same(_at(hashed, "algorithm") == "sha256" and _at(hashed, "value") == signed.sha256, "content")
    one = _only(_at(spec, "signatures"))
    _same(_base64(_at(one, "signature")) == signed.bundle.signature, "signature")
    _same(_of_pem(_base64(_at(one, "verifier"))) == signed.verifier, "key")


def _in_toto(spec: Json, signed: Signed) -> None:
    """The signature is encoded twice there: the envelope's base64 is bytes to the log."""
    content = _at(spec, "content")
    hashed = _at(content, "payloadHash")
    _same(_at(hashed, "algorithm") == "sha256" and _at(hashed, "value") == signed.sha256, "content")
    if isinstance(signed.bundle, Envelope):
        _same(_at(content, "envelope", "payloadType") == signed.bundle.payload_type, "payload type")
    one = _only(_at(content, "envelope", "signatures"))
    _same(_base64(_base64(_at(one, "sig")).decode()) == signed.bundle.signature, "signature")
    _same(_of_pem(_base64(_at(one, "publicKey"))) == signed.verifier, "key")


_READERS: dict[tuple[str, str, type], Callable[[Json, Signed], None]] = {
    ("hashedrekord", "0.0.1", Message): _hashed_rekord,
    ("hashedrekord", "0.0.2", Message): _hashed_rekord_2,
    ("hashedrekord", "0.0.2", Envelope): _hashed_rekord_2,
    ("dsse", "0.0.1", Envelope): _dsse,
    ("intoto", "0.0.2", Envelope): _in_toto,
}


def _same(holds: bool, what: str) -> None:
    if not holds:
        raise BadEntry(f"an entry of another {what}")


def _at(holder: object, *keys: str) -> object:
    for key in keys:
        if not isinstance(holder, dict):
            raise BadEntry("an entry that cannot be read")
        holder = holder[key]
    return holder


def _only(listed: object) -> object:
    if not isinstance(listed, list) or len(listed) != 1:
        raise BadEntry("an entry of other than one signature")
    return listed[0]


def _base64(value: object) -> bytes:
    if not isinstance(value, str):
        raise BadEntry("an entry that cannot be read")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise BadEntry("an entry that cannot be read") from None


def _of_pem(pem: bytes) -> bytes:
    """A certificate's DER, or a public key's."""
    if pem.startswith(b"-----BEGIN CERTIFICATE-----"):
        return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    return load_pem_public_key(pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _of_choice(verifier: object) -> bytes:
    if isinstance(verifier, dict) and "x509Certificate" in verifier:
        return _base64(_at(verifier, "x509Certificate", "rawBytes"))
    return _base64(_at(verifier, "publicKey", "rawBytes"))
