"""The part of a change that is measured: the lines it added to each generated file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.facts import ChangedFile
from bot.core.patch import PatchLine, patch_lines

_TYPES_ONLY = re.compile(r"(\s*)if\s+(?:typing\.)?TYPE_CHECKING\s*:")


@dataclass(frozen=True, slots=True)
class Scope:
    """The added lines of one file. `lines` is None where the forge left the patch out: then only `additions` is known.

    `inert` are lines that never run and that no author hides behind: bodies of `...`, and all under `if TYPE_CHECKING:`.
    """

    path: str
    lines: frozenset[int] | None
    additions: int
    whole: bool
    inert: frozenset[int] = frozenset()

    def has(self, line: int, end: int = 0) -> bool:
        """Whether any line of a place is in the scope. Line 0 means the whole file; a scope without lines may have any line."""
        if line <= 0 or self.lines is None:
            return self.additions > 0
        if end <= line:
            return line in self.lines
        return any(line <= number <= end for number in self.lines)


def scope_of(file: ChangedFile) -> Scope:
    """What a changed file adds. Blank lines are left out of `lines` and of `additions`: nothing can run in them."""
    if not file.patch:
        return Scope(file.path, frozenset() if not file.additions else None, file.additions, whole=file.status == "added")
    shown = [line for line in patch_lines(file.patch) if line.kind != "removed"]
    added = frozenset(line.number for line in shown if line.kind == "added" and line.text.strip())
    inert = _inert(shown) if file.path.endswith(".py") else frozenset()
    return Scope(file.path, added, len(added), whole=file.status == "added", inert=inert)


def _inert(lines: Iterable[PatchLine]) -> frozenset[int]:
    found: set[int] = set()
    block: int | None = None
    before = 0
    for line in lines:
        indent = len(line.text) - len(line.text.lstrip())
        if block is not None and line.text.strip() and (indent <= block or line.number != before + 1):
            block = None
        before = line.number
        opened = _TYPES_ONLY.fullmatch(line.text.split("#")[0].rstrip())
        if block is not None or opened or _is_stub(line.text):
            found.add(line.number)
        if opened and block is None:
            block = indent
    return frozenset(found)


def _is_stub(text: str) -> bool:
    code = text.split("#")[0].strip()
    head = code.removesuffix("...").rstrip()
    if head == code or ";" in code:
        return False
    return not head or (head.startswith(("def ", "async def ", ")")) and head.endswith(":"))
