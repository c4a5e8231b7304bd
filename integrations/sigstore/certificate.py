"""Whom a signing certificate is for, and who vouched for them.

Fulcio writes the identity as the one alternative name and the issuer as an extension, in an old form (plain bytes) and a new
one (DER); sources: sigstore/fulcio `docs/certificate-specification.md`, `docs/oid-info.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import serialization

ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
ISSUER_AS_DER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
OTHER_NAME = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7")


@dataclass(frozen=True, slots=True)
class Holder:
    """The names a certificate is for (Fulcio writes one) and the issuer that vouched; empty where it says none."""

    names: tuple[str, ...]
    issuer: str

    def __str__(self) -> str:
        return f"{' and '.join(self.names) or 'nobody named'} (by {self.issuer or 'no issuer named'})"


def holder_of(certificate: x509.Certificate) -> Holder:
    """Read the names. May raise what cryptography raises on a malformed certificate."""
    return Holder(alternative_names(certificate), _issuer(certificate))


def called(certificate: x509.Certificate) -> str:
    """What an organisation calls the holder: the subject (RFC 4514), else the first alternative name, else a number."""
    subject = certificate.subject.rfc4514_string()
    return subject or next(iter(alternative_names(certificate)), f"serial number {certificate.serial_number:x}")


def alternative_names(certificate: x509.Certificate) -> tuple[str, ...]:
    """The addresses and URIs in it, and Fulcio's own kind of name. May raise what cryptography raises."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    others = [other.value for other in found.get_values_for_type(x509.OtherName) if other.type_id == OTHER_NAME]
    return (
        *found.get_values_for_type(x509.RFC822Name),
        *found.get_values_for_type(x509.UniformResourceIdentifier),
        *(asn1.decode_der(str, value) for value in others),
    )


def _issuer(certificate: x509.Certificate) -> str:
    """The new form where there is one. The old one beside it must agree, or two readers would learn two issuers."""
    new, old = _extension(certificate, ISSUER_AS_DER), _extension(certificate, ISSUER)
    said = {asn1.decode_der(str, new)} if new is not None else set()
    said |= {old.decode()} if old is not None else set()
    return said.pop() if len(said) == 1 else ""


def _extension(certificate: x509.Certificate, name: x509.ObjectIdentifier) -> bytes | None:
    try:
        value = certificate.extensions.get_extension_for_oid(name).value
    except x509.ExtensionNotFound:
        return None
    return value.value if isinstance(value, x509.UnrecognizedExtension) else None


def as_der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
