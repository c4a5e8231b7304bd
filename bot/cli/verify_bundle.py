"""`llmgate verify-bundle`: any Sigstore bundle, by the command line of sigstore-conformance.

The protocol is `verify-bundle [--staging] --bundle FILE (--certificate-identity ID --certificate-oidc-issuer URL | --key PEM)
[--trusted-root FILE] FILE_OR_DIGEST` (sigstore/sigstore-conformance `docs/cli_protocol.md`); exit 0 accepts. Over it we take
digests of git objects too, and bundles without a log entry where a key is given. Nothing is asked over the network: without
`--trusted-root` it is the public instance's root as this release of sigstore-python embeds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli.outcome import fail

if TYPE_CHECKING:
    from integrations.sigstore.artifact import Artifact


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who is to have signed: an identity and its issuer, or a key."""

    identity: str = ""
    issuer: str = ""
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Roots:
    """Against which instance: a trusted_root.json, else the public one or its staging twin."""

    trusted_root: Path | None = None
    staging: bool = False


def run_verify_bundle(bundle: Path, signatory: Signatory, roots: Roots, file_or_digest: str) -> None:
    """Exit 0 where it holds, else 1 with one line on standard error."""
    from integrations.sigstore.artifact import BadArtifact, read_artifact
    from integrations.sigstore.keys import BadKey

    by_identity = bool(signatory.identity and signatory.issuer)
    if by_identity == bool(signatory.key) or bool(signatory.identity) != bool(signatory.issuer):
        wanted = "--certificate-identity with --certificate-oidc-issuer, or --key alone"
        fail(f"saw neither a whole identity nor a key alone; wanted {wanted}; say who is to have signed")
    try:
        content, artifact = bundle.read_bytes(), read_artifact(file_or_digest)
        problem = _problem(content, signatory, roots, artifact)
    except OSError as error:
        fail(f"saw {error.filename}: {error.strerror}; wanted a file that can be read; correct the path")
    except (BadArtifact, BadKey) as error:
        fail(str(error))
    if problem:
        fail(problem)
    typer.echo(f"Verified: {artifact}.")


def _problem(content: bytes, signatory: Signatory, roots: Roots, artifact: Artifact) -> str:
    """Raises OSError and BadKey."""
    from integrations.sigstore.key_check import check_with_key
    from integrations.sigstore.keyless import KeylessVerifier
    from integrations.sigstore.keys import read_public_key

    if signatory.key:
        key = read_public_key(signatory.key.read_bytes(), str(signatory.key))
        return check_with_key(content, key, artifact, _root(roots))
    verifier = KeylessVerifier(_root(roots), "--trusted-root")
    return verifier.check_artifact(content, artifact, signatory.issuer, signatory.identity).problem


def _root(roots: Roots) -> Path:
    from integrations.sigstore.roots import PUBLIC, STAGING, embedded_root

    return roots.trusted_root or embedded_root(STAGING if roots.staging else PUBLIC)
