"""Bundles of every shape for tests, spelled out: of keys and of people, with entries of each kind, and altered."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations.sigstore.bundle import MEDIA_TYPE, pre_authentication_encoding
from integrations.sigstore.keys import public_pem
from integrations.sigstore.signatures import PrivateKey, sign_with
from tests.local_sigstore.log import encoded

KIND = "application/vnd.in-toto+json"


def altered(content: bytes, change: Callable[[Any], object]) -> bytes:
    whole = json.loads(content)
    change(whole)
    return json.dumps(whole).encode()


def statement(**digests: str) -> bytes:
    """An in-toto statement about one thing, by these digests."""
    whole = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "other", "digest": {"sha256": "0" * 64}}, {"name": "it", "digest": digests}],
        "predicateType": "https://example.org/checked/v1",
        "predicate": {},
    }
    return json.dumps(whole).encode()


def of_file(key: PrivateKey, content: bytes, *entries: dict[str, Any]) -> bytes:
    """A bundle of a key around the signature of a file."""
    digest = {"algorithm": "SHA2_256", "digest": encoded(hashlib.sha256(content).digest())}
    signed = {"messageDigest": digest, "signature": encoded(sign_with(key, content))}
    return _bundle({"messageSignature": signed}, *entries)


def of_statement(key: PrivateKey, payload: bytes, *entries: dict[str, Any], kind: str = KIND) -> bytes:
    """A bundle of a key around a statement."""
    signature = sign_with(key, pre_authentication_encoding(kind, payload))
    envelope = {"payload": encoded(payload), "payloadType": kind, "signatures": [{"sig": encoded(signature)}]}
    return _bundle({"dsseEnvelope": envelope}, *entries)


def _bundle(content: dict[str, Any], *entries: dict[str, Any]) -> bytes:
    material = {"publicKey": {"hint": "a hint is a hint"}, "tlogEntries": list(entries)}
    return json.dumps({"mediaType": MEDIA_TYPE, "verificationMaterial": material, **content}).encode()


def pem_of(key: PrivateKey) -> str:
    return encoded(public_pem(key.public_key()))


def hashed_rekord(bundle: bytes, verifier: str) -> dict[str, Any]:
    """What Rekor v1 writes of a file's signature; `verifier` is PEM in base64."""
    message = json.loads(bundle)["messageSignature"]
    digest = base64.b64decode(message["messageDigest"]["digest"]).hex()
    signature = {"content": message["signature"], "publicKey": {"content": verifier}}
    spec = {"data": {"hash": {"algorithm": "sha256", "value": digest}}, "signature": signature}
    return {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec}


def hashed_rekord_2(bundle: bytes, key: PrivateKey) -> dict[str, Any]:
    """What Rekor v2 writes, of a file's signature and of an envelope alike."""
    whole = json.loads(bundle)
    if "messageSignature" in whole:
        digest, signature = whole["messageSignature"]["messageDigest"]["digest"], whole["messageSignature"]["signature"]
    else:
        envelope = whole["dsseEnvelope"]
        pae = pre_authentication_encoding(envelope["payloadType"], base64.b64decode(envelope["payload"]))
        digest, signature = encoded(hashlib.sha256(pae).digest()), envelope["signatures"][0]["sig"]
    der = encoded(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    verifier = {"publicKey": {"rawBytes": der}, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
    inner = {"data": {"algorithm": "SHA2_256", "digest": digest}, "signature": {"content": signature, "verifier": verifier}}
    return {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": inner}}


def dsse(bundle: bytes, verifier: str) -> dict[str, Any]:
    """What Rekor v1 writes of an envelope."""
    envelope = json.loads(bundle)["dsseEnvelope"]
    signatures = [{"signature": envelope["signatures"][0]["sig"], "verifier": verifier}]
    spec = {
        "envelopeHash": _sha256(b""),
        "payloadHash": _sha256(base64.b64decode(envelope["payload"])),
        "signatures": signatures,
    }
    return {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}


def in_toto(bundle: bytes, verifier: str) -> dict[str, Any]:
    """What Rekor v1 writes of an envelope by its older type: the signature's base64 is encoded once more."""
    envelope = json.loads(bundle)["dsseEnvelope"]
    signature = {"publicKey": verifier, "sig": encoded(envelope["signatures"][0]["sig"].encode())}
    content = {
        "envelope": {"payloadType": envelope["payloadType"], "signatures": [signature]},
        "hash": _sha256(b""),
        "payloadHash": _sha256(base64.b64decode(envelope["payload"])),
    }
    return {"apiVersion": "0.0.2", "kind": "intoto", "spec": {"content": content}}


def _sha256(content: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}
