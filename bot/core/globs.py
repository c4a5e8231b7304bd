"""Path patterns: one matcher for the policy's paths and for CODEOWNERS, and a simpler one for names of models and signers.

A pattern reads as in CODEOWNERS. Without a slash (but at its end) it matches a file or folder of that name at any depth;
with one it starts at the root. `*` and `?` stay inside one folder, `**` crosses folders, a folder's name covers all that
lies below it, `docs/*` covers the files directly in `docs`. Policy patterns also know `{a,b}`.

Patterns become regular expressions whose repeats are possessive or atomic: a match takes time linear in the path for
each part of the pattern, whatever a hostile path holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MOST_CHARACTERS = 512
MOST_ALTERNATIVES = 64
_ANY_FOLDERS = "(?:[^/]++/)*?"


class BadGlob(ValueError):
    """The pattern cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Globs:
    """Several patterns as one. `names` are those that are a bare name, looked up without a regular expression."""

    patterns: tuple[str, ...]
    names: frozenset[str]
    regex: re.Pattern[str] | None
    fold: bool

    def match(self, path: str) -> bool:
        path = path.lower() if self.fold else path
        if self.names and not self.names.isdisjoint(path.split("/")):
            return True
        return self.regex is not None and self.regex.match(path) is not None

    def which(self, path: str) -> str:
        """The first pattern that matches, as it was written; empty if none does."""
        if not self.match(path):
            return ""
        return next((one for one in self.patterns if _compiled((one,), self.fold, True).match(path)), "")


def globs(patterns: tuple[str, ...], *, fold: bool = False, braces: bool = True) -> Globs:
    """Compile patterns (kept for the next caller). `fold` ignores case. Raises BadGlob."""
    return _compiled(patterns, fold, braces)


@lru_cache(maxsize=4096)
def _compiled(patterns: tuple[str, ...], fold: bool, braces: bool) -> Globs:
    names: set[str] = set()
    regexes: list[str] = []
    for pattern in patterns:
        for plain in alternatives(pattern) if braces else (pattern,):
            _refuse_unreadable(plain)
            text = plain.lower() if fold else plain
            if re.search(r"[/*?\\]", text):
                regexes.append(_regex(text))
            else:
                names.add(text)
    regex = re.compile("(?:" + "|".join(regexes) + r")\Z", re.DOTALL) if regexes else None
    return Globs(patterns, frozenset(names), regex, fold)


def _refuse_unreadable(pattern: str) -> None:
    if not pattern.strip("/"):
        raise BadGlob("the pattern is empty")
    if len(pattern) > MOST_CHARACTERS:
        raise BadGlob(f"the pattern has {len(pattern)} characters, {MOST_CHARACTERS} are allowed")
    if "//" in pattern:
        raise BadGlob("the pattern has an empty folder name (`//`)")
    if any(ord(character) < 32 for character in pattern):
        raise BadGlob("the pattern has a control character")


def alternatives(pattern: str) -> tuple[str, ...]:
    """Write out `{a,b}`: `src/*.{js,ts}` gives two patterns. Raises BadGlob for braces that do not pair or grow too many."""
    done: list[str] = []
    waiting = [pattern]
    while waiting:
        current = waiting.pop()
        inner = re.search(r"\{([^{}]*)\}", current)
        if inner is None:
            if "{" in current or "}" in current:
                raise BadGlob("a brace has no partner")
            done.append(current)
        else:
            waiting += [current[: inner.start()] + choice + current[inner.end() :] for choice in inner[1].split(",")[::-1]]
        if len(done) + len(waiting) > MOST_ALTERNATIVES:
            raise BadGlob(f"the braces stand for more than {MOST_ALTERNATIVES} patterns")
    return tuple(done)


def _regex(pattern: str) -> str:
    folder = pattern.endswith("/")
    rooted = "/" in pattern.rstrip("/")
    segments = pattern.strip("/").split("/")
    if not rooted:
        segments.insert(0, "**")
    chunks: list[list[str]] = [[]]
    for segment in segments:
        if segment == "**":
            chunks.append([])
        else:
            chunks[-1].append(_segment(segment))
    chunks = [chunks[0], *[chunk for chunk in chunks[1:-1] if chunk], *chunks[1:][-1:]]
    tail = _tail(folder, segments)
    if len(chunks) == 1:
        return "/".join(chunks[0]) + tail
    first = "".join(part + "/" for part in chunks[0])
    middle = "".join(f"(?>{_ANY_FOLDERS}{'/'.join(chunk)}/)" for chunk in chunks[1:-1])
    last = _ANY_FOLDERS + "/".join(chunks[-1]) + tail if chunks[-1] else "(?s:.+)"
    return first + middle + last


def _tail(folder: bool, segments: list[str]) -> str:
    if folder:
        return "/.+"
    only_files_here = segments[-1] == "*" and segments != ["**", "*"]
    return "" if only_files_here else "(?:/.*)?"


def _segment(segment: str) -> str:
    """One folder or file name. Each part between two stars is taken at its first place, for good."""
    parts = [""]
    escaped = False
    for character in segment:
        if escaped or character not in "*?\\":
            parts[-1] += re.escape(character)
        elif character == "?":
            parts[-1] += "[^/]"
        elif character == "*":
            parts.append("")
        escaped = character == "\\" and not escaped
    if len(parts) == 1:
        return parts[0]
    middle = "".join(f"(?>[^/]*?{part})" for part in parts[1:-1] if part)
    least = "[^/]+" if not any(parts) else "[^/]*"
    return parts[0] + middle + least + parts[-1]


@lru_cache(maxsize=1024)
def _wildcard(pattern: str) -> re.Pattern[str]:
    parts = [re.escape(part).replace(r"\?", ".") for part in pattern.lower().split("*")]
    if len(parts) == 1:
        return re.compile(parts[0] + r"\Z", re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in parts[1:-1] if part)
    return re.compile(parts[0] + middle + ".*" + parts[-1] + r"\Z", re.DOTALL)


def name_matches(pattern: str, name: str) -> bool:
    """Match a name that is no path (`anthropic/claude-*` against `Anthropic/claude-4@1`): `*` is anything, case is ignored."""
    return _wildcard(pattern).match(name.lower()) is not None
