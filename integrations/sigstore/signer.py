"""The organisation's key, at work: in memory, or wherever securesystemslib reaches it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cryptography.x509 import Certificate

from bot.core.in_toto import PAYLOAD_TYPE
from bot.ports.errors import Refused, Unavailable
from integrations.sigstore.bundle import Envelope, Material, pre_authentication_encoding, render_bundle, signature_holds
from integrations.sigstore.certificate import as_der
from integrations.sigstore.keys import fingerprint
from integrations.sigstore.signatures import DEFAULT_RSA_SCHEME, PrivateKey, PublicKey, sign_with

if TYPE_CHECKING:
    from securesystemslib.signer import Signer as LibrarySigner  # type: ignore[attr-defined]  # no __all__


class KeySigner:
    """Implements `bot.ports.trust.Signer` with a key in memory.

    `chain` is the organisation's certificate of that key with its intermediates; empty: the bundle names the key instead.
    """

    def __init__(self, key: PrivateKey, chain: Sequence[Certificate] = (), rsa_scheme: str = DEFAULT_RSA_SCHEME) -> None:
        self._key = key
        self._rsa_scheme = rsa_scheme
        self._fingerprint = fingerprint(key.public_key())
        self._material = _material(self._fingerprint, chain)

    def __repr__(self) -> str:
        return f"KeySigner({self._fingerprint[:12]}…)"

    @property
    def key_sha256(self) -> str:
        return self._fingerprint

    @property
    def public_key(self) -> PublicKey:
        return self._key.public_key()

    def sign(self, statement: bytes) -> bytes:
        signature = sign_with(self._key, pre_authentication_encoding(PAYLOAD_TYPE, statement), self._rsa_scheme)
        return render_bundle(Envelope(statement, PAYLOAD_TYPE, signature, self._material), self._fingerprint)


class RemoteSigner:
    """Implements `bot.ports.trust.Signer` with a key that never comes here: KMS, HSM, Vault.

    Each signature is checked before it leaves, so that a key that was exchanged behind its name is noticed here and not by
    whoever verifies the record years later. Raises Unavailable where the key's home does not answer.
    """

    def __init__(self, signer: LibrarySigner, public_key: PublicKey, chain: Sequence[Certificate] = ()) -> None:
        self._signer = signer
        self._public_key = public_key
        self._fingerprint = fingerprint(public_key)
        self._material = _material(self._fingerprint, chain)

    def __repr__(self) -> str:
        return f"RemoteSigner({self._fingerprint[:12]}…)"

    @property
    def key_sha256(self) -> str:
        return self._fingerprint

    @property
    def public_key(self) -> PublicKey:
        return self._public_key

    def sign(self, statement: bytes) -> bytes:
        envelope = Envelope(statement, PAYLOAD_TYPE, self._ask(statement), self._material)
        if not signature_holds(envelope, self._public_key):
            saw = f"a signature that is not by key {self._fingerprint[:16]}…"
            raise Refused(f"saw {saw}; wanted one by the key that `signing.key_uri` named at the start; start llmgate again")
        return render_bundle(envelope, self._fingerprint)

    def _ask(self, statement: bytes) -> bytes:
        try:
            return bytes.fromhex(self._signer.sign(pre_authentication_encoding(PAYLOAD_TYPE, statement)).signature)
        except Exception as error:  # each vendor's client raises its own; their texts may hold what was sent
            kind = type(error).__name__
            raise Unavailable(f"saw no signature from the key of `signing.key_uri` ({kind}); wanted one; try again") from None


def _material(name: str, chain: Sequence[Certificate]) -> Material:
    """A root in the chain stays out: signers must not bring one (sigstore/protobuf-specs), and no reader would believe it."""
    if not chain:
        return Material(key_hint=name)
    shown = [chain[0], *(one for one in chain[1:] if one.subject != one.issuer)]
    return Material(certificates=tuple(as_der(one) for one in shown))
