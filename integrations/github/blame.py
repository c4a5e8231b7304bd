"""Who wrote lines of files, by the accounts that GitHub ties to their commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.core.ids import RepoRef
from bot.core.routing.touched import TouchedLines
from bot.ports.answers import Node
from integrations.github.client import Session
from integrations.github.failures import ANSWERS
from integrations.github.query import blames


class User(Node):
    database_id: int | None = None


class Author(Node):
    user: User | None = None


class BlamedCommit(Node):
    author: Author | None = None


class BlameRange(Node):
    starting_line: int
    ending_line: int
    commit: BlamedCommit

    @property
    def account(self) -> int | None:
        author = self.commit.author
        return author.user.database_id if author and author.user else None


class BlameAnswer(Node):
    ranges: tuple[BlameRange, ...] = ()


class FileAnswer(Node):
    blame: BlameAnswer = BlameAnswer()


def blame(session: Session, repo: RepoRef, commit: str, files: Sequence[TouchedLines]) -> tuple[tuple[str, int], ...]:
    """One call for all files."""
    owner, _, name = repo.path.partition("/")
    query, paths = blames([lines.path for lines in files])
    data, _ = session.graph(query, {"owner": owner, "name": name, "oid": commit, **paths})
    shown = data.get("repository") or {}
    wrote: Counter[str] = Counter()
    for n, lines in enumerate(files):
        answer = ANSWERS.about(FileAnswer, shown.get(f"b{n}") or {}, f"who wrote {repo}")
        for piece in answer.blame.ranges:
            if piece.account:
                key = f"{repo.forge}:{repo.host}:{piece.account}"
                wrote[key] += lines.has(piece.starting_line, piece.ending_line)
    return tuple((key, count) for key, count in wrote.most_common() if count)
