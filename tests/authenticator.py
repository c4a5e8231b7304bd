"""An authenticator in software, and the browser's part beside it: answers like those of `navigator.credentials`.

It does as it is told: other places, no user verification, a counter that falls, so that what must be refused can be made.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from bot.core import base64url

Algorithm = Literal["ES256", "EdDSA", "RS256"]
PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def _ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Browser:
    """The page that the person is at, and what their authenticator does there."""

    origin: str
    flags: int = PRESENT | VERIFIED
    extra: dict[str, Any] = field(default_factory=dict)
    """Further members of the client data."""

    def client_data(self, ceremony: str, challenge: str) -> bytes:
        said = {"type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **self.extra}
        return json.dumps(said, separators=(",", ":")).encode()


@dataclass
class SoftKey:
    """One credential. `private` is made to the algorithm where none is given."""

    algorithm: Algorithm = "ES256"
    id: str = base64url.encode(b"credential-of-bob")
    counter: int = 0
    private: Any = None

    def __post_init__(self) -> None:
        if self.private is None:
            makers = {"ES256": _ec_key, "EdDSA": ed25519.Ed25519PrivateKey.generate, "RS256": _rsa_key}
            self.private = makers[self.algorithm]()

    def cose(self) -> bytes:
        """The public key (RFC 9053, 7)."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: self.private.public_key().public_bytes_raw()})
        numbers = self.private.public_key().public_numbers()
        if isinstance(numbers, rsa.RSAPublicNumbers):
            size = (numbers.n.bit_length() + 7) // 8
            return cbor2.dumps({1: 3, 3: -257, -1: numbers.n.to_bytes(size, "big"), -2: numbers.e.to_bytes(3, "big")})
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def create(self, options: str, browser: Browser) -> str:
        """What `credentials.create` came to, as JSON."""
        asked = json.loads(options)
        made = base64url.decode(self.id)
        attested = bytes(16) + len(made).to_bytes(2, "big") + made + self.cose()
        data = self._data(asked["rp"]["id"], browser.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = browser.client_data("webauthn.create", asked["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def get(self, options: str, browser: Browser) -> str:
        """What `credentials.get` came to, as JSON."""
        asked = json.loads(options)
        return self.sign(asked["challenge"], asked["rpId"], browser)

    def sign(self, challenge: str, rp_id: str, browser: Browser) -> str:
        client = browser.client_data("webauthn.get", challenge)
        data = self._data(rp_id, browser.flags)
        signature = self._sign(data + hashlib.sha256(client).digest())
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _data(self, rp_id: str, flags: int) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _sign(self, content: bytes) -> bytes:
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(content, ec.ECDSA(hashes.SHA256()))
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(content, padding.PKCS1v15(), hashes.SHA256())
        return bytes(self.private.sign(content))

    def _answer(self, **fields: bytes) -> str:
        response = {name: base64url.encode(content) for name, content in fields.items()}
        return json.dumps({"id": self.id, "rawId": self.id, "type": "public-key", "response": response})


def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)
