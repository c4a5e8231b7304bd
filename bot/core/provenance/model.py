"""Provenance of generated code: how it came to be, in one compact document a generation.

A document is hostile until its signature says otherwise, and its prompt is never in it: a keyed or salted digest only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Attestation = Literal["none", "organisation-key", "keyless", "invalid"]


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A file of the document: its path at the time and the digests of its content.

    `hashes` holds `sha256:<64 hex>` and `gitblob:<40 hex>`, one or both.
    """

    path: str
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Something the model was shown: its id, digest, SPDX licence expression and where it came from."""

    doc_id: str
    hash: str
    license: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A library or plug-in of the tooling chain, with its version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ProvenanceDocument:
    """A document that met the schema. Fields are the schema's, one to one."""

    model_name: str
    model_version: str
    model_provider: str
    prompt_hash: str
    prompt_version: str
    user_id: str
    agent_id: str
    timestamp: datetime
    files_generated: tuple[GeneratedFile, ...]
    retrievals: tuple[Retrieval, ...] = ()
    tooling_chain: tuple[Tool, ...] = ()
    generation_confidence: float | None = None
    descriptor: str = ""
    template: str = ""
    """Id and version of the template, for generated tests."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a document or report was not taken. `saw` never quotes a prompt or a secret."""

    saw: str
    wanted: str
    cure: str


@dataclass(frozen=True, slots=True)
class RawDocument:
    """Bytes of the change under `.llmgate/provenance/`: a document, or a Sigstore bundle that carries one."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A file that should hold provenance, read: a document, or the reason it was refused.

    `attested` says what its signature proved; `signer` who signed, in words; `digest` is the SHA-256 of the raw bytes.
    """

    path: str
    digest: str
    document: ProvenanceDocument | None = None
    refusal: Refusal | None = None
    attested: Attestation = "none"
    signer: str = ""
    attestation_problem: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which generated file is covered by which document; the rest says what is wrong, a name each."""

    covered: tuple[tuple[str, str], ...] = ()
    """(path of the file, path of the document)"""
    uncovered: tuple[str, ...] = ()
    drifted: tuple[tuple[str, str], ...] = ()
    """(path of the file, path of the document whose digest no longer matches)"""
    unknown: tuple[str, ...] = ()
    """Files whose content could not be read, so that no digest could be compared."""
    missing: tuple[tuple[str, str], ...] = field(default=())
    """(path, document): a document names a file that the change does not have."""
