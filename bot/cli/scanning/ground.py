"""What the head of a repository says about all of its changes: policy, owners, attributes, headers, notes.

The gate reads these from the base branch at the time of a change; a scan asks what today's rules would have said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.cli.scanning.home import forge_of
from bot.core.attributes import ATTRIBUTE, marks
from bot.core.detection.marks.builtin import BUILTIN
from bot.core.detection.model import Signal
from bot.core.detection.paths import HEADER_LINES, file_signals
from bot.core.facts import ChangedFile
from bot.core.forges import FORGES
from bot.core.ids import ForgeName
from bot.core.policy.join import join
from bot.core.policy.model import Policy
from bot.core.policy.text import parse_policy
from bot.ports.errors import Refused
from integrations.git.blobs import Blobs
from integrations.git.repository import Repository, find_files, list_files, list_notes
from integrations.git.words import text

POLICY = ".llmgate/policy.yaml"
HEADER = "generated[_ -]by[_ -]llm"
MOST_HEADERS = 5_000
OPENING = 64 * 1024
"""Bytes of a file in which its header is looked for."""


@dataclass(frozen=True, slots=True)
class Ground:
    """`present` leads from each path at the head to its blob; `openings` from a blob to its first lines, where they hold a
    mark; `notes` from a commit to the blob of its note."""

    forge: ForgeName
    policy: Policy
    owners_text: str
    owners_path: str
    present: Mapping[str, str]
    openings: Mapping[str, str]
    notes: Mapping[str, str]
    marked: Callable[[str], bool]
    has_attributes: bool

    def mark_signals(self) -> tuple[Signal, ...]:
        """Signals of the files at the head themselves."""
        found: list[Signal] = []
        for path, blob in self.present.items():
            marked = self.has_attributes and self.marked(path)
            if marked or blob in self.openings:
                found += file_signals(ChangedFile(path, "modified", 0, 0, opening=self.openings.get(blob), marked=marked))
        return tuple(found)


def survey(repository: Repository, blobs: Blobs) -> Ground:
    """Read the head once. Refused where a file that decides cannot be read."""
    head = repository.head
    present = {entry.path: entry.blob for entry in list_files(repository, head)} if head else {}
    attributes = _text(".gitattributes", present, blobs) or ""
    forge = forge_of(repository, present)
    owners_path = next((path for path in FORGES[forge].owners_places if path in present), "")
    return Ground(
        forge=forge,
        policy=_policy(repository, _text(POLICY, present, blobs)),
        owners_text=_text(owners_path, present, blobs) or "",
        owners_path=owners_path,
        present=present,
        openings=_openings(repository, present, blobs) if head else {},
        notes=list_notes(repository),
        marked=marks(attributes),
        has_attributes=ATTRIBUTE in attributes,
    )


def _policy(repository: Repository, words: str | None) -> Policy:
    if words is None:
        return join(None, None, "defaults")
    return join(None, parse_policy(words, POLICY), f"{POLICY} at {(repository.head or '')[:12]}")


def _text(path: str, present: Mapping[str, str], blobs: Blobs) -> str | None:
    if path not in present:
        return None
    content = blobs.read(present[path])
    if content is None:
        raise Refused(f"saw {path} too large to be read; wanted at most 4 MB; shorten it")
    return text(content)


def _openings(repository: Repository, present: Mapping[str, str], blobs: Blobs) -> dict[str, str]:
    """First lines of the files that speak of `generated_by_llm` at all, kept where they really carry the mark."""
    found: dict[str, str] = {}
    for path in find_files(repository, HEADER, MOST_HEADERS):
        blob = present.get(path, "")
        content = blobs.read(blob) if blob else None
        opening = "\n".join(text(content[:OPENING]).split("\n")[:HEADER_LINES]) if content else ""
        if opening and file_signals(ChangedFile(path, "added", 0, 0, opening=opening), BUILTIN):
            found[blob] = opening
    return found
