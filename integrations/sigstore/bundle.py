"""Sigstore bundles taken apart and put together, with nothing verified.

sigstore-python refuses bundles of organisations (a key hint in place of a certificate, no log entry, git digests), so this
small reader does what it leaves out: bundles of a public or private Sigstore go to sigstore-python, in `keyless`.
It reads strictly, so that no other reader sees another bundle in the same bytes: UTF-8, no key twice, no two alternatives of
one choice. Names are the camel case of protobuf's JSON, as every known writer has them.
Sources: sigstore/protobuf-specs `sigstore_bundle.proto` (v0.1 to v0.3), secure-systems-lab/dsse `protocol.md` (PAE).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.in_toto import PAYLOAD_TYPE
from integrations.sigstore.signatures import PrivateKey, PublicKey, sign_with, signed_by

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
MEDIA_TYPES = (MEDIA_TYPE, *(f"application/vnd.dev.sigstore.bundle+json;version=0.{minor}" for minor in (3, 2, 1)))
"""The last three are how early writers spelled the versions."""
MAX_BYTES = 1024 * 1024
MAX_CERTIFICATES = 10
MAX_TIMESTAMPS = 32
MAX_LOG_ENTRIES = 32

Json = dict[str, object]


class BadBundle(ValueError):
    """The bytes are no bundle that this reader takes; the message names what was seen and what was wanted."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a bundle brings to be verified with. `key_hint` is empty where there is a certificate, and the other way round."""

    key_hint: str = ""
    certificates: tuple[bytes, ...] = ()
    """DER, the signer's own first."""
    log_entries: tuple[Json, ...] = ()
    timestamps: tuple[bytes, ...] = ()
    """RFC 3161 responses (DER) over the signature."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A bundle around a DSSE envelope."""

    payload: bytes
    payload_type: str
    signature: bytes
    material: Material = Material()

    @property
    def key_hint(self) -> str:
        return self.material.key_hint

    @property
    def certified(self) -> bool:
        return bool(self.material.certificates)

    @property
    def logged(self) -> bool:
        """Whether it brings an entry of a transparency log."""
        return bool(self.material.log_entries)


@dataclass(frozen=True, slots=True)
class Message:
    """A bundle around the signature of something that lies elsewhere. `sha256` is what it says the digest is; may be empty."""

    signature: bytes
    sha256: bytes
    material: Material = Material()


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """DSSE's PAE: the bytes that are really signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign_bundle(key: PrivateKey, key_hint: str, payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """A bundle (JSON) around the payload."""
    signature = sign_with(key, pre_authentication_encoding(payload_type, payload))
    return render_bundle(Envelope(payload, payload_type, signature, Material(key_hint)))


def render_bundle(envelope: Envelope, keyid: str = "") -> bytes:
    """A bundle v0.3. One certificate stands alone; with intermediates they form the chain, which the specification keeps for
    whoever is not the public Sigstore ("keyless" signatures there bring the one certificate)."""
    material = envelope.material
    shown: Json = {"publicKey": {"hint": material.key_hint}}
    encoded = [{"rawBytes": base64.b64encode(one).decode()} for one in material.certificates]
    if encoded:
        shown = {"certificate": encoded[0]} if len(encoded) == 1 else {"x509CertificateChain": {"certificates": encoded}}
    stamps = [{"signedTimestamp": base64.b64encode(one).decode()} for one in material.timestamps]
    times: Json = {"timestampVerificationData": {"rfc3161Timestamps": stamps}} if stamps else {}
    bundle = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {**shown, "tlogEntries": [], **times},
        "dsseEnvelope": {
            "payload": base64.b64encode(envelope.payload).decode(),
            "payloadType": envelope.payload_type,
            "signatures": [
                {"sig": base64.b64encode(envelope.signature).decode(), "keyid": keyid or material.key_hint},
            ],
        },
    }
    return json.dumps(bundle, separators=(",", ":")).encode()


def read_bundle(content: bytes) -> Envelope:
    """Take a DSSE bundle apart. Raises BadBundle. Nothing is verified here."""
    found = read_any_bundle(content)
    if isinstance(found, Message):
        raise BadBundle("saw no dsseEnvelope with verificationMaterial; wanted a DSSE bundle")
    return found


def read_any_bundle(content: bytes) -> Envelope | Message:
    """Take a bundle of either kind apart. Raises BadBundle."""
    whole = _read_json(content)
    if whole.get("mediaType") not in MEDIA_TYPES:
        raise BadBundle(f"saw media type {str(whole.get('mediaType'))[:80]!r}; wanted {MEDIA_TYPE!r}")
    envelope, message, material = (whole.get(key) for key in ("dsseEnvelope", "messageSignature", "verificationMaterial"))
    if not isinstance(material, dict) or not (isinstance(envelope, dict) or isinstance(message, dict)):
        raise BadBundle("saw no dsseEnvelope with verificationMaterial; wanted a DSSE bundle")
    if envelope is not None and message is not None:
        raise BadBundle("saw both dsseEnvelope and messageSignature; wanted one of them")
    if isinstance(message, dict):
        digest = message.get("messageDigest")
        return Message(_decode(message, "signature"), _sha256(digest) if digest is not None else b"", _material(material))
    return _envelope(dict(envelope) if isinstance(envelope, dict) else {}, _material(material))


def is_bundle(content: bytes) -> bool:
    """Whether bytes claim to be a Sigstore bundle at all."""
    return b'"mediaType"' in content[:4096] or b"dev.sigstore.bundle" in content


def signature_holds(envelope: Envelope, key: PublicKey) -> bool:
    return signed_by(key, envelope.signature, pre_authentication_encoding(envelope.payload_type, envelope.payload))


def _read_json(content: bytes) -> Json:
    if len(content) > MAX_BYTES:
        raise BadBundle(f"saw {len(content):,} bytes; wanted a bundle of at most {MAX_BYTES:,}")
    try:
        whole = json.loads(content.decode(), object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
    except BadBundle:
        raise
    except (ValueError, RecursionError):
        raise BadBundle("saw bytes that are no JSON; wanted a Sigstore bundle") from None
    if not isinstance(whole, dict):
        raise BadBundle(f"saw media type {type(whole).__name__!r}; wanted {MEDIA_TYPE!r}")
    return whole


def _no_key_twice(pairs: Sequence[tuple[str, object]]) -> Json:
    whole = dict(pairs)
    if len(whole) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadBundle(f"saw the key {twice[:40]!r} twice; wanted each once, since two readers may take different ones")
    return whole


def _no_constant(name: str) -> object:
    raise BadBundle(f"saw {name}, which is no JSON; wanted a Sigstore bundle")


def _envelope(envelope: Json, material: Material) -> Envelope:
    signatures = envelope.get("signatures")
    if not isinstance(signatures, list) or len(signatures) != 1 or not isinstance(signatures[0], dict):
        raise BadBundle("saw other than one signature; wanted one bundle a person")
    return Envelope(
        payload=_decode(envelope, "payload"),
        payload_type=_text(envelope.get("payloadType"), "payloadType"),
        signature=_decode(signatures[0], "sig"),
        material=material,
    )


def _material(material: Json) -> Material:
    said = [key for key in ("publicKey", "certificate", "x509CertificateChain") if material.get(key) is not None]
    if len(said) > 1:
        raise BadBundle(f"saw {' and '.join(said)} together; wanted one of them")
    key, chain = material.get("publicKey"), material.get("x509CertificateChain")
    listed = _listed(chain, "certificates", MAX_CERTIFICATES) if chain is not None else []
    certificates = [material["certificate"]] if "certificate" in said else listed
    stamps = material.get("timestampVerificationData")
    hint = key.get("hint") if isinstance(key, dict) else None
    if chain is not None and not certificates:
        raise BadBundle("saw an empty chain of certificates; wanted the signer's certificate")
    return Material(
        key_hint=_text(hint, "hint"),
        certificates=tuple(_decode(one, "rawBytes") for one in certificates),
        log_entries=tuple(_listed(material, "tlogEntries", MAX_LOG_ENTRIES)),
        timestamps=tuple(_decode(one, "signedTimestamp") for one in _listed(stamps or {}, "rfc3161Timestamps", MAX_TIMESTAMPS)),
    )


def _listed(holder: object, key: str, most: int) -> list[Json]:
    found = holder.get(key) if isinstance(holder, dict) else ""
    found = [] if found is None else found
    if not isinstance(found, list) or len(found) > most or not all(isinstance(one, dict) for one in found):
        raise BadBundle(f"saw {key!r} that is no list of at most {most}; wanted one")
    return found


def _sha256(digest: object) -> bytes:
    if not isinstance(digest, dict) or digest.get("algorithm") != "SHA2_256":
        raise BadBundle("saw a message digest of another kind; wanted SHA2_256")
    return _decode(digest, "digest")


def _text(value: object, name: str) -> str:
    """Empty for what is no text. Half a surrogate pair, which JSON can spell, is no text that anybody could have signed."""
    found = value if isinstance(value, str) else ""
    if any("\ud800" <= character <= "\udfff" for character in found):
        raise BadBundle(f"saw {name!r} with half a character; wanted Unicode text")
    return found


def _decode(holder: object, key: str) -> bytes:
    value = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(value, str):
        raise BadBundle(f"saw no {key!r}; wanted base64")
    try:
        return base64.b64decode(value.replace("\n", ""), validate=True)  # some writers wrap lines; every reader skips that
    except (binascii.Error, ValueError):
        raise BadBundle(f"saw {key!r} that is no base64; wanted base64") from None
