"""When a signature was there, proved by RFC 3161 timestamps in its bundle: of authorities that a Sigstore trusted root lists,
or of the one that the settings name for the log.

The timestamp covers the bytes of the signature (sigstore/protobuf-specs `sigstore_bundle.proto`), so it binds what was
signed. An authority's time range is closed: both its ends count (`sigstore_common.proto`, TimeRange). A bundle keeps whole
responses, the port `TimestampAuthority` the token in them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509

from bot.ports.trust import Signer, TimestampAuthority
from integrations.sigstore.bundle import read_bundle, render_bundle

GRANTED = bytes.fromhex("3003020100")
"""PKIStatusInfo { status granted(0) }, DER: what stands before the token in a response (RFC 3161 section 2.4.2)."""


class Stamps(Protocol):
    """Whoever can say what a bundle's timestamps prove."""

    def prove(self, stamps: Sequence[bytes], signature: bytes) -> datetime | None:
        """The earliest time at which one of the stamps (DER responses) proves the signature to exist; None: none does."""
        ...


@dataclass(frozen=True, slots=True)
class NamedAuthority:
    """The stamps of one authority, checked by its port."""

    authority: TimestampAuthority

    def prove(self, stamps: Sequence[bytes], signature: bytes) -> datetime | None:
        tokens = [token for one in stamps if (token := _token(one))]
        proved = [at for token in tokens if isinstance(at := self.authority.check(token, signature), datetime)]
        return min(proved, default=None)


class StampedSigner:
    """Implements `bot.ports.trust.Signer`: another signer's bundles, each with a timestamp over its signature.

    For certificates, whose signatures outlive them only so. Raises WorldError where the authority does not answer: a
    signature that would die with its certificate is not handed out.
    """

    def __init__(self, signer: Signer, authority: TimestampAuthority) -> None:
        self._signer = signer
        self._authority = authority

    @property
    def key_sha256(self) -> str:
        return self._signer.key_sha256

    def sign(self, statement: bytes) -> bytes:
        envelope = read_bundle(self._signer.sign(statement))
        stamp = _response(self._authority.stamp(envelope.signature))
        stamped = replace(envelope, material=replace(envelope.material, timestamps=(stamp,)))
        return render_bundle(stamped, self.key_sha256)


@dataclass(frozen=True, slots=True)
class TimestampAuthorities:
    """`trusted_root` is a trusted_root.json; None: nobody's timestamps prove anything."""

    trusted_root: Path | None = None

    def prove(self, stamps: Sequence[bytes], signature: bytes) -> datetime | None:
        """The earliest time at which one of the stamps (DER responses) proves the signature to exist; None: none does."""
        authorities = self._read() if stamps else []
        proved = [at for one in stamps for authority in authorities if (at := authority.proved(one, signature))]
        return min(proved, default=None)

    def _read(self) -> list[_Authority]:
        """A root that cannot be read lists nobody: the signature then stands without a time."""
        if self.trusted_root is None:
            return []
        try:
            whole = json.loads(self.trusted_root.read_bytes())
            return [_authority(one) for one in whole.get("timestampAuthorities", [])]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return []


@dataclass(frozen=True, slots=True)
class _Authority:
    """One authority: its certificate, those between, its root, and when it was to be believed."""

    chain: tuple[x509.Certificate, ...]
    since: datetime
    until: datetime | None

    def proved(self, stamp: bytes, signature: bytes) -> datetime | None:
        from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

        signer, *between, root = self.chain
        builder = VerifierBuilder().tsa_certificate(signer).add_root_certificate(root)
        for one in between:
            builder = builder.add_intermediate_certificate(one)
        try:
            response = decode_timestamp_response(stamp)
            builder.build().verify_message(response, signature)
        except (VerificationError, ValueError):
            return None
        at = response.tst_info.gen_time.astimezone(UTC)
        return at if self.since <= at and (self.until is None or at <= self.until) else None


def _authority(listed: dict[str, dict[str, object]]) -> _Authority:
    certificates = listed["certChain"]["certificates"]
    if not isinstance(certificates, list) or len(certificates) < 2:
        raise ValueError("an authority needs its own certificate and a root")
    chain = tuple(x509.load_der_x509_certificate(base64.b64decode(one["rawBytes"])) for one in certificates)
    start, end = listed["validFor"]["start"], listed["validFor"].get("end")
    return _Authority(chain, instant(start), instant(end) if end else None)


def instant(said: object) -> datetime:
    """A time of a trusted root (RFC 3339). Raises ValueError, also without an offset, since that were no instant."""
    found = datetime.fromisoformat(str(said))
    if found.tzinfo is None:
        raise ValueError("a time without an offset")
    return found


def _token(response: bytes) -> bytes:
    """Empty for bytes that are no response."""
    from rfc3161_client import decode_timestamp_response

    try:
        return decode_timestamp_response(response).time_stamp_token()
    except ValueError:
        return b""


def _response(token: bytes) -> bytes:
    body = GRANTED + token
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return b"\x30" + (size if len(body) < 0x80 else bytes((0x80 | len(size),)) + size) + body
