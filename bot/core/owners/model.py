"""CODEOWNERS once read, whatever forge it is of: sections of lines, of which the last that matches a path names its owners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from operator import lt
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner as written, without its first `@`: a login (`bob`), a team or group (`acme/payments`), a name that may be
    a user's or a group's (`bob`, where both share one namespace), a role (`@maintainer`), or an address."""

    kind: Literal["login", "team", "name", "role", "email"]
    name: str

    def __str__(self) -> str:
        return self.name if self.kind == "email" else f"@{self.name}"


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """One line that could be read. No owners: the line takes its paths out of anyone's hands. `needed` is how many of its
    owners have to approve, where its section is enforced."""

    line: int
    pattern: str
    owners: tuple[Owner, ...]
    needed: int = 1


@dataclass(frozen=True, slots=True)
class OwnerProblem:
    """A line that was skipped, or read only in part."""

    line: int
    saw: str
    wanted: str


class Matcher(Protocol):
    def match(self, path: str, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Index:
    """Patterns in the order of the file, looked up so that most of a large file are never tried on a path.

    `by_prefix` leads from the folders with which a pattern begins, `by_name` from a folder or file that it names anywhere, to
    its numbers, the last first. The empty prefix holds the patterns that spell out nothing.
    """

    matchers: tuple[Matcher, ...] = ()
    by_prefix: dict[str, tuple[int, ...]] = field(default_factory=dict)
    by_name: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def last(self, path: str) -> int:
        """The number of the last pattern that matches, or -1."""
        found = -1
        for here in self._near(path.split("/")):
            later = takewhile(partial(lt, found), here)
            found = next((at for at in later if self.matchers[at].match(path)), found)
        return found

    def _near(self, segments: list[str]) -> Iterator[tuple[int, ...]]:
        for depth in range(len(segments) + 1):
            yield self.by_prefix.get("/".join(segments[:depth]), ())
        if self.by_name:
            yield from (self.by_name.get(segment, ()) for segment in set(segments))


def index_of(patterns: Iterable[tuple[Matcher, str, str]]) -> Index:
    """An index of patterns, each with the folders it begins with and, where it begins with none, a name it holds."""
    matchers: list[Matcher] = []
    by_prefix: dict[str, list[int]] = {}
    by_name: dict[str, list[int]] = {}
    for at, (matcher, prefix, name) in enumerate(patterns):
        matchers.append(matcher)
        (by_name.setdefault(name, []) if name and not prefix else by_prefix.setdefault(prefix, [])).append(at)
    return Index(tuple(matchers), _last_first(by_prefix), _last_first(by_name))


def _last_first(kept: dict[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(reversed(numbers)) for key, numbers in kept.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A part of the file that is read for itself. The empty name is that of what stands before any heading.

    Each is equal to itself alone, so that to look one up takes no longer the more lines it has.
    """

    name: str = ""
    required: bool = True
    lines: tuple[OwnerLine, ...] = ()
    index: Index = field(default_factory=Index, repr=False)
    exclusions: Index = field(default_factory=Index, repr=False)

    def line_of(self, path: str) -> OwnerLine | None:
        """The line that decides over this path, or None."""
        found = self.index.last(path)
        return self.lines[found] if found >= 0 and self.exclusions.last(path) < 0 else None


@dataclass(frozen=True, slots=True)
class Owners:
    """A parsed file."""

    sections: tuple[Section, ...] = ()
    problems: tuple[OwnerProblem, ...] = ()

    @property
    def lines(self) -> tuple[OwnerLine, ...]:
        return tuple(line for section in self.sections for line in section.lines)

    @property
    def sectioned(self) -> bool:
        """Whether any section bears a name: only then does each ask for approvals of its own."""
        return any(section.name for section in self.sections)

    def matches(self, path: str) -> Iterator[tuple[Section, OwnerLine]]:
        """The line of each section that decides over this path."""
        for section in self.sections:
            line = section.line_of(path)
            if line:
                yield section, line

    def owners_of(self, path: str) -> tuple[Owner, ...]:
        """The owners of a path in all sections, each once."""
        return tuple(dict.fromkeys(owner for _, line in self.matches(path) for owner in line.owners))
