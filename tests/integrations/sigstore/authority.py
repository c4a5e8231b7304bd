"""An organisation's certificate authority for tests: a root, an intermediate, and certificates with one thing wrong each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from tests.local_sigstore.authority import new_key, usage_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
Public = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey


@dataclass(frozen=True)
class Profile:
    """What a certificate says; by default a good signer's, valid for 90 days around NOON."""

    name: str = "llmgate signing"
    since: datetime = NOON - timedelta(days=1)
    until: datetime = NOON + timedelta(days=89)
    ca: bool = False
    path_length: int | None = None
    usage: tuple[str, ...] | None = ("digital_signature",)
    purposes: Sequence[ObjectIdentifier] | None = (ExtendedKeyUsageOID.CODE_SIGNING,)
    unknown: bool = False
    """Whether it has a critical extension that nobody knows."""


AUTHORITY = Profile("Acme", NOON - YEAR, NOON + 9 * YEAR, True, None, ("key_cert_sign", "crl_sign"), None)
BELOW = replace(AUTHORITY, name="Acme Signing")


@dataclass(frozen=True)
class Issuer:
    """An authority and its key."""

    profile: Profile = AUTHORITY
    by: Issuer | None = None
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)

    @property
    def certificate(self) -> x509.Certificate:
        return (self.by or self).issue(self.key.public_key(), self.profile)

    def under(self, profile: Profile = BELOW) -> Issuer:
        """An authority below this one."""
        return Issuer(profile, self)

    def issue(self, key: Public, profile: Profile = Profile()) -> x509.Certificate:
        builder = x509.CertificateBuilder(named(self.profile.name), named(profile.name), key, x509.random_serial_number())
        builder = builder.not_valid_before(profile.since).not_valid_after(profile.until)
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.BasicConstraints(profile.ca, profile.path_length), True),
            (x509.SubjectKeyIdentifier.from_public_key(key), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False),
        ]
        if profile.usage is not None:
            extensions.append((usage_of(**dict.fromkeys(profile.usage, True)), True))
        if profile.purposes is not None:
            extensions.append((x509.ExtendedKeyUsage(profile.purposes), False))
        if profile.unknown:
            extensions.append((x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\x05\x00"), True))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, hashes.SHA256())


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
