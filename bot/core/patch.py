"""Reading unified diffs: which lines a change added, what an added file holds, and whether two diffs are the same patch.

Input is the text below a file's header lines, as GitHub's `patch` and GitLab's `diff` fields carry it (hunks only).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_NO_NEWLINE = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class PatchLine:
    """One line of a hunk. `number` is its line in the new file for kept and added lines, in the old one for removed."""

    kind: Literal["kept", "added", "removed"]
    number: int
    text: str
    ends: bool = True
    """False where the diff says that no newline follows."""


def patch_lines(patch: str) -> Iterator[PatchLine]:
    """The lines of a patch in order. Whatever stands before the first hunk is passed over."""
    old = new = 0
    inside = False
    pending: PatchLine | None = None
    for raw in patch.split("\n"):
        hunk = _HUNK.match(raw)
        if raw.startswith(_NO_NEWLINE[:12]) and pending:
            pending = PatchLine(pending.kind, pending.number, pending.text, ends=False)
            continue
        if pending:
            yield pending
            pending = None
        if hunk:
            old, new, inside = int(hunk[1]), int(hunk[3]), True
        elif inside and raw:
            pending, old, new = _step(raw, old, new)
    if pending:
        yield pending


def old_ranges(patch: str) -> Iterator[tuple[int, int]]:
    """First and last line in the old file of each hunk, with the lines around a change; nothing for a hunk that has none."""
    for hunk in map(_HUNK.match, patch.split("\n")):
        if hunk and (count := int(hunk[2] or 1)):
            yield int(hunk[1]), int(hunk[1]) + count - 1


def _step(raw: str, old: int, new: int) -> tuple[PatchLine | None, int, int]:
    mark, text = raw[0], raw[1:]
    if mark == "+":
        return PatchLine("added", new, text), old, new + 1
    if mark == "-":
        return PatchLine("removed", old, text), old + 1, new
    if mark == " ":
        return PatchLine("kept", new, text), old + 1, new + 1
    return None, old, new


def added_lines(patch: str) -> tuple[int, ...]:
    """Numbers, in the new file, of the lines that the patch added."""
    return tuple(line.number for line in patch_lines(patch) if line.kind == "added")


def added_content(patch: str, additions: int) -> bytes | None:
    """The whole content of a file that the patch adds; None where the patch cannot be all of it.

    `additions` is the forge's own count. The caller compares `git_blob_id` of the answer with the forge's object id
    before believing it: a file in another encoding than UTF-8 fails there.
    """
    lines = list(patch_lines(patch))
    if any(line.kind != "added" for line in lines) or len(lines) != additions:
        return None
    return "".join(line.text + ("\n" if line.ends else "") for line in lines).encode()


def opening_lines(patch: str, limit: int = 20) -> str | None:
    """The first lines of the new file, where the patch shows them from line 1; None where it starts further down."""
    shown = [line for line in patch_lines(patch) if line.kind != "removed"]
    if not shown or shown[0].number != 1:
        return None
    return "\n".join(line.text for line in shown[:limit] if line.number <= limit)


def git_blob_id(content: bytes) -> str:
    """The SHA-1 object id that git gives to a blob (git's own content address, not a security digest)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def patch_id(patches: Iterable[tuple[str, str | None]]) -> str:
    """SHA-256 hex over (path, patch) pairs with positions left out, as `git patch-id --stable` does: a clean rebase keeps it.

    Empty where a patch is missing: what cannot be seen cannot be called the same.
    """
    whole = hashlib.sha256()
    for path, patch in sorted(patches, key=lambda pair: pair[0]):
        if patch is None:
            return ""
        whole.update(b"file\0" + path.encode() + b"\0")
        for line in patch_lines(patch):
            whole.update(line.kind[0].encode() + line.text.encode() + b"\n")
    return whole.hexdigest()
