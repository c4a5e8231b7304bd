"""A Sigstore instance that keeps no log: GitHub's own, which signs for private repositories, and others run like it.

sigstore-python wants an entry of a log in every bundle. Such an instance has none by design, and its trusted root says so by
listing neither logs nor certificate logs; what proves the time there is an RFC 3161 timestamp alone. Where a root lists a log,
an entry of it stays demanded: a bundle cannot choose to do without.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from integrations.sigstore.authority import CertificateAuthority, Vouched
from integrations.sigstore.bundle import Envelope, Message
from integrations.sigstore.timestamps import TimestampAuthorities, instant

ROOT = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"


class ListedAuthority(CertificateAuthority):
    """One authority of a trusted root: each certificate of its chain is an anchor, as the root lists it."""

    whose = "the trusted ones"
    where = "the trusted root"


@dataclass(frozen=True, slots=True)
class UnloggedInstance:
    """Its authorities with the times in which they were to be believed, and whose timestamps prove a time."""

    authorities: tuple[tuple[ListedAuthority, datetime, datetime | None], ...]
    timestamps: TimestampAuthorities

    def vouch_for(self, found: Envelope | Message) -> Vouched:
        """Judge the certificate at the time that the bundle's timestamps prove; without one nothing is believed."""
        at = self.timestamps.prove(found.material.timestamps, found.signature)
        if at is None:
            saw = "a keyless signature with neither a log entry nor a timestamp that proves its time"
            return Vouched(None, problem_saw=saw, problem_wanted="a timestamp (RFC 3161) of an authority of the trusted root")
        judged = [one.vouch_for(found, at) for one, since, until in self.authorities if _within(at, since, until)]
        good = [one for one in judged if one.key is not None]
        saw = f"a trusted root with no authority for {at:%Y-%m-%d %H:%M} UTC"
        nobody = Vouched(None, problem_saw=saw, problem_wanted="one for that time")
        return (good or judged or [nobody])[0]


def read_unlogged(trusted_root: Path) -> UnloggedInstance | None:
    """The instance of a root that lists no logs; None where it lists any. Raises OSError, ValueError, KeyError, TypeError."""
    whole = json.loads(trusted_root.read_bytes())
    if whole.get("mediaType") != ROOT or whole.get("tlogs") or whole.get("ctlogs"):
        return None
    authorities = tuple(_authority(one) for one in whole["certificateAuthorities"])
    return UnloggedInstance(authorities, TimestampAuthorities(trusted_root))


def _authority(listed: dict[str, dict[str, list[dict[str, str]]]]) -> tuple[ListedAuthority, datetime, datetime | None]:
    certificates = [base64.b64decode(one["rawBytes"]) for one in listed["certChain"]["certificates"]]
    valid_for = listed["validFor"]
    until = instant(valid_for["end"]) if valid_for.get("end") else None
    return ListedAuthority([x509.load_der_x509_certificate(one) for one in certificates]), instant(valid_for["start"]), until


def _within(at: datetime, since: datetime, until: datetime | None) -> bool:
    """A closed range, as protobuf-specs has it."""
    return since <= at and (until is None or at <= until)
