"""Which lines a change replaces or stands between, as they were before it: whoever wrote those knows what it is about.

Bounded, because each file costs the forge a walk through history: the files that change most, and of each so many
ranges and lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.core.facts import Change, ChangedFile, Commit
from bot.core.patch import old_ranges

MOST_FILES = 5
MOST_RANGES = 4
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class TouchedLines:
    """Lines of a file as it was: first and last of each range, in order and apart from each other."""

    path: str
    ranges: tuple[tuple[int, int], ...]

    def has(self, first: int, last: int) -> int:
        """How many of the lines from first to last are among them."""
        return sum(max(0, min(last, end) - max(first, start) + 1) for start, end in self.ranges)


def touched_before(files: Iterable[ChangedFile]) -> tuple[TouchedLines, ...]:
    """Of the files that were there before, those that change most."""
    known = [file for file in files if file.status != "added" and file.patch]
    known.sort(key=lambda file: (-(file.additions + file.deletions), file.path))
    found = (TouchedLines(file.previous_path or file.path, _ranges(file.patch or "")) for file in known)
    return tuple(islice((lines for lines in found if lines.ranges), MOST_FILES))


def before_change(change: Change, commits: Sequence[Commit]) -> str:
    """The commit of the base branch that the differences are counted from. Where the forge does not tell the merge base: the
    parent that the newest commits were put on, which is not the change's own (a branch's fork, or what was merged into it)."""
    if change.merge_base:
        return change.merge_base
    own = {commit.sha for commit in commits}
    for commit in reversed(commits):
        for parent in reversed(commit.parents):
            if parent not in own:
                return parent
    return change.base_sha


def _ranges(patch: str) -> tuple[tuple[int, int], ...]:
    return tuple(islice(_first(old_ranges(patch)), MOST_RANGES))


def _first(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """As many as hold MOST_LINES together, each line once."""
    left, done = MOST_LINES, 0
    for start, end in sorted(ranges):
        start = max(start, done + 1)
        end = min(end, start + left - 1)
        if start <= end:
            yield start, end
            left, done = left - (end - start + 1), end
