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
from integrations.sigstore.logged import BadEntry, Signed
from integrations.sigstore.message import message_problem, not_by
from integrations.sigstore.signatures import PublicKey


def check_with_key(content: bytes, key: PublicKey, artifact: Artifact, trusted_root: Path) -> str:
    """Why the bundle is not this key's signature of the artifact (saw, wanted, cure); empty: it is.

    A DSSE bundle is about the artifact where its in-toto statement has it as a subject.
    """
    try:
        found = read_any_bundle(content)
    except BadBundle as error:
        return f"{error}; ask for a whole bundle"
    if isinstance(found, Envelope):
        problem = "" if signature_holds(found, key) else not_by(key, found)
        problem = problem or subject_problem(found.payload_type, found.payload, artifact)
        digest = hashlib.sha256(found.payload).hexdigest()
    else:
        problem, digest = message_problem(found, key, artifact), artifact.digest
    return problem or _log_problem(found, key, digest, trusted_root)


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
