"""Bundles with a certificate, verified by sigstore-python against a trusted root: from files alone, never over the network.

sigstore is imported when the first such bundle arrives: it costs some 60 MB and most installations never see one. What it
raises on hostile bytes is not one family (its own errors, pydantic's, cryptography's, plain ones), so everything it raises
is a "no" here, told in our own words.

An identity of the policy may hold `*`, as in `https://github.com/acme/*`, which stands for anything; case counts, because a
branch `MAIN` is not the protected `main`. The issuer is compared as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from bot.core.policy.model import SignerRule
from integrations.sigstore.bundle import Envelope, signature_holds
from integrations.sigstore.certificate import Holder, holder_of

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from sigstore.models import Bundle
    from sigstore.verify import Verifier as SigstoreVerifier

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
    """Checks certificate, log entry and signature. `trusted_root` is a trusted_root.json; None: none configured."""

    def __init__(self, trusted_root: Path | None) -> None:
        self._trusted_root = trusted_root
        self._verifier: SigstoreVerifier | None = None

    def check(self, content: bytes, envelope: Envelope, signers: Sequence[SignerRule]) -> KeylessResult:
        """Whether one of the policy's identities signed this bundle (`envelope` is the same, taken apart)."""
        rules = [rule for rule in signers if rule.identity and rule.issuer]
        if not rules:
            cure = "list them under `provenance.signers` in the policy"
            return _no("a keyless signature", "the policy to name an identity and its issuer", cure)
        if self._trusted_root is None:
            cure = "set `signing.trusted_root` in llmgate's settings"
            return _no("a keyless signature", "a trusted root to check it against", cure)
        try:
            self._load(self._trusted_root)
        except Exception:  # see the module's docstring
            cure = "put a trusted_root.json there and start llmgate again"
            return _no("a `signing.trusted_root` that cannot be read", "a Sigstore trusted root", cure)
        return self._check(content, envelope, rules)

    def _check(self, content: bytes, envelope: Envelope, rules: Sequence[SignerRule]) -> KeylessResult:
        from sigstore.models import Bundle

        wanted = _Wanted(rules)
        if not envelope.logged:
            return _no("a keyless signature without an entry of a transparency log", "one entry with its proof", AGAIN)
        try:
            bundle = Bundle.from_json(content)
        except Exception as error:  # see the module's docstring
            return _no(f"a bundle that is not whole ({_short(error)})", "certificate, log entry and envelope", AGAIN)
        try:
            payload_type, payload = self._loaded().verify_dsse(bundle, wanted)
        except Exception as error:  # see the module's docstring
            return _diagnosed(error, bundle, envelope, wanted)
        return KeylessResult(wanted.matched, payload_type=payload_type, payload=payload)

    def _load(self, trusted_root: Path) -> None:
        if self._verifier is None:
            from sigstore.models import TrustedRoot
            from sigstore.verify import Verifier

            self._verifier = Verifier(trusted_root=TrustedRoot.from_file(str(trusted_root)))

    def _loaded(self) -> SigstoreVerifier:
        if self._verifier is None:
            raise TypeError("no trusted root is loaded")
        return self._verifier


class _Stranger(Exception):
    """The certificate is good and for somebody else."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(str(holder))


class _Wanted:
    """The policy's rules as sigstore asks them. `matched` names the very identity that a rule let in."""

    def __init__(self, rules: Sequence[SignerRule]) -> None:
        self._rules = rules
        self.matched = ""

    def verify(self, cert: Certificate) -> None:
        holder = holder_of(cert)
        for rule in self._rules:
            if rule.issuer == holder.issuer and any(_pattern(rule.identity).fullmatch(name) for name in holder.names):
                self.matched = str(holder)
                return
        raise _Stranger(holder)

    def __str__(self) -> str:
        return " or ".join(f"{rule.identity} (by {rule.issuer})" for rule in self._rules)


@lru_cache(maxsize=256)
def _pattern(identity: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in identity.split("*")), re.DOTALL)


def _diagnosed(error: Exception, bundle: Bundle, envelope: Envelope, wanted: _Wanted) -> KeylessResult:
    """The likeliest reason of a failure, most telling first."""
    from sigstore.errors import CertValidationError

    if isinstance(error, _Stranger):
        return _no(f"a keyless signature by {error}", str(wanted), f"{AGAIN} as one of them, or have this one added")
    try:
        certificate, at = bundle.signing_certificate, bundle.log_entry._inner.integrated_time
        if at and not certificate.not_valid_before_utc <= datetime.fromtimestamp(at, UTC) <= certificate.not_valid_after_utc:
            saw = "a certificate that was not valid when the log took the signature"
            return _no(saw, "both within the certificate's few minutes", AGAIN)
        if isinstance(error, CertValidationError):
            cure = f"{AGAIN} with the organisation's Sigstore, or add its authority to `signing.trusted_root`"
            return _no("a certificate that no authority of the trusted root vouches for", "one that does", cure)
        key = certificate.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey) and not signature_holds(envelope, key):
            return _no("a keyless signature over other bytes", "the document untouched", AGAIN)
    except Exception as other:  # the bytes that misled sigstore may mislead a diagnosis too
        error = other
    return _no(f"a keyless signature that does not verify ({_short(error)})", str(wanted), AGAIN)


def _no(saw: str, wanted: str, cure: str) -> KeylessResult:
    return KeylessResult("", f"saw {saw}; wanted {wanted}; {cure}")


def _short(error: Exception) -> str:
    """The first line of an error, without what could not be printed: parts of it may be the bundle's own bytes."""
    line = next(iter(str(error).splitlines()), "") or type(error).__name__
    return "".join(character for character in line[:_SHOWN] if character.isprintable())
