"""Agent Trace records (RFC of January 2026): which ranges of which files an AI contributed to.

The format does not say where records are stored; those found in a commit's note are read. Whatever is not as the format says is
passed over: a record raises suspicion, and half of one does so too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

LIMIT = 2_000_000
"""Longest record that is read, in characters."""
FILES = 5_000
MACHINE = ("ai", "mixed")


@dataclass(frozen=True, slots=True)
class FileAuthorship:
    """A file that a model wrote in: `ranges` are (first, last) lines as recorded, `operator` an address if one was stated."""

    path: str
    tool: str
    model: str
    ranges: tuple[tuple[int, int], ...] = ()
    operator: str = ""


def parse_trace(text: str) -> tuple[FileAuthorship, ...] | None:
    """Files with AI or mixed contributions; None where the text is no Agent Trace record."""
    if len(text) > LIMIT or not text.lstrip().startswith("{"):
        return None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    files = record.get("files") if isinstance(record, dict) else None
    if not isinstance(files, list) or "version" not in record:
        return None
    tool = record.get("tool")
    name = text_of(tool, "name")
    found = (_authorship(file, name) for file in files[:FILES])
    return tuple(file for file in found if file is not None)


def text_of(value: object, key: str) -> str:
    """The text under `key` of a mapping; empty where there is no mapping or no text."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _authorship(file: object, tool: str) -> FileAuthorship | None:
    path = text_of(file, "path")
    ranges: list[tuple[int, int]] = []
    model = ""
    seen = False
    for conversation in _list(file, "conversations"):
        for contributor, lines in _contributions(conversation):
            if text_of(contributor, "type").lower() in MACHINE:
                seen = True
                model = model or text_of(contributor, "model_id")
                ranges += lines
    return FileAuthorship(path, tool, model, tuple(ranges)) if path and seen else None


def _contributions(conversation: object) -> Iterator[tuple[object, list[tuple[int, int]]]]:
    """Each range with its own contributor, else the conversation's."""
    if not isinstance(conversation, dict):
        return
    own = conversation.get("contributor")
    ranges = _list(conversation, "ranges")
    if not ranges:
        yield own, []
    for part in ranges:
        if isinstance(part, dict):
            first, last = part.get("start_line"), part.get("end_line")
            lines = [(first, last)] if isinstance(first, int) and isinstance(last, int) and 1 <= first <= last else []
            yield part.get("contributor", own), lines


def _list(value: object, key: str) -> list[object]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []
