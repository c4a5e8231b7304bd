"""What of a reading may be kept in the store: prompts and secrets may not.

A refused document may hold either, so its bytes are forgotten once they are judged, and the gap that is left in their place
has the forge asked again at the next look. The notes of commits may quote whole conversations; what says which lines a model
wrote is kept of them, and what was said to it is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from bot.core.facts import Commit, Gap
from bot.core.provenance.leaks import is_prompt_key
from bot.core.provenance.model import FoundDocument
from bot.ports.forge import HeadFacts

DEEPEST = 40
_MARK = re.compile(r"(?m)^---[ \t]*\r?$")
"""Between the two halves of a git-ai note."""
_CONTAINER = "prompts"
"""A key of git-ai's notes that only holds others, by id."""


def keepable(head: HeadFacts, documents: Sequence[FoundDocument]) -> HeadFacts:
    """The reading of a head as it may be stored; `documents` are the same ones, read."""
    commits = tuple(_commit(commit) for commit in head.commits)
    refused = {found.path for found in documents if found.document is None}
    if not refused:
        return replace(head, commits=commits)
    files = tuple(replace(file, patch=None, opening=None) if file.path in refused else file for file in head.files)
    kept = tuple(document for document in head.documents if document.path not in refused)
    gap = Gap("provenance", "refused documents, which are not kept", "documents that can be taken")
    return replace(head, commits=commits, files=files, documents=kept, gaps=(*head.gaps, gap))


def _commit(commit: Commit) -> Commit:
    return commit if commit.note is None else replace(commit, note=without_prompts(commit.note))


def without_prompts(note: str) -> str:
    """The note with nothing in it that was said to a model or by one. What cannot be read is left out whole."""
    if note.lstrip().startswith("{"):
        return _silenced(note)
    mark = _MARK.search(note)
    return note if mark is None else note[: mark.end()] + "\n" + _silenced(note[mark.end() :])


def _silenced(text: str) -> str:
    try:
        metadata: object = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return json.dumps(_silent(metadata, DEEPEST))


def _silent(value: object, depth: int) -> object:
    if depth == 0:
        return None
    if isinstance(value, list):
        return [_silent(inner, depth - 1) for inner in value]
    if isinstance(value, dict):
        return {
            key: _silent(inner, depth - 1) for key, inner in value.items() if key == _CONTAINER or not is_prompt_key(str(key))
        }
    return value
