"""Which commit last changed each line of a file, as git tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from integrations.sandbox.git.gitdir import GitDir
from integrations.sandbox.git.machine import git

_HEADER = re.compile(r"^([0-9a-f]{40}) \d+ (\d+)")


@dataclass(frozen=True, slots=True)
class Blamed:
    """Lines that follow each other and come from one commit; `first` is the number of the first."""

    commit: str
    first: int
    lines: tuple[str, ...]

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1


def blamed(repo: GitDir, commit: str, path: str, lines: tuple[int, int] | None = None) -> tuple[Blamed, ...]:
    """The file as it is at that commit, or some of its `lines`. Raises GitFailed, also for lines it does not have."""
    only = ["-L", f"{lines[0]},{lines[1]}"] if lines else []
    told = git(repo.path, "blame", "--porcelain", *only, commit, "--", path).decode("utf-8", "replace")
    found: list[Blamed] = []
    oid, number = "", 0
    for row in told.splitlines():
        header = _HEADER.match(row)
        if header and not row.startswith("\t"):
            oid, number = header[1], int(header[2])
        elif row.startswith("\t"):
            if found and (found[-1].commit, found[-1].last + 1) == (oid, number):
                found[-1] = Blamed(oid, found[-1].first, (*found[-1].lines, row[1:]))
            else:
                found.append(Blamed(oid, number, (row[1:],)))
    return tuple(found)
