"""Signatures and hostile bytes: what turns them into values before the core sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.approval import Approval, RejectedApproval
from bot.core.evidence.model import Evidence, RawReport
from bot.core.ids import ChangeRef
from bot.core.policy.model import SignerRule
from bot.core.provenance.model import Attestation


@dataclass(frozen=True, slots=True)
class AttestedBytes:
    """What the signature of a document proved. `payload` is the document itself, unwrapped."""

    payload: bytes
    attested: Attestation
    signer: str
    problem: str = ""


class Signer(Protocol):
    """The organisation's key. Fit for a KMS: it is given bytes and returns a bundle."""

    @property
    def key_sha256(self) -> str:
        """SHA-256 hex of the public key's DER SubjectPublicKeyInfo."""
        ...

    def sign(self, statement: bytes) -> bytes:
        """A Sigstore bundle v0.3 (JSON) around the in-toto statement."""
        ...


class Verifier(Protocol):
    def read_approval(self, bundle: bytes, change: ChangeRef) -> Approval | RejectedApproval:
        """Check the signature and that the statement is about this change; read it as a value."""
        ...

    def read_document(self, content: bytes, path: str, signers: Sequence[SignerRule]) -> AttestedBytes:
        """Unwrap a provenance file: a bare document, or a Sigstore bundle around one."""
        ...


class ReportReader(Protocol):
    def read(self, reports: Sequence[RawReport]) -> Evidence:
        """Read each report within its limits; what cannot be read is refused by name, never skipped."""
        ...
