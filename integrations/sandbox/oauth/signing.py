"""Keys that sign identity tokens, and how the world is told of them (RFC 7517)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

Algorithm = Literal["RS256", "ES256"]


@dataclass(frozen=True, slots=True)
class SigningKey:
    algorithm: Algorithm
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    kid: str

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half."""
        public = self.key.public_key()
        told = RSAAlgorithm.to_jwk(public) if isinstance(public, rsa.RSAPublicKey) else ECAlgorithm.to_jwk(public)
        known = {name: value for name, value in json.loads(told).items() if name not in ("key_ops", "kid")}
        return {**known, "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def signed(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode(dict(claims), self.key, self.algorithm, {"kid": self.kid})


@lru_cache(maxsize=8)
def signing_key(name: str, algorithm: Algorithm = "RS256") -> SigningKey:
    """The key of that name, the same for the process: making one is slow, and it guards nothing but the sandbox."""
    kid = hashlib.sha256(f"{name} {algorithm}".encode()).hexdigest()[:16]
    if algorithm == "ES256":
        return SigningKey(algorithm, ec.generate_private_key(ec.SECP256R1()), kid)
    return SigningKey(algorithm, rsa.generate_private_key(public_exponent=65537, key_size=2048), kid)


def left_half(token: str) -> str:
    """`at_hash` of an access token (OpenID Connect Core 1.0, 3.1.3.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
