"""Trailers of commit messages, read as git reads them and as squash merges scatter them.

Git looks at the last paragraph only: all its lines are trailers, or one of them is git's own and a quarter are. A squash
merge joins several messages, so that trailer blocks also stand before a rule line, before the next bullet, or before the next
commit. Those count too. A trailer quoted in the middle of an explanation does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LINE = re.compile(r" {0,3}([A-Za-z][A-Za-z0-9_-]*(?: [A-Za-z0-9_-]+){0,3})[ \t]*:(?!//)[ \t]*(.*)")
GITS_OWN = re.compile(r"(?i)signed[-_ ]off[-_ ]by\s*:|\(cherry picked from commit ")
JOINT = re.compile(r"-{3,}\s*$|[*-] \S|commit [0-9a-f]{7,64}\b|#+ \S")
"""How the part after a squashed message begins: a rule, a bullet, a commit's id, a heading."""
SQUASHED = "Squashed commit of the following:"
ADDRESS = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>|([^\s<>()\[\],;\"']+@[^\s<>()\[\],;\"']+)")
LONGEST = 1000
"""Characters of a value that are read: a name and an address are short, and patterns over a value stay quick."""


@dataclass(frozen=True, slots=True)
class Trailer:
    """`key` as it was written, `value` with its continuation lines joined."""

    key: str
    value: str


def trailers(message: str) -> tuple[Trailer, ...]:
    """Every trailer of a message that went through `spelling.plain`, in order."""
    if ":" not in message:
        return ()
    if SQUASHED in message:
        message = re.sub(r"(?m)^ {4}", "", message)
    paragraphs = [block.strip("\n").split("\n") for block in re.split(r"\n(?:[ \t]*\n)+", message.strip())]
    found: list[list[Trailer]] = []
    closed = True  # whether what follows this paragraph ends a message
    for number in range(len(paragraphs) - 1, -1, -1):
        lines = paragraphs[number]
        block = _block(lines if number else lines[1:]) if closed else []
        closed = (closed and len(block) == len(lines) and bool(block)) or JOINT.match(lines[0]) is not None
        found.append(block)
    return tuple(trailer for block in reversed(found) for trailer in block)


def _block(lines: list[str]) -> list[Trailer]:
    """The trailers of a paragraph that may hold them: all by git's rule, else the run of them that ends it."""
    parsed = list(_parse(lines))
    kept = sum(1 for trailer in parsed if trailer is not None)
    if any(GITS_OWN.match(line) for line in lines) and kept * 4 >= len(parsed):
        return [trailer for trailer in parsed if trailer is not None]
    run: list[Trailer] = []
    while parsed and (last := parsed.pop()) is not None:
        run.append(last)
    return run[::-1]


def _parse(lines: list[str]) -> Iterator[Trailer | None]:
    """A trailer or None for each line; continuation lines join the trailer above."""
    pending: Trailer | None = None
    for line in lines:
        if pending is not None and line[:1] in (" ", "\t") and not LINE.match(line):
            if len(pending.value) < LONGEST:
                pending = Trailer(pending.key, f"{pending.value} {line.strip()}"[:LONGEST])
            continue
        if pending is not None:
            yield pending
            pending = None
        if match := LINE.match(line):
            pending = Trailer(match[1], match[2].strip()[:LONGEST])
        elif not JOINT.match(line):
            yield None
    if pending is not None:
        yield pending


def name_and_address(value: str) -> tuple[str, str]:
    """`Name <mail>` taken apart, the address in lower case; empty strings where there is none."""
    value = value[:LONGEST]
    match = ADDRESS.search(value)
    if match is None:
        return value.strip(), ""
    return value[: match.start()].strip(" \t\"'"), (match[1] or match[2]).lower()
