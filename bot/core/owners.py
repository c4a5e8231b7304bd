"""CODEOWNERS as GitHub reads it: the last line that matches a path names its owners.

A line that cannot be read is skipped, as the forge skips it, and reported, because its files then have other owners than
its writer believes. GitLab's sections are reported as unreadable for now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import takewhile
from operator import lt
from typing import Literal

from bot.core.globs import BadGlob, Globs, globs

_OWNER = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?(?P<team>(?:/[A-Za-z0-9_.-]+)+)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
LARGEST = 3 * 1024 * 1024
"""GitHub does not read a larger file."""


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner as written: a login (`bob`), a team (`acme/payments`), or an address."""

    kind: Literal["login", "team", "email"]
    name: str


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """One line that could be read. No owners: the line takes its paths out of anyone's hands."""

    line: int
    pattern: str
    owners: tuple[Owner, ...]


@dataclass(frozen=True, slots=True)
class OwnerProblem:
    """A line that was skipped."""

    line: int
    saw: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Owners:
    """A parsed file. `by_prefix` leads from the folders that a pattern spells out to its lines, last line first: most lines of
    a large file are never looked at for a path. The empty prefix holds the lines that can match in every folder."""

    lines: tuple[OwnerLine, ...] = ()
    problems: tuple[OwnerProblem, ...] = ()
    by_prefix: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)
    compiled: tuple[Globs, ...] = field(default=(), compare=False, repr=False)

    def line_of(self, path: str) -> OwnerLine | None:
        """The line that decides over this path, or None."""
        found = -1
        segments = path.split("/")
        for depth in range(len(segments) + 1):
            here = self.by_prefix.get("/".join(segments[:depth]), ())
            later = takewhile(partial(lt, found), here)
            found = next((at for at in later if self.compiled[at].match(path)), found)
        return self.lines[found] if found >= 0 else None

    def owners_of(self, path: str) -> tuple[Owner, ...]:
        line = self.line_of(path)
        return line.owners if line else ()


@lru_cache(maxsize=16)
def parse_owners(text: str) -> Owners:
    """Read CODEOWNERS. What cannot be read is a problem, never an exception."""
    if len(text) > LARGEST:
        return Owners(problems=(OwnerProblem(0, f"a file of {len(text)} characters", f"at most {LARGEST}"),))
    lines: list[OwnerLine] = []
    problems: list[OwnerProblem] = []
    compiled: list[Globs] = []
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        words = _words(raw)
        if not words:
            continue
        read = _line(number, words)
        if isinstance(read, OwnerProblem):
            problems.append(read)
            continue
        lines.append(read[0])
        compiled.append(read[1])
    return Owners(tuple(lines), tuple(problems), _index([line.pattern for line in lines]), tuple(compiled))


def owner_teams(text: str, paths: Iterable[str]) -> tuple[str, ...]:
    """The teams (`acme/payments`) that own any of the paths, for whoever resolves their members."""
    owners = parse_owners(text)
    lines = {line for line in map(owners.line_of, paths) if line}
    return tuple(sorted({owner.name for line in lines for owner in line.owners if owner.kind == "team"}))


def _words(raw: str) -> list[str]:
    words: list[str] = []
    for word in _WORD.findall(raw):
        if word.startswith("#"):
            break
        words.append(word)
    return words


def _line(number: int, words: list[str]) -> tuple[OwnerLine, Globs] | OwnerProblem:
    pattern = words[0]
    if pattern.startswith(("!", "[", "^[")) or "[" in pattern:
        return OwnerProblem(number, f"`{pattern}`", "a path pattern: negation, ranges and sections are not read here")
    owners: list[Owner] = []
    for word in words[1:]:
        owner = _owner(word)
        if owner is None:
            return OwnerProblem(number, f"`{word}`", "an owner: `@login`, `@org/team` or an e-mail address")
        owners.append(owner)
    try:
        return OwnerLine(number, pattern, tuple(owners)), globs((pattern,), braces=False)
    except BadGlob as bad:
        return OwnerProblem(number, f"`{pattern}`: {bad}", "a path pattern")


def _owner(word: str) -> Owner | None:
    login = _OWNER.fullmatch(word)
    if login:
        return Owner("team" if login["team"] else "login", word[1:])
    return Owner("email", word) if _EMAIL.fullmatch(word) else None


def _index(patterns: list[str]) -> dict[str, tuple[int, ...]]:
    by_prefix: dict[str, list[int]] = {}
    for at in reversed(range(len(patterns))):
        by_prefix.setdefault(_prefix(patterns[at]), []).append(at)
    return {prefix: tuple(lines) for prefix, lines in by_prefix.items()}


def _prefix(pattern: str) -> str:
    """The literal folders with which a pattern that starts at the root begins; empty where it may match in any."""
    if "/" not in pattern.rstrip("/"):
        return ""
    literal = takewhile(lambda segment: not re.search(r"[*?\\]", segment), pattern.strip("/").split("/"))
    return "/".join(literal)
