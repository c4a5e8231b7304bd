"""Which generated file is bound to which document, by content.

A document speaks for a file only while every digest that can be compared agrees. A renamed file is drift even where its bytes
are the same: the document names a path that is gone, and the new one wants attesting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.core.facts import ChangedFile
from bot.core.provenance.model import Coverage, FoundDocument, GeneratedFile

_Match = Literal["covered", "unknown", "drifted"]
_STRENGTH = {"keyless": 0, "organisation-key": 0, "none": 1}


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one document says of one file."""

    match: _Match
    document: str


def cover(documents: Sequence[FoundDocument], generated: Sequence[ChangedFile]) -> Coverage:
    """Sort the generated files by what the documents say of them; removed files need no cover.

    Documents that were refused or whose signature is invalid cover nothing. Where several cover a file, a signed one is named.
    """
    usable = sorted(
        (found for found in documents if found.document and not found.refusal and found.attested != "invalid"),
        key=lambda found: (_STRENGTH.get(found.attested, 1), found.path),
    )
    entries = _entries(usable)
    covered: list[tuple[str, str]] = []
    drifted: list[tuple[str, str]] = []
    unknown: list[str] = []
    uncovered: list[str] = []
    for file in sorted((file for file in generated if file.status != "removed"), key=lambda file: file.path):
        claim = _best(file, entries)
        if claim is None:
            uncovered.append(file.path)
        elif claim.match == "unknown":
            unknown.append(file.path)
        else:
            (covered if claim.match == "covered" else drifted).append((file.path, claim.document))
    return Coverage(tuple(covered), tuple(uncovered), tuple(drifted), tuple(unknown), _missing(entries, generated))


def _entries(usable: Sequence[FoundDocument]) -> dict[str, list[tuple[GeneratedFile, str]]]:
    entries: dict[str, list[tuple[GeneratedFile, str]]] = {}
    for found in usable:
        for entry in found.document.files_generated if found.document else ():
            entries.setdefault(entry.path, []).append((entry, found.path))
    return entries


def _best(file: ChangedFile, entries: dict[str, list[tuple[GeneratedFile, str]]]) -> _Claim | None:
    """The first claim that covers; else one that could not be compared; else one that no longer agrees."""
    claims = list(_claims(file, entries))
    for wanted in ("covered", "unknown", "drifted"):
        for claim in claims:
            if claim.match == wanted:
                return claim
    return None


def _claims(file: ChangedFile, entries: dict[str, list[tuple[GeneratedFile, str]]]) -> Iterator[_Claim]:
    for entry, document in entries.get(file.path, ()):
        yield _Claim(_compare(entry, file), document)
    if file.previous_path and file.previous_path != file.path:
        for _, document in entries.get(file.previous_path, ()):
            yield _Claim("drifted", document)


def _compare(entry: GeneratedFile, file: ChangedFile) -> _Match:
    known = {"sha256": file.sha256, "gitblob": file.blob}
    agreed = False
    for digest in entry.hashes:
        algorithm, _, value = digest.partition(":")
        actual = known.get(algorithm)
        if actual and actual != value:
            return "drifted"
        agreed = agreed or bool(actual)
    return "covered" if agreed else "unknown"


def _missing(
    entries: dict[str, list[tuple[GeneratedFile, str]]], generated: Sequence[ChangedFile]
) -> tuple[tuple[str, str], ...]:
    present = {file.path for file in generated} | {file.previous_path for file in generated}
    absent = ((path, document) for path, named in entries.items() if path not in present for _, document in named)
    return tuple(sorted(set(absent)))
