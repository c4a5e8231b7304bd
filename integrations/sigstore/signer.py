"""The organisation's key, at work."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec

from integrations.sigstore.bundle import sign_bundle
from integrations.sigstore.keys import fingerprint


class KeySigner:
    """Implements `bot.ports.trust.Signer` with a key in memory."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._fingerprint = fingerprint(key.public_key())

    def __repr__(self) -> str:
        return f"KeySigner({self._fingerprint[:12]}…)"

    @property
    def key_sha256(self) -> str:
        return self._fingerprint

    def sign(self, statement: bytes) -> bytes:
        return sign_bundle(self._key, self._fingerprint, statement)
