"""What lies on this machine and decides: keys, and the organisation's policy. What cannot be used is BadSettings."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from cryptography.x509 import Certificate

from bot.config import BadSettings, Settings, Signing
from bot.core.policy.file import Parsed
from bot.core.policy.text import parse_policy
from bot.handlers.kit import Settled, Trust
from bot.main.machine import SystemClock
from bot.ports.clock import Clock
from bot.ports.trust import TimestampAuthority
from integrations.reports.read import ReportFiles
from integrations.sigstore.authority import CertificateAuthority, read_certificates
from integrations.sigstore.certificate import called
from integrations.sigstore.key_uri import open_signer
from integrations.sigstore.keyless import KeylessVerifier, ReviewerCheck
from integrations.sigstore.keys import BadKey, fingerprint, public_pem, read_public_key
from integrations.sigstore.timestamps import NamedAuthority, StampedSigner, TimestampAuthorities
from integrations.sigstore.verifier import KeyRing


def read_trust(signing: Signing, clock: Clock | None = None, stamps: TimestampAuthority | None = None) -> Trust:
    """Keys from their files or homes. `stamps` dates what a certificate signs. Raises BadSettings, naming the setting."""
    try:
        chain = _certificates(signing.certificate_chain)
        signer = open_signer(signing.key_uri or signing.key_file, chain)
        retired = [read_public_key(path.read_bytes(), str(path)) for path in signing.retired_keys]
        documents = [read_public_key(path.read_bytes(), str(path)) for path in signing.document_keys]
        authority = _authority(signing, chain, clock or SystemClock(), stamps)
    except BadKey as error:
        raise BadSettings(f"signing: {error}") from None
    except OSError as error:
        raise BadSettings(f"signing: saw {error.filename}: {error.strerror}; wanted a key or certificate (PEM) there") from None
    keyless = KeylessVerifier(signing.trusted_root)
    keys = retired if chain else [signer.public_key, *retired]  # under an authority it is the certificate that counts
    ring = KeyRing(keys, [signer.public_key, *documents], keyless, authority)
    dated = StampedSigner(signer, stamps) if chain and stamps else signer
    public = {fingerprint(key): public_pem(key) for key in (signer.public_key, *retired)}
    return Trust(dated, ring, ReportFiles(), keyless=ReviewerCheck(keyless), public_keys=public)


def _certificates(path: Path | None) -> list[Certificate]:
    return read_certificates(path.read_bytes(), str(path)) if path else []


def _authority(
    signing: Signing, chain: list[Certificate], clock: Clock, stamps: TimestampAuthority | None
) -> CertificateAuthority | None:
    """The organisation's; None where the settings name none. A chain that would be refused tomorrow is refused now."""
    roots = [root for path in signing.ca_roots for root in read_certificates(path.read_bytes(), str(path))]
    if not roots and not chain:
        return None
    if not roots:
        raise BadKey("saw signing.certificate_chain without signing.ca_roots; wanted both; name the root that it leads to")
    dated = NamedAuthority(stamps) if stamps else TimestampAuthorities(signing.trusted_root)
    authority = CertificateAuthority(roots, chain[1:], clock, dated)
    vouched = authority.check(chain, clock.now()) if chain else None
    if vouched and vouched.problem_saw:
        cure = "renew signing.certificate_chain, or correct signing.ca_roots"
        raise BadKey(f"saw {vouched.problem_saw}; wanted {vouched.problem_wanted}; {cure}")
    return authority.for_records(*(called(one) for one in chain[:1]))


def read_settled(settings: Settings) -> Settled:
    """The organisation's policy, read, and where cards go. Raises BadSettings."""
    return Settled(
        _floor(settings.policy.floor_file),
        settings.slack.channel,
        settings.slack.channels,
        settings.web.public_url,
        settings.log.audit_channel,
        settings.oidc.claims,
        timedelta(minutes=settings.notify.after_minutes),
    )


def _floor(path: Path | None) -> Parsed | None:
    if path is None:
        return None
    try:
        return parse_policy(path.read_text(), str(path))
    except OSError as error:
        raise BadSettings(f"policy.floor_file: saw {path}: {error.strerror}; wanted the organisation's policy there") from None
