"""A branch's history as changes: each commit of the first-parent line is one, a merge with all that it brought.

Two processes run side by side and are read in step. One tells every commit's texts, children first; the other what each commit
of the first-parent line changed. Only the second compares file contents, and it does so once a change.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.facts import ChangedFile, Commit, CommitIdentity
from bot.core.ids import CommitSha
from bot.ports.errors import Refused
from integrations.git.command import DIFFING, LOGGING
from integrations.git.differences import changed_files
from integrations.git.grouping import Group, Grouping, LoggedCommit
from integrations.git.repository import Repository
from integrations.git.words import pieces, text

FIELDS = "%H%n%P%n%an%n%ae%n%cn%n%ce%n%at%n%ct%n%B"
"""Names hold no newline, so that the message, which may, stands last. Raw names: a mail map can hide an agent."""
OLDEST = datetime.fromtimestamp(0, UTC)
LONGEST = 1 << 20
"""Bytes of a commit that are read: of a longer message its beginning and its end, where marks stand."""
RENAMED = re.compile(rb" R\d{3}\0")
ADDED = re.compile(rb":\d{6} \d{6} [0-9a-f]+ [0-9a-f]+ A\0([^\0]+)\0")


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One commit of the first-parent line, and the commits that it brought, if it is a merge.

    The difference to its first parent stays bytes until somebody asks: most changes are counted and passed over.
    """

    tip: LoggedCommit
    brought: tuple[LoggedCommit, ...]
    difference: bytes
    cut: bool = False
    """Its parents are not here (a shallow clone), so that its difference says nothing."""

    @property
    def merge(self) -> bool:
        return len(self.tip.commit.parents) > 1

    @property
    def renames(self) -> bool:
        return RENAMED.search(self.difference) is not None

    def added(self) -> Iterable[str]:
        """Paths that begin here, told without reading the rest."""
        return () if self.cut else map(text, ADDED.findall(self.difference))

    def files(self) -> tuple[ChangedFile, ...]:
        """The files between first parent and commit; none where the clone ends here."""
        return () if self.cut else changed_files(self.difference)


def read_history(repository: Repository, since: str = "") -> Generator[LoggedChange, None, None]:
    """The changes from the head back to `since` (a commit that is left out, with all before it), newest first."""
    if repository.head is None:
        return
    span = [repository.head, *([f"^{since}"] if since else [])]
    with closing(_differences(repository, span)) as differences, closing(_commits(repository, span)) as commits:
        for group in _groups(commits):
            tip = group.tip.commit
            found, difference = next(differences, ("", b""))
            if found != tip.sha:
                raise Refused(
                    f"saw the history of {repository.root} change while it was read ({tip.sha[:12]}); "
                    "wanted it at rest; scan it again"
                )
            yield LoggedChange(group.tip, tuple(group.brought), difference, tip.sha in repository.cut)


def touched_paths(repository: Repository, commits: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The paths that each commit touched, under their names of then; a merge touches none of its own."""
    wanted = "".join(f"{commit}\n" for commit in commits)
    if not wanted:
        return {}
    mark = _mark()
    asked = ("diff-tree", "--stdin", "-r", "-z", "--root", "--no-renames", "--name-only", f"--format={mark}%H")
    out = repository.git.run(*asked, *DIFFING, stdin=wanted.encode())
    found: dict[str, tuple[str, ...]] = {}
    for block in out.split(mark.encode())[1:]:
        commit, *paths = block.split(b"\0")
        names = [path.removeprefix(b"\n") if number == 0 else path for number, path in enumerate(paths)]
        found[commit.strip().decode()] = tuple(text(path) for path in names if path)
    return found


def _groups(commits: Iterable[LoggedCommit]) -> Iterator[Group]:
    grouping = Grouping()
    for commit in commits:
        yield from grouping.take(commit)
    yield from grouping.rest()


def _commits(repository: Repository, span: list[str]) -> Generator[LoggedCommit, None, None]:
    log = repository.git.stream("log", "-z", "--topo-order", f"--format={FIELDS}", *LOGGING, *span, "--")
    for record in pieces(log, b"\0"):
        yield _commit(record if len(record) <= LONGEST else record[: LONGEST // 2] + record[-LONGEST // 2 :])


def _commit(record: bytes) -> LoggedCommit:
    sha, parents, name, mail, committer, committer_mail, at, committed, message = text(record).split("\n", 8)
    author = CommitIdentity(name, mail)
    same = (committer, committer_mail) == (name, mail)
    commit = Commit(
        CommitSha(sha),
        message,
        author,
        author if same else CommitIdentity(committer, committer_mail),
        _instant(at),
        parents=tuple(CommitSha(parent) for parent in parents.split()),
    )
    return LoggedCommit(commit, _instant(committed))


def _instant(seconds: str) -> datetime:
    """The instant; a date that no calendar holds is the oldest one."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return OLDEST


def _differences(repository: Repository, span: list[str]) -> Generator[tuple[str, bytes], None, None]:
    """(commit, raw and numeric difference to its first parent) along the first-parent line."""
    mark = _mark()
    asked = ("log", "-z", "--topo-order", "--first-parent", "--diff-merges=first-parent", "--raw", "--numstat", "-M")
    log = repository.git.stream(*asked, f"--format={mark}%H", *LOGGING, *DIFFING, *span, "--")
    for block in pieces(log, mark.encode()):
        if block:
            yield _block(block)


def _block(block: bytes) -> tuple[str, bytes]:
    commit, _, difference = block.partition(b"\0")
    return commit.strip().decode(), difference


def _mark() -> str:
    """What stands before each commit: nobody can have named a file so."""
    return f"commit-{secrets.token_hex(12)}-"
