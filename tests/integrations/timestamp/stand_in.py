"""A time-stamping authority as RFC 3161 has it, over HTTP on loopback. It refuses what the standard does not have.

Tokens are written by hand in DER: RFC 3161 section 2.4, RFC 5652 sections 5.1 to 5.4 and 11, RFC 5816 section 2.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integrations.sandbox.serve import Served

INTEGER, OCTETS, OID, SEQUENCE, SET, TIME, BOOLEAN = 0x02, 0x04, 0x06, 0x30, 0x31, 0x18, 0x01
UTF8, BITS = 0x0C, 0x03
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE_V2, ECDSA_SHA256 = "1.2.840.113549.1.9.16.2.47", "1.2.840.10045.4.3.2"
SHA256, POLICY = "2.16.840.1.101.3.4.2.1", "1.3.6.1.4.1.99999.1"
BAD_ALGORITHM, BAD_FORMAT = 0, 5


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    octets = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + body


def integer(value: int) -> bytes:
    return der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    return der(OID, bytes((first * 40 + second,)), *map(_base128, rest))


def _base128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(0x80 | number & 0x7F)
    return bytes(reversed(digits))


def elements(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each value. ValueError on anything but DER with short tags."""
    at = 0
    while at < len(body):
        if at + 2 > len(body):
            raise ValueError("cut off")
        tag, length, at = body[at], body[at + 1], at + 2
        if length >= 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(body[at : at + size], "big"), at + size
        if at + length > len(body):
            raise ValueError("cut off")
        yield tag, body[at : at + length]
        at += length


@dataclass(frozen=True)
class Asked:
    digest: bytes
    nonce: int | None
    certified: bool


def read_request(content: bytes) -> Asked | int:
    """TimeStampReq (section 2.4.1), or the PKIFailureInfo bit that says why not."""
    try:
        ((tag, body),) = elements(content)
        (version_tag, version), (imprint_tag, imprint), *rest = elements(body)
        (algorithm_tag, algorithm), (digest_tag, digest) = elements(imprint)
    except ValueError:
        return BAD_FORMAT
    tags = (tag, version_tag, imprint_tag, algorithm_tag, digest_tag)
    if tags != (SEQUENCE, INTEGER, SEQUENCE, SEQUENCE, OCTETS) or version != b"\1" or len(digest) != 32:
        return BAD_FORMAT
    if not algorithm.startswith(oid(SHA256)):
        return BAD_ALGORITHM
    found = dict(rest)
    nonce = int.from_bytes(found[INTEGER], "big", signed=True) if INTEGER in found else None
    return Asked(digest, nonce, found.get(BOOLEAN) == b"\xff")


@dataclass
class Authority:
    """Keys and certificates; `now` is its clock. The remaining fields are ways to be wrong."""

    now: Callable[[], datetime]
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING
    other_nonce: bool = False
    other_digest: bool = False
    root_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        root = _certificate("Root", self.root_key.public_key(), "Root", self.now())
        self.root = root.add_extension(x509.BasicConstraints(True, None), True).sign(self.root_key, hashes.SHA256())
        own = _certificate("Clock", self.key.public_key(), "Root", self.now())
        own = own.add_extension(x509.ExtendedKeyUsage([self.purpose]), True)
        own = own.add_extension(x509.BasicConstraints(False, None), True)
        self.certificate = own.sign(self.root_key, hashes.SHA256())
        self.serial = 0

    @property
    def root_pem(self) -> bytes:
        return self.root.public_bytes(Encoding.PEM)

    def answer(self, content: bytes) -> bytes:
        """TimeStampResp (section 2.4.2)."""
        asked = read_request(content)
        if isinstance(asked, int):
            bits = bytes((7 - asked, 1 << 7 - asked))
            return der(SEQUENCE, der(SEQUENCE, integer(2), der(SEQUENCE, der(UTF8, b"not such a request")), der(BITS, bits)))
        return der(SEQUENCE, der(SEQUENCE, integer(0)), self.token(asked))

    def token(self, asked: Asked) -> bytes:
        info = self._info(asked)
        algorithm = der(SEQUENCE, oid(SHA256))
        content = der(SEQUENCE, oid(TST_INFO), der(0xA0, der(OCTETS, info)))
        certificates = der(0xA0, self.certificate.public_bytes(Encoding.DER)) if asked.certified else b""
        signers = der(SET, self._signer(info, algorithm))
        signed = der(SEQUENCE, integer(3), der(SET, algorithm), content, certificates, signers)
        return der(SEQUENCE, oid(SIGNED_DATA), der(0xA0, signed))

    def _info(self, asked: Asked) -> bytes:
        self.serial += 1
        digest = bytes(32) if self.other_digest else asked.digest
        imprint = der(SEQUENCE, der(SEQUENCE, oid(SHA256)), der(OCTETS, digest))
        nonce = 4711 if self.other_nonce else asked.nonce
        at = f"{self.now():%Y%m%d%H%M%SZ}".encode()
        tail = integer(nonce) if nonce is not None else b""
        return der(SEQUENCE, integer(1), oid(POLICY), imprint, integer(self.serial), der(TIME, at), tail)

    def _signer(self, info: bytes, algorithm: bytes) -> bytes:
        certificate = hashlib.sha256(self.certificate.public_bytes(Encoding.DER)).digest()
        named = der(SEQUENCE, der(SEQUENCE, der(SEQUENCE, der(OCTETS, certificate))))
        attributes = sorted(
            der(SEQUENCE, oid(kind), der(SET, value))
            for kind, value in (
                (CONTENT_TYPE, oid(TST_INFO)),
                (MESSAGE_DIGEST, der(OCTETS, hashlib.sha256(info).digest())),
                (SIGNING_CERTIFICATE_V2, named),
            )
        )
        signature = self.key.sign(der(SET, *attributes), ec.ECDSA(hashes.SHA256()))
        issuer = der(SEQUENCE, self.certificate.issuer.public_bytes(), integer(self.certificate.serial_number))
        made_with = der(SEQUENCE, oid(ECDSA_SHA256))
        return der(SEQUENCE, integer(1), issuer, algorithm, der(0xA0, *attributes), made_with, der(OCTETS, signature))


class AuthorityDoor:
    """The authority behind HTTP (section 3.4). `status` other than 200: it is out of order."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.status = 200
        self.content_type = "application/timestamp-reply"
        self._served = Served(Starlette(routes=[Route("/tsa", self._stamp, methods=["POST"])]))
        self.url = f"{self._served.url}/tsa"

    async def _stamp(self, request: Request) -> Response:
        if self.status != 200:
            return Response("out of order", self.status, {"retry-after": "30"})
        if request.headers.get("content-type") != "application/timestamp-query":
            return Response("wanted application/timestamp-query", 415)
        return Response(self.authority.answer(await request.body()), media_type=self.content_type)

    def close(self) -> None:
        self._served.close()


def _certificate(name: str, key: ec.EllipticCurvePublicKey, issuer: str, now: datetime) -> x509.CertificateBuilder:
    def named(word: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, word)])

    builder = x509.CertificateBuilder(named(issuer), named(name), key, x509.random_serial_number())
    return builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=3650))
