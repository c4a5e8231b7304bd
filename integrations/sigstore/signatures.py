"""Signatures by any key an organisation may have: ECDSA on P-256, P-384 and P-521, Ed25519, RSA (PSS and PKCS#1 v1.5).

A curve fixes its hash, as in securesystemslib and in Sigstore's algorithm registry (sigstore/architecture-docs
`algorithm-registry.md`). Neither DSSE nor a bundle says which padding an RSA key used, so every padding that securesystemslib
signs with is tried; each of them binds the same key to the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
Padding = padding.PSS | padding.PKCS1v15

CURVES: dict[type[ec.EllipticCurve], hashes.HashAlgorithm] = {
    ec.SECP256R1: hashes.SHA256(),
    ec.SECP384R1: hashes.SHA384(),
    ec.SECP521R1: hashes.SHA512(),
}
RSA_HASHES: tuple[hashes.HashAlgorithm, ...] = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())
LEAST_RSA_BITS = 2048
DEFAULT_RSA_SCHEME = "rsassa-pss-sha256"
RSA_SCHEMES: dict[str, tuple[Padding, hashes.HashAlgorithm]] = {
    **{f"rsassa-pss-{one.name}": (padding.PSS(padding.MGF1(one), padding.PSS.DIGEST_LENGTH), one) for one in RSA_HASHES},
    **{f"rsa-pkcs1v15-{one.name}": (padding.PKCS1v15(), one) for one in RSA_HASHES},
}
"""By securesystemslib's names of the schemes."""


def is_fit(key: object) -> bool:
    """Whether a key, public or private, is of a kind and size that may sign here."""
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return type(key.curve) in CURVES
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return key.key_size >= LEAST_RSA_BITS
    return isinstance(key, ed25519.Ed25519PublicKey | ed25519.Ed25519PrivateKey)


def sign_with(key: PrivateKey, content: bytes, rsa_scheme: str = DEFAULT_RSA_SCHEME) -> bytes:
    """The signature of a key in memory."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(content, ec.ECDSA(CURVES[type(key.curve)]))
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(content)
    return key.sign(content, *RSA_SCHEMES[rsa_scheme])


def signed_by(key: PublicKey, signature: bytes, content: bytes) -> bool:
    """Whether the key signed exactly these bytes."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return type(key.curve) in CURVES and _ecdsa(key, signature, content, CURVES[type(key.curve)])
    if isinstance(key, ed25519.Ed25519PublicKey):
        try:
            key.verify(signature, content)
        except InvalidSignature:
            return False
        return True
    return any(_rsa(key, signature, content, (pad, one)) for pad, one in _rsa_ways())


def signs_sha256(key: PublicKey) -> bool:
    """Whether a signature of this key can be checked against a SHA-256 digest alone, without the content."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return isinstance(key.curve, ec.SECP256R1)
    return isinstance(key, rsa.RSAPublicKey)


def digest_signed_by(key: PublicKey, signature: bytes, sha256: bytes) -> bool:
    """Whether the key signed the content of this digest; always False for a key of which `signs_sha256` is False."""
    prehashed = Prehashed(hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePublicKey):
        return signs_sha256(key) and _ecdsa(key, signature, sha256, prehashed)
    if isinstance(key, rsa.RSAPublicKey):
        ways = [(pad, prehashed) for pad, one in _rsa_ways() if isinstance(one, hashes.SHA256)]
        return any(_rsa(key, signature, sha256, way) for way in ways)
    return False


def _ecdsa(
    key: ec.EllipticCurvePublicKey, signature: bytes, content: bytes, algorithm: hashes.HashAlgorithm | Prehashed
) -> bool:
    try:
        key.verify(signature, content, ec.ECDSA(algorithm))
    except InvalidSignature:
        return False
    return True


def _rsa(
    key: rsa.RSAPublicKey, signature: bytes, content: bytes, way: tuple[Padding, hashes.HashAlgorithm | Prehashed]
) -> bool:
    try:
        key.verify(signature, content, *way)
    except InvalidSignature:
        return False
    return True


def _rsa_ways() -> Iterator[tuple[Padding, hashes.HashAlgorithm]]:
    """Any length of salt is taken: a KMS may use the longest, as securesystemslib allows."""
    for one in RSA_HASHES:
        yield padding.PSS(padding.MGF1(one), padding.PSS.AUTO), one
        yield padding.PKCS1v15(), one
