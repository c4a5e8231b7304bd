"""Provenance documents and evidence reports that a change brought along, read with the gate's own readers.

Signatures are not checked: the keys that may sign are the installation's, and a scan has none. A signed document counts as
unsigned here, and the report says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from bot.core.evidence.model import Evidence, RawReport
from bot.core.facts import ChangedFile
from bot.core.provenance.envelope import disclose
from bot.core.provenance.model import FoundDocument, Refusal
from bot.core.provenance.read import read_document
from integrations.git.blobs import Blobs

PROVENANCE = ".llmgate/provenance/"
EVIDENCE = ".llmgate/evidence/"
MOST = 200
"""Files of each kind that are read of one change."""


def read_documents(files: Iterable[ChangedFile], blobs: Blobs) -> tuple[FoundDocument, ...]:
    """Every document of the change, or the reason why it is none."""
    return tuple(_document(path, content) for path, content in _contents(files, PROVENANCE, blobs))


def read_evidence(files: Iterable[ChangedFile], blobs: Blobs) -> Evidence:
    """Every report of the change, recomputed."""
    reports = [RawReport(path, content) for path, content in _contents(files, EVIDENCE, blobs)]
    if not reports:
        return Evidence()
    from integrations.reports.read import ReportFiles  # XML and its defences: seldom needed

    return ReportFiles().read(reports)


def _contents(files: Iterable[ChangedFile], folder: str, blobs: Blobs) -> Iterable[tuple[str, bytes]]:
    wanted = [file for file in files if file.blob and file.path.startswith(folder)][:MOST]
    for file in wanted:
        yield file.path, blobs.read(file.blob or "") or b""


def _document(path: str, content: bytes) -> FoundDocument:
    digest = hashlib.sha256(content).hexdigest()
    read = read_document(_payload(content), path)
    if isinstance(read, Refusal):
        return FoundDocument(path, digest, refusal=read)
    return FoundDocument(path, digest, document=read)


def _payload(content: bytes) -> bytes:
    """What a bundle carries, or the bytes themselves."""
    from integrations.sigstore.bundle import BadBundle, is_bundle, read_bundle

    if not is_bundle(content):
        return content
    try:
        found = disclose(read_bundle(content).payload)
    except BadBundle:
        return content
    return content if isinstance(found, Refusal) else found
