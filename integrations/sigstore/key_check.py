"""Bundles checked with a public key that the reader names: what sigstore-python refuses to do.

The key is the proof, and the hint in a bundle only a hint. A bundle of an organisation brings no entry of a public log, and
needs none; an entry that it does bring must hold against the trusted root and be about this very signature.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations.sigstore.artifact import Artifact, subject_problem
from integrations.sigstore.bundle import BadBundle, Envelope, Message, read_any_bundle, signature_holds
from integrations.sigstore.keys import fingerprint
from integrations.sigstore.logged import BadEntry, Signed
from integrations.sigstore.signatures import PublicKey, digest_signed_by, signed_by, signs_sha256


def check_with_key(content: bytes, key: PublicKey, artifact: Artifact, trusted_root: Path) -> str:
    """Why the bundle is not this key's signature of the artifact (saw, wanted, cure); empty: it is.

    A DSSE bundle is about the artifact where its in-toto statement has it as a subject.
    """
    try:
        found = read_any_bundle(content)
    except BadBundle as error:
        return f"{error}; ask for a whole bundle"
    if isinstance(found, Envelope):
        problem = "" if signature_holds(found, key) else _not_by(key, found)
        problem = problem or subject_problem(found.payload_type, found.payload, artifact)
        digest = hashlib.sha256(found.payload).hexdigest()
    else:
        problem, digest = _message_problem(found, key, artifact), artifact.digest
    return problem or _log_problem(found, key, digest, trusted_root)


def _message_problem(found: Message, key: PublicKey, artifact: Artifact) -> str:
    if artifact.sha256 is None:
        return f"saw the signature of a file, and {artifact}; wanted the file or its SHA-256; name what was signed"
    if found.sha256 and found.sha256 != artifact.sha256:
        said = found.sha256.hex()[:64]
        return f"saw the signature of another file (sha256:{said}); wanted {artifact}; verify the file that was signed"
    if artifact.content is None and not signs_sha256(key):
        return "saw a digest, and a key that does not sign SHA-256 digests; wanted the file itself; give its path"
    if artifact.content is not None:
        return "" if signed_by(key, found.signature, artifact.content) else _not_by(key, found)
    return "" if digest_signed_by(key, found.signature, artifact.sha256) else _not_by(key, found)


def _not_by(key: PublicKey, found: Envelope | Message) -> str:
    hint = "".join(one for one in found.material.key_hint if one.isalnum())[:16] or "no key"
    named = "a certificate" if found.material.certificates else hint
    saw = f"saw a signature that key {fingerprint(key)[:16]}… did not make over these bytes (the bundle names {named})"
    return f"{saw}; wanted one that it made; give the right key or the untouched file"


def _log_problem(found: Envelope | Message, key: PublicKey, digest: str, trusted_root: Path) -> str:
    if not found.material.log_entries:
        return ""
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signed = Signed(found, digest, next(iter(found.material.certificates), spki))
    cure = "ask for the bundle of this signature, or give the log's `--trusted-root`"
    try:
        from integrations.sigstore.instance import Instance

        instance = Instance(trusted_root)
    except Exception:  # a root that is none raises what it likes
        return f"saw {trusted_root}, which cannot be read; wanted a Sigstore trusted root (JSON) for the log entry; {cure}"
    try:
        instance.verify_entries(found.material.log_entries, signed)
    except BadEntry as error:
        return f"saw {error}; wanted one of this signature in a log of the trusted root; {cure}"
    return ""
