"""A certificate authority as Fulcio is one: short-lived certificates for an identity, each promised to a certificate log.

Profile: sigstore/fulcio `docs/certificate-specification.md` and `docs/oid-info.md`; the embedded promise is RFC 6962's.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

PROMISES = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
ISSUER, ISSUER_AS_DER = ObjectIdentifier("1.3.6.1.4.1.57264.1.1"), ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
LIFETIME = timedelta(minutes=10)
SHA256_WITH_ECDSA = bytes((4, 3))


def spki(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def log_id(key: ec.EllipticCurvePublicKey) -> bytes:
    """What a log is called: the digest of its key."""
    return hashlib.sha256(spki(key)).digest()


@dataclass(frozen=True)
class Claim:
    """Whom a certificate is for, and since when."""

    identity: str
    issuer: str
    at: datetime


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Authority:
    """The authority's key and the certificate log's."""

    since: datetime
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    promising_key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)

    def __post_init__(self) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "local sigstore")])
        self.root = (
            x509.CertificateBuilder(name, name, self.key.public_key(), x509.random_serial_number())
            .not_valid_before(self.since)
            .not_valid_after(self.since + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage_of(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def issue(self, key: ec.EllipticCurvePublicKey, claim: Claim) -> x509.Certificate:
        """A certificate of ten minutes."""
        body = self._body(key, claim)
        before = body.sign(self.key, hashes.SHA256())
        promise = self._promise(before.tbs_certificate_bytes, claim.at)
        return body.add_extension(x509.UnrecognizedExtension(PROMISES, promise), critical=False).sign(self.key, hashes.SHA256())

    def _body(self, key: ec.EllipticCurvePublicKey, claim: Claim) -> x509.CertificateBuilder:
        issuer = claim.issuer.encode()
        identity = x509.RFC822Name if "@" in claim.identity and "/" not in claim.identity else x509.UniformResourceIdentifier
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (usage_of(digital_signature=True), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False),
            (x509.SubjectKeyIdentifier.from_public_key(key), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False),
            (x509.SubjectAlternativeName([identity(claim.identity)]), True),
            (x509.UnrecognizedExtension(ISSUER, issuer), False),
            (x509.UnrecognizedExtension(ISSUER_AS_DER, der(0x0C, issuer)), False),
        ]
        builder = x509.CertificateBuilder(self.root.subject, x509.Name([]), key, x509.random_serial_number())
        builder = builder.not_valid_before(claim.at).not_valid_after(claim.at + LIFETIME)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder

    def _promise(self, unpromised: bytes, at: datetime) -> bytes:
        """The list of one signed certificate timestamp, as the extension's value."""
        milliseconds = int(at.timestamp()) * 1000
        issuer = hashlib.sha256(spki(self.key.public_key())).digest()
        size = struct.pack("!I", len(unpromised))[1:]
        signed = struct.pack("!BBQH", 0, 0, milliseconds, 1) + issuer + size + unpromised + bytes(2)
        signature = self.promising_key.sign(signed, ec.ECDSA(hashes.SHA256()))
        head = bytes(1) + log_id(self.promising_key.public_key()) + struct.pack("!QH", milliseconds, 0)
        one = head + SHA256_WITH_ECDSA + struct.pack("!H", len(signature)) + signature
        return der(0x04, struct.pack("!HH", len(one) + 2, len(one)) + one)


def der(tag: int, content: bytes) -> bytes:
    """One DER value of less than 256 bytes."""
    length = bytes((len(content),)) if len(content) < 128 else bytes((0x81, len(content)))
    return bytes((tag,)) + length + content


def usage_of(**true: bool) -> x509.KeyUsage:
    """A key usage of these bits alone."""
    bits = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    more = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{bit: true.get(bit, False) for bit in (*bits, *more)})
