"""What single files show: a mark in their header, a git attribute of the base, a provenance document that names them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.detection.marks.builtin import BUILTIN
from bot.core.detection.marks.row import UNNAMED
from bot.core.detection.marks.table import MarkTable
from bot.core.detection.model import Signal
from bot.core.detection.naming import agent_of_tool
from bot.core.detection.spelling import plain, quote
from bot.core.facts import ChangedFile
from bot.core.provenance.model import FoundDocument

ATTRIBUTE = "llmgate-generated"
PROVENANCE = ".llmgate/provenance/"
HEADER_LINES = 20
PLAIN_YES = frozenset({"true", "yes", "1"})


def file_signals(file: ChangedFile, table: MarkTable = BUILTIN) -> tuple[Signal, ...]:
    """Header and attribute signals of one file; a removed file has none."""
    if file.status == "removed":
        return ()
    found: list[Signal] = []
    if file.opening:
        head = "\n".join(plain(file.opening).split("\n")[:HEADER_LINES])
        for mark, match in table.matching("header", head, head.lower()):
            named = (match.groupdict().get("agent") or "").strip()
            agent = agent_of_tool(named, table) if named and named.lower() not in PLAIN_YES else mark.agent
            found.append(Signal(agent, mark.id, "header", mark.grade, quote(match[0]), path=file.path))
    attribute = table.carriers.get(ATTRIBUTE)
    if file.marked and attribute:
        saw = f"{ATTRIBUTE} in the base's git attributes"
        found.append(Signal(attribute.agent, attribute.id, "attribute", attribute.grade, saw, path=file.path))
    return tuple(found)


def document_signals(
    documents: Sequence[FoundDocument], files: Sequence[ChangedFile], table: MarkTable = BUILTIN
) -> tuple[Signal, ...]:
    """One signal for each changed file that a document claims.

    A document that the change brings but that was refused, or names no file of the change, still declares that something was
    generated: it speaks for the whole change.
    """
    row = table.carriers.get(PROVENANCE)
    if row is None:
        return ()
    now = {path: file.path for file in files for path in (file.previous_path, file.path) if path}
    found: list[Signal] = []
    for entry in documents:
        document = entry.document
        agent = agent_of_tool(document.agent_id or document.model_name, table) if document else UNNAMED
        grade = "A" if entry.attested in ("organisation-key", "keyless") else row.grade
        claimed = dict.fromkeys(now[file.path] for file in document.files_generated if file.path in now) if document else {}
        for path in claimed:
            found.append(Signal(agent, row.id, "document", grade, quote(f"{entry.path} names {path}"), path=path))
        if not claimed and (entry.path in now or document is None):
            found.append(Signal(agent, row.id, "document", grade, quote(entry.path)))
    return tuple(found)
