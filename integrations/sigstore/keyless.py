"""Bundles with a certificate, verified by sigstore-python against a trusted root.

sigstore is imported when the first such bundle arrives: it costs some 60 MB and most installations never see one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.policy.model import SignerRule

if TYPE_CHECKING:
    from sigstore.verify import Verifier as SigstoreVerifier


@dataclass(frozen=True, slots=True)
class KeylessResult:
    """Who signed, in words; or why it is not believed."""

    signer: str
    problem: str = ""


class KeylessVerifier:
    """Checks certificate, log entry and signature offline. `trusted_root` is a trusted_root.json; None: none configured."""

    def __init__(self, trusted_root: Path | None) -> None:
        self._trusted_root = trusted_root
        self._verifier: SigstoreVerifier | None = None

    def check(self, bundle: bytes, signers: Sequence[SignerRule]) -> KeylessResult:
        """Whether one of the policy's identities signed this bundle."""
        rules = [rule for rule in signers if rule.identity and rule.issuer]
        if not rules:
            return KeylessResult(
                "", "saw a keyless signature; wanted provenance.signers in the policy to name its identity and issuer"
            )
        if self._trusted_root is None:
            return KeylessResult("", "saw a keyless signature; wanted a trusted root to check it: set sigstore.trusted_root")
        return self._check(bundle, rules)

    def _check(self, bundle: bytes, rules: Sequence[SignerRule]) -> KeylessResult:
        from sigstore.errors import Error, VerificationError
        from sigstore.models import Bundle
        from sigstore.verify.policy import AnyOf, Identity

        policy = AnyOf([Identity(identity=rule.identity, issuer=rule.issuer) for rule in rules])
        wanted = " or ".join(f"{rule.identity} by {rule.issuer}" for rule in rules)
        try:
            self._loaded().verify_dsse(Bundle.from_json(bundle), policy)
        except VerificationError as error:
            return KeylessResult("", f"saw a keyless signature that does not verify ({error}); wanted {wanted}")
        except (Error, ValueError, KeyError, TypeError) as error:
            return KeylessResult("", f"saw a bundle that sigstore cannot read ({type(error).__name__}); wanted {wanted}")
        return KeylessResult(wanted)

    def _loaded(self) -> SigstoreVerifier:
        if self._verifier is None:
            from sigstore.models import TrustedRoot
            from sigstore.verify import Verifier

            self._verifier = Verifier(trusted_root=TrustedRoot.from_file(str(self._trusted_root)))
        return self._verifier
