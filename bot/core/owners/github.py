"""CODEOWNERS as GitHub reads it: one section without a name, and nobody has to approve but by the policy.

A line that cannot be read is skipped, as the forge skips it, and reported, because its files then have other owners than
its writer believes.
"""

from __future__ import annotations

import re
from itertools import takewhile

from bot.core.globs import BadGlob, Globs, globs
from bot.core.owners.model import Owner, OwnerLine, OwnerProblem, Owners, Section, index_of

_OWNER = re.compile(r"@[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?(?P<team>(?:/[A-Za-z0-9_.-]+)+)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


def read_github(text: str) -> Owners:
    """Read GitHub's dialect. What cannot be read is a problem, never an exception."""
    lines: list[OwnerLine] = []
    problems: list[OwnerProblem] = []
    patterns: list[tuple[Globs, str, str]] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        words = _words(raw)
        if not words:
            continue
        read = _line(number, words)
        if isinstance(read, OwnerProblem):
            problems.append(read)
            continue
        lines.append(read[0])
        patterns.append((read[1], _prefix(read[0].pattern), ""))
    return Owners((Section(lines=tuple(lines), index=index_of(patterns)),), tuple(problems))


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


def _prefix(pattern: str) -> str:
    """The literal folders with which a pattern that starts at the root begins; empty where it may match in any."""
    if "/" not in pattern.rstrip("/"):
        return ""
    literal = takewhile(lambda segment: not re.search(r"[*?\\]", segment), pattern.strip("/").split("/"))
    return "/".join(literal)
