"""When a signature was there, proved by RFC 3161 timestamps of authorities that a Sigstore trusted root lists.

The timestamp covers the bytes of the signature (sigstore/protobuf-specs `sigstore_bundle.proto`), so it binds what was
signed. An authority's time range is closed: both its ends count (`sigstore_common.proto`, TimeRange).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509


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
    return _Authority(chain, _instant(start), _instant(end) if end else None)


def _instant(said: object) -> datetime:
    """Without an offset it would be no instant."""
    found = datetime.fromisoformat(str(said))
    if found.tzinfo is None:
        raise ValueError("a time without an offset")
    return found
