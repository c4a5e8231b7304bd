"""What lies on this machine and decides: keys, and the organisation's policy. What cannot be used is BadSettings."""

from __future__ import annotations

from pathlib import Path

from bot.config import BadSettings, Settings, Signing
from bot.core.policy.file import Parsed
from bot.core.policy.text import parse_policy
from bot.handlers.kit import Settled, Trust
from integrations.reports.read import ReportFiles
from integrations.sigstore.keyless import KeylessVerifier, ReviewerCheck
from integrations.sigstore.keys import BadKey, load_key, read_public_key
from integrations.sigstore.signer import KeySigner
from integrations.sigstore.verifier import KeyRing


def read_trust(signing: Signing) -> Trust:
    """Keys as they lie in their files. Raises BadSettings, naming the file."""
    try:
        key = load_key(signing.key_file)
        retired = [read_public_key(path.read_bytes(), str(path)) for path in signing.retired_keys]
        documents = [read_public_key(path.read_bytes(), str(path)) for path in signing.document_keys]
    except BadKey as error:
        raise BadSettings(f"signing: {error}") from None
    except OSError as error:
        raise BadSettings(f"signing: saw {error.filename}: {error.strerror}; wanted a public key (PEM) there") from None
    keyless = KeylessVerifier(signing.trusted_root)
    ring = KeyRing([key.public_key(), *retired], documents, keyless)
    return Trust(KeySigner(key), ring, ReportFiles(), keyless=ReviewerCheck(keyless))


def read_settled(settings: Settings) -> Settled:
    """The organisation's policy, read, and where cards go. Raises BadSettings."""
    return Settled(
        _floor(settings.policy.floor_file),
        settings.slack.channel,
        settings.slack.channels,
        settings.web.public_url,
        settings.log.audit_channel,
        settings.oidc.claims,
    )


def _floor(path: Path | None) -> Parsed | None:
    if path is None:
        return None
    try:
        return parse_policy(path.read_text(), str(path))
    except OSError as error:
        raise BadSettings(f"policy.floor_file: saw {path}: {error.strerror}; wanted the organisation's policy there") from None
