"""What the person at the command line believes: keys and roots, as files that they got from their organisation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.cli.outcome import USAGE, fail
from bot.core.tlog.note import BadVerifierKey, VerifierKey, parse_vkey
from bot.handlers.identity.proofs import ProofTools
from bot.handlers.ledger.judging import Trusted
from integrations.sigstore.authority import CertificateAuthority, read_certificates
from integrations.sigstore.keyless import KeylessVerifier, ReviewerCheck
from integrations.sigstore.keys import BadKey, read_public_key
from integrations.sigstore.signatures import PublicKey
from integrations.sigstore.verifier import KeyRing
from integrations.tlog.keys import check_signature
from integrations.webauthn.assertions import Assertions


@dataclass(frozen=True, slots=True)
class Anchors:
    """Options that name what is believed. Paths, but for `log_key`, which may be the key itself."""

    keys: tuple[Path, ...] = ()
    ca_roots: tuple[Path, ...] = ()
    log_key: str = ""
    trusted_root: Path | None = None


def read_keys(anchors: Anchors) -> list[PublicKey]:
    """The organisation's public keys. Ends the command where one cannot be used."""
    try:
        return [read_public_key(path.read_bytes(), str(path)) for path in anchors.keys]
    except OSError as error:
        fail(f"saw {error.filename}: {error.strerror}; wanted a file that can be read", USAGE)
    except BadKey as error:
        fail(str(error), USAGE)


def read_trusted(anchors: Anchors, keys: list[PublicKey]) -> Trusted:
    """Everything that judges. Ends the command where something cannot be used."""
    keyless = KeylessVerifier(anchors.trusted_root)
    ring = KeyRing(keys, keyless=keyless, authority=_authority(anchors.ca_roots))
    tools = ProofTools(Assertions(), ReviewerCheck(keyless))
    return Trusted(ring, tools, _log_keys(anchors.log_key), check_signature)


def _authority(paths: tuple[Path, ...]) -> CertificateAuthority | None:
    if not paths:
        return None
    try:
        return CertificateAuthority([root for path in paths for root in read_certificates(path.read_bytes(), str(path))])
    except OSError as error:
        fail(f"saw {error.filename}: {error.strerror}; wanted certificates (PEM) there", USAGE)
    except BadKey as error:
        fail(str(error), USAGE)


def _log_keys(given: str) -> tuple[VerifierKey, ...]:
    """A verifier key, or the file that it lies in."""
    if not given:
        return ()
    try:
        text = Path(given).read_text() if Path(given).is_file() else given
        return tuple(parse_vkey(line.strip()) for line in text.splitlines() if line.strip())
    except BadVerifierKey as error:
        fail(f"--log-key: {error}", USAGE)
    except OSError as error:
        fail(f"saw {given}: {error.strerror}; wanted the log's verifier key", USAGE)
