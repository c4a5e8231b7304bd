"""The bare signature of a file, checked with a key against the file or its digest."""

from __future__ import annotations

from integrations.sigstore.artifact import Artifact
from integrations.sigstore.bundle import Envelope, Message
from integrations.sigstore.keys import fingerprint
from integrations.sigstore.signatures import PublicKey, digest_signed_by, signed_by, signs_sha256


def message_problem(found: Message, key: PublicKey, artifact: Artifact | None) -> str:
    """Why a bare signature is not this key's of the artifact (saw, wanted, cure); empty: it is."""
    if artifact is None or artifact.sha256 is None:
        return f"saw the signature of a file, and {artifact or 'none'}; wanted the file or its SHA-256; name what was signed"
    if found.sha256 and found.sha256 != artifact.sha256:
        said = found.sha256.hex()[:64]
        return f"saw the signature of another file (sha256:{said}); wanted {artifact}; verify the file that was signed"
    if artifact.content is None and not signs_sha256(key):
        return "saw a digest, and a key that does not sign SHA-256 digests; wanted the file itself; give its path"
    if artifact.content is not None:
        return "" if signed_by(key, found.signature, artifact.content) else not_by(key, found)
    return "" if digest_signed_by(key, found.signature, artifact.sha256) else not_by(key, found)


def not_by(key: PublicKey, found: Envelope | Message) -> str:
    """Words for a signature of somebody else, or over something else."""
    hint = "".join(one for one in found.material.key_hint if one.isalnum())[:16] or "no key"
    named = "a certificate" if found.material.certificates else hint
    saw = f"saw a signature that key {fingerprint(key)[:16]}… did not make over these bytes (the bundle names {named})"
    return f"{saw}; wanted one that it made; give the right key or the untouched file"
