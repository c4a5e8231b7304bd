"""A timestamp authority as RFC 3161 has one: it answers with the time it is told to tell.

Forms: RFC 3161 2.4.2 (response, TSTInfo), RFC 5652 5 (signed data), RFC 5035 (which certificate signed).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from tests.local_sigstore.authority import new_key, usage_of

SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
SHA256, ECDSA_WITH_SHA256, POLICY = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2", "1.3.6.1.4.1.55555.2"


@dataclass
class Stamper:
    """The authority: a root, and the certificate that stamps."""

    since: datetime
    root_key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)

    def __post_init__(self) -> None:
        self.root = self._certificate("stamps root", self.root_key, ca=True)
        self.certificate = self._certificate("stamps", self.key, ca=False)

    def stamp(self, content: bytes, at: datetime) -> bytes:
        """A response (DER) that says: this content was there at that time (whole seconds)."""
        imprint = sequence(sequence(oid(SHA256)), octets(hashlib.sha256(content).digest()))
        told = tlv(0x18, at.strftime("%Y%m%d%H%M%SZ").encode())
        info = sequence(number(1), oid(POLICY), imprint, number(7), told)
        signed = sequence(
            number(3),
            tlv(0x31, sequence(oid(SHA256))),
            sequence(oid(TST_INFO), tlv(0xA0, octets(info))),
            tlv(0xA0, self.certificate.public_bytes(Encoding.DER)),
            tlv(0x31, self._signer(info)),
        )
        return sequence(sequence(number(0)), sequence(oid(SIGNED_DATA), tlv(0xA0, signed)))

    def listed(self, **valid_for: str) -> dict[str, Any]:
        """How a trusted root lists it."""
        chain = [
            {"rawBytes": base64.b64encode(one.public_bytes(Encoding.DER)).decode()} for one in (self.certificate, self.root)
        ]
        return {
            "subject": {"organization": "local", "commonName": "stamps"},
            "uri": "http://stamps.local",
            "certChain": {"certificates": chain},
            "validFor": {"start": self.since.isoformat(), **valid_for},
        }

    def _signer(self, info: bytes) -> bytes:
        which = octets(hashlib.sha256(self.certificate.public_bytes(Encoding.DER)).digest())
        attributes = b"".join(
            sorted((
                sequence(oid(CONTENT_TYPE), tlv(0x31, oid(TST_INFO))),
                sequence(oid(MESSAGE_DIGEST), tlv(0x31, octets(hashlib.sha256(info).digest()))),
                sequence(oid(SIGNING_CERTIFICATE), tlv(0x31, sequence(sequence(sequence(which))))),
            ))
        )  # fmt: skip
        signature = self.key.sign(tlv(0x31, attributes), ec.ECDSA(hashes.SHA256()))
        return sequence(
            number(1),
            sequence(self.certificate.issuer.public_bytes(), number(self.certificate.serial_number)),
            sequence(oid(SHA256)),
            tlv(0xA0, attributes),
            sequence(oid(ECDSA_WITH_SHA256)),
            octets(signature),
        )

    def _certificate(self, name: str, key: ec.EllipticCurvePrivateKey, ca: bool) -> x509.Certificate:
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stamps root")])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(self.since).not_valid_after(self.since + timedelta(days=3650))
        usage = usage_of(key_cert_sign=True, crl_sign=True) if ca else usage_of(digital_signature=True)
        builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True).add_extension(usage, critical=True)
        if not ca:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        return builder.sign(self.root_key, hashes.SHA256())


def tlv(tag: int, *parts: bytes) -> bytes:
    """One DER value of any length."""
    content = b"".join(parts)
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8 or 1, "big")
    length = size if len(content) < 128 else bytes((0x80 | len(size),)) + size
    return bytes((tag,)) + length + content


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def octets(content: bytes) -> bytes:
    return tlv(0x04, content)


def number(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(name: str) -> bytes:
    return asn1.encode_der(ObjectIdentifier(name))
