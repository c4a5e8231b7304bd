r"""Path patterns as Ruby's `File.fnmatch` matches them with `FNM_DOTMATCH` and `FNM_PATHNAME`, which is how GitLab matches.

`*` and `?` stay inside one folder and take dotfiles too, `**/` crosses folders, `[a-z]` and `[!a]` are sets, `\` makes the
next character plain. A set that is never closed matches nothing. A pattern that names a folder does not cover what lies in it.

As in `globs`, repeats are possessive or atomic, so that a match takes time linear in the path for each part of the pattern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_ANY_FOLDERS = "(?:[^/]++/)*?"
_NEVER = "(?!)"


@dataclass(frozen=True, slots=True)
class Fnmatch:
    """A pattern from the root, without its leading slash; compiled when it is first tried."""

    pattern: str

    def match(self, path: str) -> bool:
        return _compiled(self.pattern).match(path) is not None


@lru_cache(maxsize=16384)
def _compiled(pattern: str) -> re.Pattern[str]:
    chunks: list[list[str]] = [[]]
    at = 0
    while at <= len(pattern):
        if pattern.startswith("**/", at):
            if chunks[-1] or len(chunks) == 1:
                chunks.append([])
            at += 3
            continue
        regex, at = _segment(pattern, at)
        chunks[-1].append(regex)
    first = "/".join(chunks[0])
    if len(chunks) == 1:
        return re.compile(first + r"\Z", re.DOTALL)
    middle = "".join(f"(?>{_ANY_FOLDERS}{'/'.join(chunk)}/)" for chunk in chunks[1:-1])
    return re.compile(f"{first}{'/' if first else ''}{middle}{_ANY_FOLDERS}{'/'.join(chunks[-1])}\\Z", re.DOTALL)


def _segment(pattern: str, at: int) -> tuple[str, int]:
    """One name from `at` on, and where the next one begins. Parts between stars are taken at their first place."""
    parts = [""]
    while at < len(pattern) and not pattern.startswith(("/", "\\/"), at):
        character = pattern[at]
        if character == "*":
            parts.append("")
            at += 1
            continue
        piece, at = _piece(pattern, at)
        parts[-1] += piece
    after = at + (2 if pattern.startswith("\\", at) else 1)
    if len(parts) == 1:
        return parts[0], after
    middle = "".join(f"(?>[^/]*?{part})" for part in parts[1:-1] if part)
    return parts[0] + middle + "[^/]*" + parts[-1], after


def _piece(pattern: str, at: int) -> tuple[str, int]:
    """What matches one character, and where the pattern goes on."""
    character = pattern[at]
    if character == "?":
        return "[^/]", at + 1
    if character == "[":
        return _set(pattern, at + 1)
    if character == "\\" and at + 1 < len(pattern):
        return re.escape(pattern[at + 1]), at + 2
    return re.escape(character), at + 1


def _set(pattern: str, at: int) -> tuple[str, int]:
    """The set whose first character stands at `at`; one without an end takes the rest of the pattern and matches nothing."""
    inverted = pattern.startswith(("!", "^"), at)
    at += inverted
    ranges: list[str] = []
    while not pattern.startswith("]", at):
        first, at = _member(pattern, at)
        last = first
        if pattern.startswith("-", at) and not pattern.startswith("]", at + 1):
            last, at = _member(pattern, at + 1)
        if not (first and last):
            return _NEVER, len(pattern)
        if first <= last:
            ranges.append(f"{re.escape(first)}-{re.escape(last)}")
    if inverted:
        return f"[^/{''.join(ranges)}]", at + 1
    return (f"(?!/)[{''.join(ranges)}]" if ranges else _NEVER), at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    """The character at `at`, empty at the pattern's end."""
    at += pattern.startswith("\\", at)
    return pattern[at : at + 1], at + 1
