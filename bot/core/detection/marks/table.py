"""Marker rows compiled for look-up: numbers and addresses in dictionaries, patterns behind a literal that is sought first.

A history of many thousand commits is read with this table: an ordinary commit must cost a few look-ups and nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.core.detection.marks.row import PATTERN_KINDS, Kind, Mark
from bot.core.detection.spelling import squeezed


@dataclass(frozen=True, slots=True)
class Matcher:
    """A row with its pattern; for a trailer, the pattern of its value."""

    mark: Mark
    pattern: re.Pattern[str]


Texts = tuple[tuple[str, tuple[Matcher, ...]], ...]
"""(needle, the patterns that need it): an empty needle is in every text."""


@dataclass(frozen=True, slots=True)
class MarkTable:
    """All rows, and the ways to them. `rows` is the whole truth; the rest is made from it by `compile_table`."""

    rows: tuple[Mark, ...]
    accounts: Mapping[int, tuple[Mark, ...]]
    logins: Mapping[str, Mark]
    apps: Mapping[str, Mark]
    events: Mapping[str, Mark]
    mails: Mapping[str, Mark]
    domains: Mapping[str, Mark]
    labels: Mapping[str, Mark]
    tools: Mapping[str, Mark]
    trailers: Mapping[str, tuple[Matcher, ...]]
    texts: Mapping[Kind, Texts]
    carriers: Mapping[str, Mark]
    """Rows of kind note, document and attribute by their `match`."""

    def matching(self, kind: Kind, text: str, lowered: str) -> Iterable[tuple[Mark, re.Match[str]]]:
        """Rows of a pattern kind found in the text, each once; `lowered` is the text in lower case."""
        for needle, matchers in self.texts.get(kind, ()):
            if needle in lowered:
                for matcher in matchers:
                    if found := matcher.pattern.search(text):
                        yield matcher.mark, found

    def hints(self, kind: Kind, lowered: str) -> bool:
        """Whether a text could hold a mark of this kind at all: cheap, and wrong only in saying yes."""
        return any(needle in lowered for needle, _ in self.texts.get(kind, ()))


def compile_table(rows: Iterable[Mark]) -> MarkTable:
    """Index the rows. ValueError names two rows that claim the same thing, and a pattern that cannot be read."""
    kept = tuple(rows)
    _refuse_twins(kept)
    accounts: dict[int, tuple[Mark, ...]] = {}
    trailers: dict[str, tuple[Matcher, ...]] = {}
    for row in kept:
        if row.kind == "account":
            accounts[int(row.match)] = (*accounts.get(int(row.match), ()), row)
        elif row.kind == "trailer":
            key = squeezed(row.match)
            trailers[key] = (*trailers.get(key, ()), Matcher(row, compile_pattern(row, row.value)))
    return MarkTable(
        rows=kept,
        accounts=accounts,
        logins=_exact(kept, "login"),
        apps=_exact(kept, "app"),
        events=_exact(kept, "event"),
        mails=_exact(kept, "mail"),
        domains=_exact(kept, "mail-domain"),
        labels=_exact(kept, "label"),
        tools=_exact(kept, "tool"),
        trailers=trailers,
        texts={kind: _texts(kept, kind) for kind in PATTERN_KINDS},
        carriers={**_exact(kept, "note"), **_exact(kept, "document"), **_exact(kept, "attribute")},
    )


def compile_pattern(row: Mark, pattern: str) -> re.Pattern[str]:
    """The pattern, without case. ValueError names the row and what to mend."""
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as problem:
        raise ValueError(f"mark {row.id!r}: {pattern!r} is not a regular expression ({problem}); mend or quote it") from None


def _exact(rows: tuple[Mark, ...], kind: Kind) -> dict[str, Mark]:
    found: dict[str, Mark] = {}
    for row in rows:
        if row.kind == kind:
            other = found.setdefault(row.match.lower(), row)
            if other is not row:
                raise ValueError(f"marks {other.id!r} and {row.id!r} both claim {kind} {row.match!r}; keep one of them")
    return found


def _texts(rows: tuple[Mark, ...], kind: Kind) -> Texts:
    by_needle: dict[str, list[Matcher]] = {}
    for row in rows:
        if row.kind == kind:
            by_needle.setdefault(row.needle.lower(), []).append(Matcher(row, compile_pattern(row, row.match)))
    return tuple((needle, tuple(matchers)) for needle, matchers in by_needle.items())


def _refuse_twins(rows: tuple[Mark, ...]) -> None:
    ids: set[str] = set()
    for row in rows:
        if row.id in ids:
            raise ValueError(f"mark {row.id!r} is there twice; give one of them another id")
        ids.add(row.id)
