"""A certificate for this machine's own address, as a mail server shows it."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
BEGINS, ENDS = datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)


class Certificate:
    """Signed by itself: whoever should believe it must be told so."""

    def __init__(self, host: str = HOST) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server for stories")])
        names: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address(host))] if host == HOST else [x509.DNSName(host)]
        builder = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=self._key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(BEGINS).not_valid_after(ENDS)
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.pem = builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def shown(self) -> ssl.SSLContext:
        """For the server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            both = Path(folder) / "both.pem"
            both.write_bytes(self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + self.pem)
            context.load_cert_chain(both)
        return context

    def believed(self) -> ssl.SSLContext:
        """For a client that believes this one and no other."""
        return ssl.create_default_context(cadata=self.pem.decode())
