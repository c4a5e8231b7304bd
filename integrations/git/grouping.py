"""Which change brought a commit: the oldest commit of the first-parent line that reaches it.

Git tells every commit after all of its children, and promises no more; commits of one merge may come between those of another.
So each commit hands its place down to its parents, the oldest place wins, and a change is told once no parent waits in it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.facts import Commit


@dataclass(frozen=True, slots=True)
class LoggedCommit:
    """A commit, and when it was committed."""

    commit: Commit
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """A commit of the first-parent line, and those that it brought."""

    tip: LoggedCommit
    brought: list[LoggedCommit] = field(default_factory=list)


class Grouping:
    """Takes commits, children first, and gives back each change that is complete, newest first."""

    def __init__(self) -> None:
        self._groups: deque[Group] = deque()
        self._told = 0  # groups given back already: the number of the first in the queue
        self._next = ""  # the commit at which the first-parent line goes on
        self._waiting: dict[str, int] = {}  # a parent that is still to come, and the number of its group
        self._open: Counter[int] = Counter()  # how many wait in each group

    def take(self, one: LoggedCommit) -> Iterator[Group]:
        """Put the commit into its change; the changes that this completes."""
        commit = one.commit
        place = self._arrive(commit.sha)
        parents: tuple[str, ...] = commit.parents
        newest = self._told + len(self._groups)
        if newest == 0 or commit.sha == self._next:
            place = newest
            self._groups.append(Group(one))
            self._next, parents = (parents[0], parents[1:]) if parents else ("", ())
        else:
            self._groups[place - self._told].brought.append(one)
        for parent in parents:
            self._await(parent, place)
        while self._groups and not self._open[self._told]:
            yield self._tell()

    def rest(self) -> Iterator[Group]:
        """At the end: changes whose branches began before what was read."""
        while self._groups:
            yield self._tell()

    def _arrive(self, sha: str) -> int:
        place = self._waiting.pop(sha, -1)
        self._open[place] -= 1
        return place

    def _await(self, parent: str, place: int) -> None:
        before = self._waiting.get(parent, -1)
        if before < place:
            self._open[before] -= 1
            self._open[place] += 1
            self._waiting[parent] = place

    def _tell(self) -> Group:
        del self._open[self._told]
        self._told += 1
        return self._groups.popleft()
