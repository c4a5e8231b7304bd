"""git's own diff, read strictly: one value a file, with the object ids of its `index` line.

The content of a change is hostile. Nothing in it can pass for a header, because a hunk says in its first line how many lines
it holds, and so many are taken unseen. Whatever is not as git writes it raises `NotADiff`: a guess could hide a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.core.facts import FileStatus
from bot.core.patch import git_blob_id

PATCH_LIMIT = 1_000_000
"""A longer patch of one file is counted and not kept, as other forges leave it out."""
SUBMODULE = "160000"
_HUNK = re.compile(rb"@@ -(?:\d+)(?:,(\d+))? \+(?:\d+)(?:,(\d+))? @@")
_INDEX = re.compile(rb"index ([0-9a-f]{40}|[0-9a-f]{64})\.\.([0-9a-f]{40}|[0-9a-f]{64})(?: ([0-7]{6}))?")
_MODE = re.compile(rb"(old|new|new file|deleted file) mode ([0-7]{6})")
_STATUSES: dict[bytes, FileStatus] = {b"new file": "added", b"deleted file": "removed"}
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


class NotADiff(ValueError):
    """The bytes are not a diff as git writes it; the message says where."""


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file. Ids are empty where the diff names none (a pure rename, a change of mode), `mode` too.

    `content` is the whole of an added file's content, where it is shown and its recomputed id is the one named.
    """

    path: str
    status: FileStatus
    old_id: str = ""
    new_id: str = ""
    mode: str = ""
    additions: int = 0
    deletions: int = 0
    previous: str | None = None
    patch: str | None = None
    content: bytes | None = None
    readable: bool = True
    """False where the path is no UTF-8, so that nobody could be asked about it."""

    @property
    def oid(self) -> str:
        """The object at head: what is named, or what stayed as it was."""
        return "" if self.status == "removed" else self.new_id


def read_raw_diff(raw: bytes) -> tuple[RawFile, ...]:
    """Every file of the diff, in order. NotADiff if any byte of it is not understood."""
    lines = _Lines(raw)
    found: list[RawFile] = []
    while not lines.over:
        file = _file(lines)
        if found and _replaces(found[-1], file):
            found[-1] = _retyped(found[-1], file)
        else:
            found.append(file)
    return tuple(found)


class _Lines:
    """A place in the bytes. Lines end with `\\n` and with nothing else."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0
        self.number = 0

    @property
    def over(self) -> bool:
        return self.at >= len(self.raw)

    def peek(self) -> bytes:
        end = self.raw.find(b"\n", self.at)
        return self.raw[self.at : end if end >= 0 else len(self.raw)]

    def take(self) -> bytes:
        line = self.peek()
        self.at += len(line) + 1
        self.number += 1
        return line

    def odd(self, wanted: str) -> NotADiff:
        return NotADiff(f"line {self.number + 1} is not {wanted}")


@dataclass(slots=True)
class _Header:
    """What the extended header lines said."""

    title: bytes
    status: FileStatus = "modified"
    old_id: str = ""
    new_id: str = ""
    mode: str = ""
    moved_from: bytes | None = None
    moved_to: bytes | None = None
    old_name: bytes | None = None
    new_name: bytes | None = None


def _file(lines: _Lines) -> RawFile:
    if not lines.peek().startswith(b"diff --git "):
        raise lines.odd("the start of a file")
    header = _Header(lines.take().removeprefix(b"diff --git "))
    while not lines.over and _extended(header, lines.peek()):
        lines.take()
    if lines.peek().startswith(b"--- "):
        header.old_name = lines.take().removeprefix(b"--- ")
        if not lines.peek().startswith(b"+++ "):
            raise lines.odd("the new file's name")
        header.new_name = lines.take().removeprefix(b"+++ ")
    elif lines.peek().startswith(b"Binary files ") and lines.peek().endswith(b" differ"):
        lines.take()
    elif lines.peek() == b"GIT binary patch":
        _skip_binary(lines)
    file = _named(header, lines)
    return _with_hunks(file, lines) if header.new_name is not None else file


def _extended(header: _Header, line: bytes) -> bool:
    """Take in one extended header line; False where this is none."""
    if mode := _MODE.fullmatch(line):
        header.mode = header.mode if mode[1] in (b"old", b"deleted file") and header.mode else mode[2].decode()
        header.status = _STATUSES.get(mode[1], "changed")
    elif index := _INDEX.fullmatch(line):
        header.old_id, header.new_id = index[1].decode(), index[2].decode()
        header.mode = index[3].decode() if index[3] else header.mode
        header.status = "modified" if header.status == "changed" else header.status
    elif line.startswith((b"rename from ", b"copy from ")):
        header.status = "renamed" if line.startswith(b"rename") else "copied"
        header.moved_from = line.split(b" from ", 1)[1]
    elif line.startswith((b"rename to ", b"copy to ")):
        header.moved_to = line.split(b" to ", 1)[1]
    else:
        return line.startswith((b"similarity index ", b"dissimilarity index "))
    return True


def _named(header: _Header, lines: _Lines) -> RawFile:
    """The file's names: from the lines that hold one each, else from the title, where both are the same."""
    if header.moved_to is not None and header.moved_from is not None:
        new, old = _unquoted(header.moved_to), _unquoted(header.moved_from)
    else:
        shown = header.old_name if header.status == "removed" else header.new_name
        name = _without_prefix(shown) if shown is not None else _from_title(header.title)
        if name is None:
            raise lines.odd("preceded by names that can be read")
        new, old = name, None
    path, readable = _text(new)
    previous, also = _text(old) if old is not None else (None, True)
    return RawFile(
        path, header.status, header.old_id, header.new_id, header.mode, previous=previous, readable=readable and also
    )


def _with_hunks(file: RawFile, lines: _Lines) -> RawFile:
    start = lines.at
    added, removed, kept = 0, 0, 0
    content: list[bytes] = []
    while not lines.over and (hunk := _HUNK.match(lines.peek())):
        lines.take()
        for line in _hunk_lines(lines, *(int(count) if count is not None else 1 for count in hunk.groups())):
            mark = line[:1]
            added, removed = added + (mark == b"+"), removed + (mark == b"-")
            kept += mark not in (b"+", b"-", b"\\")
            if mark == b"\\" and content:
                content[-1] = content[-1].removesuffix(b"\n")
            elif mark == b"+" and file.status == "added":
                content.append(line[1:] + b"\n")
    if not (added or removed or kept):
        raise lines.odd("a hunk")
    text = lines.raw[start : lines.at].removesuffix(b"\n")
    whole = b"".join(content) if file.status == "added" and not (removed or kept) else None
    return replace(
        file,
        additions=added,
        deletions=removed,
        patch=text.decode("utf-8", "replace") if len(text) <= PATCH_LIMIT else None,
        content=whole if whole is not None and git_blob_id(whole) == file.new_id else None,
    )


def _hunk_lines(lines: _Lines, old: int, new: int) -> Iterator[bytes]:
    """So many lines as the hunk says it has, whatever they look like."""
    while old > 0 or new > 0:
        if lines.over:
            raise lines.odd("there, where the hunk goes on")
        line = lines.take()
        mark = line[:1] or b" "  # some git leave the blank off an empty line
        if mark not in (b" ", b"+", b"-", b"\\"):
            raise NotADiff(f"line {lines.number} is not a line of a hunk")
        old -= mark in (b" ", b"-")
        new -= mark in (b" ", b"+")
        if old < 0 or new < 0:
            raise NotADiff(f"line {lines.number} is beyond its hunk's end")
        yield line
    if lines.peek().startswith(b"\\ "):
        yield lines.take()


def _skip_binary(lines: _Lines) -> None:
    """Base85 blocks, which no blank line is part of, each closed by one."""
    lines.take()
    while lines.peek().startswith((b"literal ", b"delta ")):
        while lines.peek():
            lines.take()
        lines.take()


def _from_title(title: bytes) -> bytes | None:
    """`a/NAME b/NAME`: the only name is what both halves agree on."""
    if quoted := _QUOTED.match(title):
        if title[quoted.end() :] == b' "b' + quoted[0].removeprefix(b'"a'):
            return _without_prefix(quoted[0])
        return None
    length = (len(title) - 5) // 2
    name = title[2 : 2 + length]
    return name if name and title == b"a/" + name + b" b/" + name else None


def _without_prefix(shown: bytes) -> bytes | None:
    name = _unquoted(shown.removesuffix(b"\t"))
    return name[2:] if name.startswith((b"a/", b"b/")) and len(name) > 2 else None


def _unquoted(shown: bytes) -> bytes:
    """A name as git quotes it, in C's way."""
    quoted = _QUOTED.fullmatch(shown)
    return _ESCAPE.sub(_escaped, quoted[1]) if quoted else shown


def _escaped(match: re.Match[bytes]) -> bytes:
    said = match[1]
    return bytes([int(said, 8) & 255]) if len(said) == 3 else _LETTERS.get(said, said)


def _text(name: bytes) -> tuple[str, bool]:
    try:
        return name.decode(), True
    except UnicodeDecodeError:
        return name.decode("utf-8", "replace"), False


def _replaces(old: RawFile, new: RawFile) -> bool:
    """git writes a change of type (a file made a symbolic link) as a removal and an addition of one path."""
    return old.path == new.path and old.status == "removed" and new.status == "added"


def _retyped(old: RawFile, new: RawFile) -> RawFile:
    shown = [patch for patch in (old.patch, new.patch) if patch]
    return replace(
        new,
        status="changed",
        old_id=old.old_id,
        deletions=old.deletions,
        patch="\n".join(shown) if shown else None,
    )
