"""Signatures turned into values: stored approvals, and provenance documents of a change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import ec

from bot.core.approval import Approval, RejectedApproval
from bot.core.ids import ChangeRef
from bot.core.policy.model import SignerRule
from bot.core.statement import PAYLOAD_TYPE, NotAStatement, read_statement
from bot.ports.trust import AttestedBytes
from integrations.sigstore.bundle import BadBundle, Envelope, is_bundle, read_bundle, signature_holds
from integrations.sigstore.keyless import KeylessVerifier
from integrations.sigstore.keys import fingerprint


class KeyRing:
    """Implements `bot.ports.trust.Verifier`: organisation keys by fingerprint, certificates through sigstore-python.

    `approval_keys` may have signed approvals (the present key and retired ones); `document_keys` may sign provenance
    where the policy names them.
    """

    def __init__(
        self,
        approval_keys: Sequence[ec.EllipticCurvePublicKey],
        document_keys: Sequence[ec.EllipticCurvePublicKey] = (),
        keyless: KeylessVerifier | None = None,
    ) -> None:
        self._approvals = {fingerprint(key): key for key in approval_keys}
        self._documents = {fingerprint(key): key for key in (*approval_keys, *document_keys)}
        self._keyless = keyless or KeylessVerifier(None)

    def read_approval(self, bundle: bytes, change: ChangeRef) -> Approval | RejectedApproval:
        name = hashlib.sha256(bundle).hexdigest()
        try:
            envelope = read_bundle(bundle)
        except BadBundle as error:
            return RejectedApproval(name, str(error), "a Sigstore bundle")
        key = self._approvals.get(envelope.key_hint)
        if key is None:
            return RejectedApproval(name, f"signed by key {envelope.key_hint[:16]}…", "a key of this organisation")
        if envelope.payload_type != PAYLOAD_TYPE or not signature_holds(envelope, key):
            return RejectedApproval(name, "a signature that does not match the content", "the content untouched")
        try:
            approval = read_statement(envelope.payload)
        except NotAStatement as error:
            return RejectedApproval(name, str(error), "an approval statement")
        if approval.change != change:
            return RejectedApproval(name, f"an approval of {approval.change}", f"one of {change}")
        return approval

    def read_document(self, content: bytes, path: str, signers: Sequence[SignerRule]) -> AttestedBytes:
        """A bare document comes back as it is, unattested. A bundle's payload comes back with what its signature proved."""
        if not is_bundle(content):
            return AttestedBytes(content, "none", "")
        try:
            envelope = read_bundle(content)
        except BadBundle as error:
            return AttestedBytes(content, "invalid", "", f"{path}: {error}")
        payload = _document_of(envelope)
        if envelope.certified:
            found = self._keyless.check(content, signers)
            return AttestedBytes(payload, "keyless" if not found.problem else "invalid", found.signer, found.problem)
        return self._by_key(envelope, payload, signers)

    def _by_key(self, envelope: Envelope, payload: bytes, signers: Sequence[SignerRule]) -> AttestedBytes:
        hint = envelope.key_hint
        allowed = {rule.key_sha256.lower() for rule in signers if rule.key_sha256}
        key = self._documents.get(hint)
        if key is None or hint not in allowed:
            wanted = ", ".join(sorted(f"{name[:16]}…" for name in allowed)) or "none: the policy names no key"
            problem = f"saw a signature by key {hint[:16] or 'unnamed'}…; wanted one of: {wanted}"
            return AttestedBytes(payload, "invalid", f"key {hint[:16]}", problem)
        if not signature_holds(envelope, key):
            return AttestedBytes(
                payload, "invalid", f"key {hint[:16]}", "saw a signature over other bytes; wanted it untouched"
            )
        return AttestedBytes(payload, "organisation-key", f"key {hint[:16]}")


def _document_of(envelope: Envelope) -> bytes:
    """The document inside an in-toto statement (its predicate), or the payload itself where it is no statement."""
    try:
        statement = json.loads(envelope.payload)
    except (ValueError, RecursionError):
        return envelope.payload
    if isinstance(statement, dict) and "predicate" in statement:
        return json.dumps(statement["predicate"]).encode()
    return envelope.payload
