"""Signatures and hostile bytes: what turns them into values before the core sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.approval import Approval, RejectedApproval
from bot.core.evidence.model import Evidence, RawReport
from bot.core.ids import ChangeRef
from bot.core.policy.model import SignerRule
from bot.core.provenance.model import Attestation
from bot.core.tlog.note import VerifierKey


@dataclass(frozen=True, slots=True)
class AttestedBytes:
    """What the signature of a document proved. `payload` is the document itself, unwrapped."""

    payload: bytes
    attested: Attestation
    signer: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A record's bundle whose signature was checked. With a problem, `payload` is empty and nothing may be believed."""

    payload: bytes
    signer: str
    problem_saw: str = ""
    problem_wanted: str = ""


@dataclass(frozen=True, slots=True)
class Proved:
    """What a person's own signature came to: a problem (what was seen, what was wanted, the cure), or none.

    For a passkey `sign_count` and `synced` are what the authenticator said.
    """

    problem: str = ""
    sign_count: int = 0
    synced: bool = False


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

    def open_record(self, bundle: bytes) -> OpenedRecord:
        """Check the organisation's signature on any record."""
        ...


class Passkeys(Protocol):
    """WebAuthn (W3C Web Authentication Level 3) for one relying party, the gate's own pages."""

    rp_id: str
    origin: str

    def registration_options(self, person: str, name: str, known: Sequence[str], challenge: bytes) -> str:
        """`PublicKeyCredentialCreationOptionsJSON`: user verification required, credentials in `known` excluded."""
        ...

    def verify_registration(self, response: str, challenge: bytes) -> tuple[str, bytes, Proved]:
        """Credential id (base64url), COSE public key, and what was proved."""
        ...

    def request_options(self, credentials: Sequence[str], challenge: bytes) -> str:
        """`PublicKeyCredentialRequestOptionsJSON`, user verification required."""
        ...

    def read_assertion(self, response: str) -> Mapping[str, str] | str:
        """A browser's answer as the proof that goes into a statement (`credentialId`, `clientDataJSON`, `authenticatorData`,
        `signature`, all base64url); or why it is none."""
        ...

    def verify_assertion(self, proof: Mapping[str, str], challenge: bytes, public_key: bytes, place: tuple[str, str]) -> Proved:
        """Whether the key signed this challenge, user verified, at this place (rp id, origin)."""
        ...


class KeylessApprovals(Protocol):
    def check_identity(self, content: bytes, payload: bytes, issuer: str, identity: str) -> Proved:
        """Whether the bundle is a good keyless signature of that identity over exactly this in-toto payload."""
        ...


class LogSigner(Protocol):
    """The key of the transparency log."""

    origin: str

    @property
    def key(self) -> VerifierKey: ...

    @property
    def earlier(self) -> tuple[VerifierKey, ...]:
        """Keys of this log that signed before: what they signed stays good, and they sign no more."""
        ...

    def sign_note(self, text: str) -> str:
        """The note with the log's signature line (C2SP signed-note)."""
        ...

    def check(self, key: VerifierKey, message: bytes, signature: bytes) -> bool: ...


class TimestampAuthority(Protocol):
    """RFC 3161."""

    def stamp(self, content: bytes) -> bytes:
        """A token (DER) over the SHA-256 of the content. Raises WorldError."""
        ...

    def check(self, token: bytes, content: bytes) -> datetime | str:
        """When it was stamped; or what is wrong with the token."""
        ...


class ReportReader(Protocol):
    def read(self, reports: Sequence[RawReport]) -> Evidence:
        """Read each report within its limits; what cannot be read is refused by name, never skipped."""
        ...
