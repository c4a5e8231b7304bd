"""What a change brings along: provenance documents and test reports, and the digests those documents ask about.

Only files that the change itself adds or alters are taken: a report that a branch inherited from its base says nothing about
this change. Contents come from the patches where those are whole, else from the shelf, all at once.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.core.evidence.model import RawReport
from bot.core.facts import ChangedFile, Gap
from bot.core.provenance.model import RawDocument

PROVENANCE_DIR = ".llmgate/provenance/"
EVIDENCE_DIR = ".llmgate/evidence/"
ENCLOSURES_LIMIT = 200
"""Documents, and as many reports, that one change may bring."""
ASKED_LIMIT = 500
DEPTH_LIMIT = 32


@dataclass(slots=True)
class Found:
    """Contents by git object id, sizes of those that were too large, and the calls it took."""

    contents: dict[str, bytes] = field(default_factory=dict)
    too_large: dict[str, int] = field(default_factory=dict)
    calls: int = 0


Fetch = Callable[[list[str]], Found]


@dataclass(slots=True)
class Enclosed:
    """All that was read, what could not be, and the calls it took."""

    files: tuple[ChangedFile, ...]
    documents: tuple[RawDocument, ...] = ()
    reports: tuple[RawReport, ...] = ()
    gaps: list[Gap] = field(default_factory=list)
    calls: int = 0


def read_enclosures(
    files: tuple[ChangedFile, ...], contents: dict[str, bytes], fetch: Fetch, attached: tuple[RawDocument, ...] = ()
) -> Enclosed:
    """`contents` by object id are what the patches showed; `fetch` reads further objects by id.

    `attached` are documents that came another way than in the tree.
    """
    enclosed = Enclosed(files)
    documents = _within(enclosed, PROVENANCE_DIR)
    reports = _within(enclosed, EVIDENCE_DIR)
    wanted = [file.blob for file in (*documents, *reports) if file.blob and file.blob not in contents]
    found = fetch(wanted) if wanted else Found()
    held = {**contents, **found.contents}
    enclosed.calls += found.calls
    enclosed.documents = tuple(RawDocument(file.path, held[file.blob]) for file in documents if file.blob in held and file.blob)
    enclosed.reports = tuple(RawReport(file.path, held[file.blob]) for file in reports if file.blob in held and file.blob)
    enclosed.documents += attached
    for file in (*documents, *reports):
        if file.blob not in held:
            _miss(enclosed, file, found)
    _answer_documents(enclosed, held, fetch)
    return enclosed


def _within(enclosed: Enclosed, folder: str) -> list[ChangedFile]:
    there = [file for file in enclosed.files if file.path.startswith(folder) and file.status != "removed"]
    if len(there) > ENCLOSURES_LIMIT:
        saw = f"{len(there)} files under {folder}"
        enclosed.gaps.append(Gap(_kind(folder), saw, f"at most {ENCLOSURES_LIMIT} a change; split the change"))
    return there[:ENCLOSURES_LIMIT]


def _miss(enclosed: Enclosed, file: ChangedFile, found: Found) -> None:
    size = found.too_large.get(file.blob or "")
    saw = f"{file.path} is {size} bytes long" if size else f"{file.path} could not be read"
    enclosed.gaps.append(Gap(_kind(file.path), saw, "a regular file that the forge gives whole, of 5 MB at most"))


def _kind(path: str) -> Literal["provenance", "evidence"]:
    return "provenance" if path.startswith(PROVENANCE_DIR) else "evidence"


def _answer_documents(enclosed: Enclosed, held: dict[str, bytes], fetch: Fetch) -> None:
    """Documents may name a file by SHA-256 alone, which the forge does not know: its content is read for that."""
    asked = {path for document in enclosed.documents for path in named_by_sha256(document.content)}
    unknown = [f for f in enclosed.files if f.path in asked and f.sha256 is None and f.blob]
    wanted = [file.blob for file in unknown[:ASKED_LIMIT] if file.blob and file.blob not in held]
    if wanted:
        found = fetch(wanted)
        enclosed.calls += found.calls
        held = {**held, **found.contents}
    enclosed.files = with_contents(enclosed.files, held) if unknown else enclosed.files


def named_by_sha256(content: bytes) -> Iterator[str]:
    """Paths that a document (bare, or inside a bundle) names with a SHA-256 digest and no git object id."""
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict) and isinstance(envelope := value.get("dsseEnvelope"), dict):
        try:
            value = json.loads(base64.b64decode(str(envelope.get("payload", ""))))
        except (ValueError, RecursionError):
            return
    yield from _named(value, DEPTH_LIMIT)


def _named(value: object, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from _named(item, depth - 1)
    elif isinstance(value, dict):
        path = value.get("path")
        digests = [text for key in ("hash", "hashes") for text in _strings(value.get(key))]
        if isinstance(path, str) and digests and not any(digest.startswith("gitblob:") for digest in digests):
            yield path
        for item in value.values():
            yield from _named(item, depth - 1)


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def with_contents(files: tuple[ChangedFile, ...], contents: Mapping[str, bytes]) -> tuple[ChangedFile, ...]:
    """The same files with the digests that `contents` (by object id) allow."""
    return tuple(
        replace(file, sha256=hashlib.sha256(contents[file.blob]).hexdigest())
        if file.sha256 is None and file.blob in contents and file.blob
        else file
        for file in files
    )
