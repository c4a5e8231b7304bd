"""What a signature is asked to be about: a file, or a digest by name, and whether an in-toto statement is about it.

Digest names are in-toto's (in-toto/attestation `spec/v1/digest_set.md`): a statement about a commit has `gitCommit` or `sha1`,
which sigstore-python does not read. A statement may come from anybody, so its subjects are counted before they are compared;
the limits are sigstore-go's.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from bot.core.in_toto import PAYLOAD_TYPE

STATEMENT_TYPES = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")
MAX_SUBJECTS = 1024
MAX_DIGESTS = 32
_DIGEST = re.compile(r"(?P<name>sha256|sha1|gitCommit|gitTree|gitTag|gitBlob):(?P<hex>[0-9a-f]{40}|[0-9a-f]{64})")
_LENGTHS = {"sha256": (64,), "sha1": (40,)}


class BadArtifact(ValueError):
    """No such file, or no digest; the message names what was seen, what was wanted and what to do."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A digest by its name (hex), and the content where it is at hand."""

    name: str
    digest: str
    content: bytes | None = None

    def __str__(self) -> str:
        return f"{self.name}:{self.digest}"

    @property
    def sha256(self) -> bytes | None:
        """None for a git digest, which no bare signature is made over."""
        return bytes.fromhex(self.digest) if self.name == "sha256" else None


def read_artifact(text: str) -> Artifact:
    """A path, or `sha256:`, `sha1:`, `gitCommit:`, `gitTree:`, `gitTag:` or `gitBlob:` and hex digits. Raises BadArtifact."""
    match = _DIGEST.fullmatch(text)
    if match and len(match["hex"]) in _LENGTHS.get(match["name"], (40, 64)):
        return Artifact(match["name"], match["hex"])
    try:
        content = Path(text).read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no path"
        wanted = "a file, or `sha256:` and 64 hex digits, or `gitCommit:` and 40"
        raise BadArtifact(f"saw {text[:200]!r}: {why}; wanted {wanted}; name what was signed") from None
    return Artifact("sha256", hashlib.sha256(content).hexdigest(), content)


def subject_problem(payload_type: str, payload: bytes, artifact: Artifact) -> str:
    """Why signed bytes are not a statement about the artifact: saw, wanted, cure. Empty: they are."""
    if payload_type != PAYLOAD_TYPE:
        return f"saw signed bytes of the type {payload_type[:80]!r}; wanted {PAYLOAD_TYPE}; ask for an in-toto statement"
    try:
        statement = json.loads(payload.decode())
    except (ValueError, RecursionError):
        return "saw signed bytes that are no JSON; wanted an in-toto statement; ask for one"
    subjects = statement.get("subject") if isinstance(statement, dict) else None
    if not isinstance(subjects, list) or statement.get("_type") not in STATEMENT_TYPES:
        return f"saw signed JSON of another kind; wanted {STATEMENT_TYPES[0]} with subjects; ask for one"
    if len(subjects) > MAX_SUBJECTS:
        return f"saw {len(subjects):,} subjects; wanted at most {MAX_SUBJECTS:,}; ask for smaller statements"
    if any(_digest_of(one, artifact.name) == artifact.digest for one in subjects):
        return ""
    return f"saw a statement about {_named(subjects, artifact.name)}; wanted {artifact}; verify what it is about"


def _digest_of(subject: object, name: str) -> str:
    digests = subject.get("digest") if isinstance(subject, dict) else None
    if not isinstance(digests, dict) or len(digests) > MAX_DIGESTS:
        return ""
    found = digests.get(name)
    return found if isinstance(found, str) else ""


def _named(subjects: list[object], name: str) -> str:
    """The first digest of that name, for the eye."""
    found = [digest for one in subjects if (digest := _digest_of(one, name))]
    shown = "".join(character for character in found[0][:64] if character.isalnum()) if found else ""
    return f"{name}:{shown}" + (f" and {len(found) - 1} more" if len(found) > 1 else "") if found else f"no {name} digest"
