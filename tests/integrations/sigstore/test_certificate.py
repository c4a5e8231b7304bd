"""Names in a signing certificate: which are read, and that two issuers are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from integrations.sigstore.certificate import ISSUER, ISSUER_AS_DER, OTHER_NAME, Holder, holder_of
from tests.local_sigstore.authority import der, new_key

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OURS, THEIRS = b"https://issuer.acme.example", b"https://issuer.evil.example"


def certificate(names: list[x509.GeneralName], **issuers: bytes) -> x509.Certificate:
    key = new_key()
    builder = x509.CertificateBuilder(x509.Name([]), x509.Name([]), key.public_key(), 1)
    builder = builder.not_valid_before(NOON).not_valid_after(NOON + timedelta(minutes=10))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
    for form, value in issuers.items():
        identifier = ISSUER if form == "old" else ISSUER_AS_DER
        builder = builder.add_extension(x509.UnrecognizedExtension(identifier, value), critical=False)
    return builder.sign(key, hashes.SHA256())


@pytest.mark.parametrize(
    ("issuers", "issuer"),
    [
        ({"old": OURS}, OURS),
        ({"new": der(0x0C, OURS)}, OURS),
        ({"old": OURS, "new": der(0x0C, OURS)}, OURS),
        ({"old": OURS, "new": der(0x0C, THEIRS)}, b""),
        ({"old": THEIRS, "new": der(0x0C, OURS)}, b""),
        ({}, b""),
    ],
)
def test_the_issuer_counts_where_both_forms_agree(issuers: dict[str, bytes], issuer: bytes) -> None:
    assert holder_of(certificate([x509.RFC822Name("ann@acme.example")], **issuers)).issuer == issuer.decode()


def test_every_kind_of_name_is_read() -> None:
    names: list[x509.GeneralName] = [
        x509.UniformResourceIdentifier("https://acme.example/w"),
        x509.RFC822Name("ann@acme.example"),
        x509.OtherName(OTHER_NAME, der(0x0C, b"ann!acme")),
        x509.OtherName(x509.ObjectIdentifier("1.2.3"), der(0x0C, b"root")),
        x509.DNSName("acme.example"),
    ]
    assert holder_of(certificate(names)).names == ("ann@acme.example", "https://acme.example/w", "ann!acme")


def test_a_certificate_for_nobody_says_so() -> None:
    assert str(holder_of(certificate([]))) == "nobody named (by no issuer named)"
    assert holder_of(certificate([])) == Holder((), "")
