"""Bundles with a certificate of a Sigstore instance, verified by sigstore-python: from files alone, never over the network.

sigstore is imported when the first such bundle arrives: it costs some 60 MB and most installations never see one. What it
raises on hostile bytes is not one family (its own errors, pydantic's, cryptography's, plain ones), so everything it raises
is a "no" here, told in our own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.x509 import load_der_x509_certificate

from bot.core.in_toto import PAYLOAD_TYPE
from bot.core.policy.model import SignerRule
from bot.ports.trust import Proved
from integrations.sigstore.artifact import Artifact, subject_problem
from integrations.sigstore.bundle import BadBundle, Envelope, Message, read_any_bundle, signature_holds
from integrations.sigstore.identities import AnyOf, Exactly, Stranger, Wanted
from integrations.sigstore.message import message_problem
from integrations.sigstore.signatures import PublicKey
from integrations.sigstore.unlogged import UnloggedInstance, read_unlogged

if TYPE_CHECKING:
    from sigstore.models import Bundle

    from integrations.sigstore.instance import Instance

AGAIN = "sign the document again"
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class KeylessResult:
    """Who signed, in words, and the bytes that were signed; or why it is not believed."""

    signer: str
    problem: str = ""
    payload_type: str = ""
    payload: bytes = b""


class KeylessVerifier:
    """Checks certificate, log entry and signature. `trusted_root` is a trusted_root.json; None: none configured.

    `setting` is what a refusal calls it.
    """

    def __init__(self, trusted_root: Path | None, setting: str = "signing.trusted_root") -> None:
        self._trusted_root = trusted_root
        self._setting = setting
        self._instance: Instance | None = None
        self._unlogged: UnloggedInstance | None = None

    def check(self, content: bytes, envelope: Envelope, signers: Sequence[SignerRule]) -> KeylessResult:
        """Whether one of the policy's identities signed this bundle (`envelope` is the same, taken apart)."""
        rules = [rule for rule in signers if rule.identity and rule.issuer]
        if not rules:
            cure = "list them under `provenance.signers` in the policy"
            return _no("a keyless signature", "the policy to name an identity and its issuer", cure)
        return self._check(content, envelope, AnyOf(rules))

    def check_identity(self, content: bytes, issuer: str, identity: str) -> KeylessResult:
        """Whether exactly this identity, vouched for by exactly this issuer, signed the in-toto statement in this bundle."""
        try:
            envelope = read_any_bundle(content)
        except BadBundle as error:
            return KeylessResult("", f"{error}; {AGAIN}")
        if not isinstance(envelope, Envelope):
            return _no("a signature of something that lies elsewhere", "an in-toto statement in a DSSE envelope", AGAIN)
        found = self._check(content, envelope, Exactly(identity, issuer))
        if not found.problem and found.payload_type != PAYLOAD_TYPE:
            return _no("signed bytes of another kind", f"the payload type {PAYLOAD_TYPE}", AGAIN)
        return found

    def check_artifact(self, content: bytes, artifact: Artifact, issuer: str, identity: str) -> KeylessResult:
        """Whether exactly this identity signed the artifact, or a statement about it."""
        try:
            found = read_any_bundle(content)
        except BadBundle as error:
            return KeylessResult("", f"{error}; ask for a whole bundle")
        result = self._check(content, found, Exactly(identity, issuer), artifact)
        if result.problem or isinstance(found, Message):
            return result
        problem = subject_problem(result.payload_type, result.payload, artifact)
        return KeylessResult("", problem) if problem else result

    def _check(
        self, content: bytes, found: Envelope | Message, wanted: Wanted, artifact: Artifact | None = None
    ) -> KeylessResult:
        problem = self._unready(found)
        if problem:
            return problem
        if self._unlogged is not None:
            return _check_unlogged(self._unlogged, found, wanted, artifact)
        from sigstore.models import Bundle

        try:
            bundle = Bundle.from_json(content)
        except Exception as error:  # see the module's docstring
            return _no(f"a bundle that is not whole ({_short(error)})", "certificate, log entry and envelope", AGAIN)
        try:
            if isinstance(found, Envelope):
                payload_type, payload = self._loaded().verify_dsse(bundle, wanted)
                return KeylessResult(wanted.matched, payload_type=payload_type, payload=payload)
            return self._check_message(bundle, wanted, artifact)
        except Exception as error:  # see the module's docstring
            return _diagnosed(error, bundle, found, _Asked(wanted, self._setting))

    def _check_message(self, bundle: Bundle, wanted: Wanted, artifact: Artifact | None) -> KeylessResult:
        from sigstore.hashes import Hashed
        from sigstore_models.common.v1 import HashAlgorithm

        if artifact is None or artifact.sha256 is None:
            return _no(f"the signature of a file, and {artifact or 'none'}", "the file or its SHA-256", "name what was signed")
        hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=artifact.sha256)
        self._loaded().verify_artifact(hashed, bundle, wanted)
        return KeylessResult(wanted.matched)

    def _unready(self, found: Envelope | Message) -> KeylessResult | None:
        if self._trusted_root is None:
            cure = f"set `{self._setting}` in llmgate's settings"
            return _no("a keyless signature", "a trusted root to check it against", cure)
        if not found.material.certificates:
            return _no("a signature that names a key", "a certificate of the identity", "give the key, or sign keyless")
        try:
            if self._unlogged is None and self._instance is None:
                self._unlogged = read_unlogged(self._trusted_root)
            if self._unlogged is None and not found.material.log_entries:
                return _no("a keyless signature without an entry of a transparency log", "one entry with its proof", AGAIN)
            self._load(self._trusted_root)
        except Exception:  # see the module's docstring
            cure = "put a trusted_root.json there and start again"
            return _no(f"a `{self._setting}` that cannot be read", "a Sigstore trusted root", cure)
        return None

    def _load(self, trusted_root: Path) -> None:
        if self._instance is None and self._unlogged is None:
            from integrations.sigstore.instance import Instance

            self._instance = Instance(trusted_root)

    def _loaded(self) -> Instance:
        if self._instance is None:
            raise TypeError("no trusted root is loaded")
        return self._instance


class ReviewerCheck:
    """Implements `bot.ports.trust.KeylessApprovals`: a person's own signature over the statement that was shown to them."""

    def __init__(self, keyless: KeylessVerifier) -> None:
        self._keyless = keyless

    def check_identity(self, content: bytes, payload: bytes, issuer: str, identity: str) -> Proved:
        found = self._keyless.check_identity(content, issuer, identity)
        if found.problem:
            return Proved(found.problem)
        if found.payload != payload:
            return Proved(f"saw a good signature by {found.signer} over another statement; wanted the one asked for; {AGAIN}")
        return Proved()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a check was about, for its words."""

    wanted: Wanted
    setting: str


def _check_unlogged(
    instance: UnloggedInstance, found: Envelope | Message, wanted: Wanted, artifact: Artifact | None
) -> KeylessResult:
    vouched = instance.vouch_for(found)
    if vouched.key is None:
        return _no(vouched.problem_saw, vouched.problem_wanted, AGAIN)
    try:
        wanted.verify(load_der_x509_certificate(found.material.certificates[0]))
    except Stranger as error:
        return _no(f"a keyless signature by {error}", str(wanted), f"{AGAIN} as one of them, or have this one added")
    except ValueError as error:  # names that cannot be read
        return _no(f"a keyless signature that does not verify ({_short(error)})", f"a whole one by {wanted}", AGAIN)
    if isinstance(found, Message):
        problem = message_problem(found, vouched.key, artifact)
        return KeylessResult("", problem) if problem else KeylessResult(wanted.matched)
    if not signature_holds(found, vouched.key):
        return _no("a keyless signature over other bytes", "the document untouched", AGAIN)
    return KeylessResult(wanted.matched, payload_type=found.payload_type, payload=found.payload)


def _diagnosed(error: Exception, bundle: Bundle, found: Envelope | Message, asked: _Asked) -> KeylessResult:
    """The likeliest reason of a failure, most telling first."""
    from sigstore.errors import CertValidationError

    if isinstance(error, Stranger):
        return _no(f"a keyless signature by {error}", str(asked.wanted), f"{AGAIN} as one of them, or have this one added")
    try:
        certificate, at = bundle.signing_certificate, bundle.log_entry._inner.integrated_time
        if at and not certificate.not_valid_before_utc <= datetime.fromtimestamp(at, UTC) <= certificate.not_valid_after_utc:
            saw = "a certificate that was not valid when the log took the signature"
            return _no(saw, "both within the certificate's few minutes", AGAIN)
        if isinstance(error, CertValidationError):
            cure = f"{AGAIN} with the organisation's Sigstore, or add its authority to `{asked.setting}`"
            return _no("a certificate that no authority of the trusted root vouches for", "one that does", cure)
        key = certificate.public_key()
        if isinstance(found, Envelope) and isinstance(key, PublicKey) and not signature_holds(found, key):
            return _no("a keyless signature over other bytes", "the document untouched", AGAIN)
    except Exception as other:  # the bytes that misled sigstore may mislead a diagnosis too
        error = other
    return _no(f"a keyless signature that does not verify ({_short(error)})", f"a whole one by {asked.wanted}", AGAIN)


def _no(saw: str, wanted: str, cure: str) -> KeylessResult:
    return KeylessResult("", f"saw {saw}; wanted {wanted}; {cure}")


def _short(error: Exception) -> str:
    """The first line of an error, without what could not be printed: parts of it may be the bundle's own bytes."""
    line = next(iter(str(error).splitlines()), "") or type(error).__name__
    return "".join(character for character in line[:_SHOWN] if character.isprintable())
