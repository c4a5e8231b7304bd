r"""CODEOWNERS as GitLab reads it: sections that are each enforced for themselves.

A heading (`[Name]`, `^[Optional]`, `[Name][2] @default`) opens a section or goes on with one of that name, whatever its case;
what stands before the first heading is a section without a name. Of each section the last line that matches a path names its
owners, unless one of its exclusions (`!pattern`) takes the path out. Lines are read as GitLab's documentation ("Syntax of
`CODEOWNERS` file", "Advanced `CODEOWNERS` configuration") describes, mistakes included: owners that are none are left out, a
heading that cannot be read is a path, and a comment behind an entry names owners. Each of those is reported.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.core.owners.fnmatch import Fnmatch
from bot.core.owners.model import Owner, OwnerLine, OwnerProblem, Owners, Section, index_of

ROLES = ("developer", "maintainer", "owner")
_HEADING = re.compile(r"(?P<optional>\^)?\[(?P<name>[^\]]*)\](?:\[(?P<count>[^\]]*)\])?(?P<rest>.*)")
_BEHIND = re.compile(r"(?<!\\)\s+")
_PART = r"[A-Za-z0-9_.](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?"
_NAME = re.compile(rf"(?<![\w@])(@@?)({_PART}(?:/{_PART})*)")
_EMAIL = re.compile(r"[^@\s]{1,100}@[^@\s]{1,255}(?<!\W)")
_WANTED = "owners: `@user`, `@group/subgroup`, `@@maintainer` or an e-mail address"
_SHOWN = 60
_LONGEST = 4096


@dataclass(slots=True)
class _Draft:
    """A section being read."""

    name: str
    required: bool = False
    lines: list[OwnerLine] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    exclusions: list[str] = field(default_factory=list)

    def done(self) -> Section:
        index = index_of(_entry(pattern) for pattern in self.patterns)
        exclusions = index_of(_entry(pattern) for pattern in self.exclusions)
        return Section(self.name, self.required, tuple(self.lines), index, exclusions)


@dataclass(slots=True)
class _Heading:
    """The heading that the lines below it stand under."""

    draft: _Draft
    required: bool = True
    needed: int = 1
    owners: tuple[Owner, ...] = ()


@dataclass(slots=True)
class _Reading:
    drafts: dict[str, _Draft]
    under: _Heading
    problems: list[OwnerProblem] = field(default_factory=list)

    def report(self, number: int, saw: str, wanted: str) -> None:
        self.problems.append(OwnerProblem(number, f"`{saw[:_SHOWN]}`", wanted))

    def owners(self, number: int, text: str) -> tuple[Owner, ...]:
        found, bad = _owners(text)
        if bad:
            self.report(number, " ".join(bad), _WANTED)
        return found


def read_gitlab(text: str) -> Owners:
    """Read GitLab's dialect. What cannot be read is a problem, never an exception."""
    default = _Draft("")
    reading = _Reading({"": default}, _Heading(default))
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        heading = _HEADING.match(line)
        if heading:
            _open(reading, number, heading)
        else:
            _add(reading, number, line)
    return Owners(tuple(draft.done() for draft in reading.drafts.values()), tuple(reading.problems))


def _open(reading: _Reading, number: int, heading: re.Match[str]) -> None:
    name, count, rest = heading["name"].strip(), heading["count"], heading["rest"]
    draft = reading.drafts.setdefault(name.casefold(), _Draft(name))
    digits = (count or "1").strip()
    needed = max(1, int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 4 else 1
    if not name:
        reading.report(number, heading[0], "a section with a name")
    if str(needed) != digits:
        reading.report(number, heading[0], "a number of approvals of 1 or more; it is read as 1")
    owned = not rest or rest[0] in " \t@"
    if not owned:
        reading.report(number, heading[0], "a heading and its default owners, with a space between")
    owners = reading.owners(number, rest) if owned else ()
    reading.under = _Heading(draft, not heading["optional"], needed, owners)


def _add(reading: _Reading, number: int, line: str) -> None:
    pattern, *behind = _BEHIND.split(line, maxsplit=1)
    under, draft = reading.under, reading.under.draft
    if len(pattern) > _LONGEST or pattern == "!":
        reading.report(number, pattern, f"a path pattern of at most {_LONGEST} characters")
        return
    if pattern.startswith("!"):
        draft.exclusions.append(_normalized(pattern[1:]))
        return
    if pattern.startswith(("[", "^[")):
        reading.report(number, pattern, "a heading `[Name]`; this one is read as a path")
    owners = reading.owners(number, behind[0]) if behind else under.owners
    if not owners:
        reading.report(number, pattern, "an owner beside the path or on the section's heading; it is nobody's without")
    draft.required = draft.required or under.required
    draft.lines.append(OwnerLine(number, pattern, owners, under.needed))
    draft.patterns.append(_normalized(pattern))


def _owners(text: str) -> tuple[tuple[Owner, ...], list[str]]:
    """The owners in a text, each once, and the words that name none."""
    found: list[Owner] = []
    bad: list[str] = []
    for word in text.split():
        owners = [_owner(mark, name) for mark, name in _NAME.findall(word)]
        email = None if owners else _EMAIL.search(word)
        named = [owner for owner in owners if owner] or ([Owner("email", email[0])] if email else [])
        found += named
        if not named:
            bad.append(word)
    return tuple(dict.fromkeys(found)), bad


def _owner(mark: str, name: str) -> Owner | None:
    if mark == "@@":
        role = name.lower().removesuffix("s")
        return Owner("role", f"@{role}") if role in ROLES else None
    return Owner("team" if "/" in name else "name", name)


def _normalized(pattern: str) -> str:
    """The pattern from the root: without a leading slash it matches in every folder, with one behind it all that lies below."""
    if pattern.startswith("\\#"):
        pattern = pattern[1:]
    pattern = re.sub(r"\\\s+", " ", pattern)
    if not pattern.startswith("/"):
        pattern = f"**/{pattern}"
    if pattern.endswith("/"):
        pattern = f"{pattern}**/*"
    return pattern.removeprefix("/")


def _entry(pattern: str) -> tuple[Fnmatch, str, str]:
    """The pattern with its literal folders, and a literal name in it, for the index. A set may hold a slash: nothing behind
    the first is taken for literal."""
    segments = pattern.partition("[")[0].split("/")
    if "[" in pattern:
        segments.pop()
    plain = [segment and not re.search(r"[*?\\]", segment) for segment in segments]
    leading = segments[: plain.index(False)] if False in plain else segments
    name = next((segment for segment, literal in zip(segments, plain, strict=True) if literal), "")
    return Fnmatch(pattern), "/".join(leading), name
