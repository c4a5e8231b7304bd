"""What `--raw --numstat -z` says of one commit, as changed files.

Raw entries come first (`:mode mode blob blob status`, then one path or two), then numeric ones (`added TAB removed TAB path`,
the path empty and two paths behind it where the file was renamed). Every path is a field of its own, so that nothing in a name
can be mistaken for anything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.facts import ChangedFile, FileStatus
from integrations.git.words import text

STATUSES: dict[str, FileStatus] = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied"}


def changed_files(difference: bytes) -> tuple[ChangedFile, ...]:
    """The files of one difference, in git's order. A binary file counts no lines, as on the forges."""
    fields = iter(difference.split(b"\0"))
    raw: list[tuple[FileStatus, str | None, str, str | None]] = []
    counts: dict[str, tuple[int, int]] = {}
    for token in fields:
        entry = token.removeprefix(b"\n")
        if entry.startswith(b":"):
            raw.append(_raw(entry, fields))
        elif b"\t" in entry:
            _count(entry, fields, counts)
    return tuple(
        ChangedFile(path, status, *counts.get(path, (0, 0)), blob=blob, previous_path=previous)
        for status, blob, path, previous in raw
    )


def new_blobs(difference: bytes) -> Iterator[str]:
    """The object ids that the difference brings, without reading the rest of it."""
    for token in difference.split(b"\0"):
        if token.lstrip(b"\n").startswith(b":") and len(words := token.split(b" ")) == 5:
            yield words[3].decode("ascii", "replace")


def _raw(entry: bytes, fields: Iterator[bytes]) -> tuple[FileStatus, str | None, str, str | None]:
    words = entry.decode("ascii", "replace").split(" ")
    letter, blob = words[4][:1], words[3]
    first = text(next(fields, b""))
    moved = letter in ("R", "C")
    path = text(next(fields, b"")) if moved else first
    kept = None if letter == "D" or not blob.strip("0") else blob
    return STATUSES.get(letter, "changed"), kept, path, first if moved else None


def _count(entry: bytes, fields: Iterator[bytes], counts: dict[str, tuple[int, int]]) -> None:
    added, removed, path = entry.split(b"\t", 2)
    if not path:
        next(fields, b"")
        path = next(fields, b"")
    counts[text(path)] = (_number(added), _number(removed))


def _number(word: bytes) -> int:
    return int(word) if word.isdigit() else 0
