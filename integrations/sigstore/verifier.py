"""Signatures turned into values: records of any kind, approvals among them, and provenance documents of a change."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from bot.core.approval import Approval, RejectedApproval
from bot.core.ids import ChangeRef
from bot.core.in_toto import PAYLOAD_TYPE, NotAStatement
from bot.core.policy.model import SignerRule
from bot.core.provenance.envelope import disclose
from bot.core.provenance.model import Attestation, Refusal
from bot.core.statement import read_statement
from bot.ports.trust import AttestedBytes, OpenedRecord
from integrations.sigstore.authority import CertificateAuthority, Vouched
from integrations.sigstore.bundle import BadBundle, Envelope, is_bundle, read_bundle, signature_holds
from integrations.sigstore.identities import named
from integrations.sigstore.keyless import KeylessVerifier
from integrations.sigstore.keys import fingerprint
from integrations.sigstore.signatures import PublicKey


class KeyRing:
    """Implements `bot.ports.trust.Verifier`: organisation keys by fingerprint, certificates of the organisation's own
    authority, certificates of a Sigstore through sigstore-python.

    `approval_keys` may have signed records (the present key and retired ones: a rotation takes none away); `document_keys`
    may sign provenance where the policy names them; `authority` vouches for certificates: of its `record_signers` on records,
    of identities that the policy names on provenance (the identity is the subject or an alternative name, the issuer the root).
    """

    def __init__(
        self,
        approval_keys: Sequence[PublicKey],
        document_keys: Sequence[PublicKey] = (),
        keyless: KeylessVerifier | None = None,
        authority: CertificateAuthority | None = None,
    ) -> None:
        self._approvals = {fingerprint(key): key for key in approval_keys}
        self._documents = {fingerprint(key): key for key in (*approval_keys, *document_keys)}
        self._keyless = keyless or KeylessVerifier(None)
        self._authority = authority

    def open_record(self, bundle: bytes, proved_at: datetime | None = None) -> OpenedRecord:
        """The in-toto statement in a bundle of this organisation, and who signed it. What it says is not looked at.

        `proved_at` is when the bundle was there at the latest, where the caller can prove that (a checkpoint of the log);
        only a certificate's validity depends on it.
        """
        try:
            envelope = read_bundle(bundle)
        except BadBundle as error:
            return OpenedRecord(b"", "", str(error), "a Sigstore bundle")
        if envelope.payload_type != PAYLOAD_TYPE:
            saw = f"signed bytes of the type {_printable(envelope.payload_type)!r}"
            return OpenedRecord(b"", "", saw, f"an in-toto statement ({PAYLOAD_TYPE})")
        if envelope.certified:
            return self._opened_by_certificate(envelope, proved_at)
        key = self._approvals.get(envelope.key_hint)
        if key is None:
            return OpenedRecord(b"", "", f"signed by key {_printable(envelope.key_hint)[:16]}…", "a key of this organisation")
        return _opened(envelope, key, f"key {envelope.key_hint[:16]}")

    def read_approval(self, bundle: bytes, change: ChangeRef) -> Approval | RejectedApproval:
        name = hashlib.sha256(bundle).hexdigest()
        opened = self.open_record(bundle)
        if opened.problem_saw:
            return RejectedApproval(name, opened.problem_saw, opened.problem_wanted)
        try:
            approval = read_statement(opened.payload)
        except NotAStatement as error:
            return RejectedApproval(name, str(error), "an approval statement")
        if approval.change != change:
            return RejectedApproval(name, f"an approval of {approval.change}", f"one of {change}")
        return approval

    def read_document(self, content: bytes, path: str, signers: Sequence[SignerRule]) -> AttestedBytes:
        """A bare document comes back as it is, unattested. A bundle's document comes back with what its signature proved."""
        if not is_bundle(content):
            return AttestedBytes(content, "none", "")
        try:
            envelope = read_bundle(content)
        except BadBundle as error:
            return AttestedBytes(content, "invalid", "", f"{error}; write {path} again")
        if envelope.certified:
            return self._by_certificate(content, envelope, signers)
        return _attested(envelope, self._by_key(envelope, signers))

    def _opened_by_certificate(self, envelope: Envelope, proved_at: datetime | None) -> OpenedRecord:
        """A key that is listed counts as such, whatever became of its certificate: that is how one is retired."""
        named = _certified_key(envelope)
        if named in self._approvals:
            return _opened(envelope, self._approvals[named], f"key {named[:16]}")
        if self._authority is None:
            wanted = "a key of this organisation, or `signing.ca_roots` set"
            return OpenedRecord(b"", "", "signed with a certificate, while this organisation names no authority", wanted)
        vouched = self._authority.vouch_for(envelope, proved_at)
        if vouched.key is None:
            return OpenedRecord(b"", "", vouched.problem_saw, vouched.problem_wanted)
        if vouched.names[0] not in self._authority.record_signers:
            wanted = " or ".join(sorted(self._authority.record_signers)) or "nobody's: no `signing.certificate_chain` is set"
            return OpenedRecord(b"", "", f"a certificate of {vouched.holder}, who signs no records", wanted)
        return _opened(envelope, vouched.key, vouched.holder)

    def _by_certificate(self, content: bytes, envelope: Envelope, signers: Sequence[SignerRule]) -> AttestedBytes:
        """By the organisation's own authority where it vouches for the certificate, else by a Sigstore instance."""
        vouched = None if self._authority is None or envelope.logged else self._authority.vouch_for(envelope)
        if vouched and vouched.key:
            return _attested(envelope, _certified(envelope, vouched.key, vouched, signers))
        found = self._keyless.check(content, envelope, signers)
        problem = found.problem
        if problem and vouched:
            problem = f"saw {vouched.problem_saw}; wanted {vouched.problem_wanted}; sign the document again"
        # What sigstore verified, not what was read here: two readers of one file may differ.
        signed = envelope if problem else replace(envelope, payload_type=found.payload_type, payload=found.payload)
        return _attested(signed, _Proof("keyless", found.signer, problem))

    def _by_key(self, envelope: Envelope, signers: Sequence[SignerRule]) -> _Proof:
        """The hint is a hint: every key that the policy names is tried."""
        allowed = sorted({rule.key_sha256.lower() for rule in signers if rule.key_sha256})
        for name in allowed:
            if name in self._documents and signature_holds(envelope, self._documents[name]):
                return _Proof("organisation-key", f"key {name[:16]}")
        return _Proof("organisation-key", "", self._why_not(envelope.key_hint, allowed))

    def _why_not(self, hint: str, allowed: Sequence[str]) -> str:
        shown = f"key {hint[:16]}…" if hint.isalnum() else "an unnamed key"
        if hint not in allowed:
            wanted = ", ".join(f"{name[:16]}…" for name in allowed) or "none: the policy names no key"
            cure = "sign the document again with a key of `provenance.signers`"
            return f"saw a signature by {shown}; wanted one of: {wanted}; {cure}"
        if hint not in self._documents:
            cure = "add it to `signing.document_keys` in llmgate's settings"
            return f"saw a signature by {shown}, whose public half llmgate was not given; wanted that key; {cure}"
        return f"saw a signature of {shown} over other bytes; wanted the document untouched; sign it again"


def _opened(envelope: Envelope, key: PublicKey, signer: str) -> OpenedRecord:
    if not signature_holds(envelope, key):
        return OpenedRecord(b"", "", "a signature that does not match the content", "the content untouched")
    return OpenedRecord(envelope.payload, signer)


def _certified_key(envelope: Envelope) -> str:
    """The fingerprint of the key in the signer's certificate; empty where it cannot be read."""
    try:
        key = x509.load_der_x509_certificate(envelope.material.certificates[0]).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return ""
    return fingerprint(key) if isinstance(key, PublicKey) else ""


def _certified(envelope: Envelope, key: PublicKey, vouched: Vouched, signers: Sequence[SignerRule]) -> _Proof:
    """Whether the policy lets the holder of a certificate of the organisation sign."""
    rules = [rule for rule in signers if rule.identity and rule.issuer]
    if not any(named(rule, vouched.names, vouched.authority) for rule in rules):
        wanted = " or ".join(f"{rule.identity} (by {rule.issuer})" for rule in rules) or "the policy to name an identity"
        cure = "sign the document again as one of `provenance.signers`, or have this one added"
        return _Proof("organisation-key", "", f"saw a signature by {vouched.holder}; wanted {wanted}; {cure}")
    if not signature_holds(envelope, key):
        return _Proof("organisation-key", "", "saw a signature over other bytes; wanted the document untouched; sign it again")
    return _Proof("organisation-key", vouched.holder)


def _printable(text: str) -> str:
    return "".join(character for character in text[:80] if character.isprintable())


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a signature would prove, by whom; or why it proves nothing."""

    attested: Attestation
    signer: str
    problem: str = ""


def _attested(envelope: Envelope, proof: _Proof) -> AttestedBytes:
    """The document out of the signed statement. A good signature around something else attests nothing."""
    problem, document = proof.problem, disclose(envelope.payload)
    if not problem and envelope.payload_type != PAYLOAD_TYPE:
        problem = f"saw signed bytes of another kind; wanted the payload type {PAYLOAD_TYPE}; sign an in-toto statement"
    if isinstance(document, Refusal):
        problem = problem or f"saw {document.saw}; wanted {document.wanted}. {document.cure}"
        document = envelope.payload
    return AttestedBytes(document, "invalid" if problem else proof.attested, proof.signer, problem)
