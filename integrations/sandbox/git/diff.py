"""What git prints about the difference of two trees, read into values with GitHub's words for a file's status."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_PATCH_BYTES = 1_000_000
MAX_PATCH_LINES = 20_000
"""A single file's diff beyond either is not shown (docs.github.com, "Limits for viewing content and diffs")."""
_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}


@dataclass(frozen=True, slots=True)
class FileChange:
    path: str
    status: str
    additions: int
    deletions: int
    oid: str
    """The blob at head; where the file was removed, the one it had."""
    previous: str | None = None


def parse_changes(raw: bytes) -> tuple[FileChange, ...]:
    """Read `git diff-tree -r -M -z --raw --numstat`: all raw entries first, then as many counts in the same order."""
    tokens = [token.decode("utf-8", "replace") for token in raw.split(b"\0")]
    at = 0
    files: list[tuple[str, str, str, str | None]] = []
    while at < len(tokens) and tokens[at].startswith(":"):
        _, _, old, new, status = tokens[at].split(" ")
        renamed = status[0] in "RC"
        path = tokens[at + 2] if renamed else tokens[at + 1]
        files.append((path, _STATUS[status[0]], old if status[0] == "D" else new, tokens[at + 1] if renamed else None))
        at += 3 if renamed else 2
    counts = _parse_counts(tokens[at:])
    return tuple(
        FileChange(path, status, added, removed, oid, previous)
        for (path, status, oid, previous), (added, removed) in zip(files, counts, strict=True)
    )


def _parse_counts(tokens: list[str]) -> list[tuple[int, int]]:
    counts = []
    at = 0
    while at < len(tokens):
        parts = tokens[at].split("\t", 2)
        at += 1
        if len(parts) < 3:
            continue
        if not parts[2]:  # a rename: both names follow as tokens of their own
            at += 2
        counts.append(tuple(0 if part == "-" else int(part) for part in parts[:2]))
    return [(added, removed) for added, removed in counts]


def split_patches(raw: bytes) -> tuple[str | None, ...]:
    """Cut `git diff-tree -p` into one text of hunks a file."""
    whole = raw.decode("utf-8", "replace")
    return tuple(_hunks(part) for part in re.split(r"^diff --git ", whole, flags=re.MULTILINE)[1:])


def _hunks(part: str) -> str | None:
    start = part.find("\n@@ ")
    if start < 0:
        return None
    hunks = part[start + 1 :].removesuffix("\n")
    return None if len(hunks) > MAX_PATCH_BYTES or hunks.count("\n") > MAX_PATCH_LINES else hunks
