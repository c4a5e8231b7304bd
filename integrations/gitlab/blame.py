"""Who wrote lines of files, by the accounts that GitLab ties to their commits.

Blame itself tells names and addresses only, and an address is no identity. So it says which commits the lines are from, and
those with most of them are looked up where GitLab tells the account that confirmed the address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from bot.core.ids import RepoRef
from bot.core.routing.touched import TouchedLines
from bot.ports.answers import Node, Tolerant, listed, settle
from bot.ports.errors import Vanished
from integrations.gitlab.client import Client
from integrations.gitlab.failures import ANSWERS
from integrations.gitlab.mapping import number_of
from integrations.gitlab.paths import project_path
from integrations.gitlab.query import AUTHORS_AT_ONCE, authors


class BlamedCommit(Tolerant):
    id: str


class BlameItem(Tolerant):
    commit: BlamedCommit
    lines: tuple[str, ...] = ()


class User(Node):
    id: str = ""


class LastCommit(Node):
    sha: str
    author: User | None = None


class TreeAnswer(Node):
    last_commit: LastCommit | None = None


_PIECES = listed(BlameItem)


def blame(client: Client, repo: RepoRef, commit: str, files: Sequence[TouchedLines]) -> tuple[tuple[str, int], ...]:
    """One call a range, all at once, and one for the authors of the commits that most lines are from."""
    asked = [(lines.path, each) for lines in files for each in lines.ranges]
    found: Counter[str] = Counter()
    for pieces in settle([client.submit(_pieces, client, repo, commit, path, each) for path, each in asked]):
        for piece in pieces:
            found[piece.commit.id] += len(piece.lines)
    commits = dict(found.most_common(AUTHORS_AT_ONCE))
    wrote: Counter[str] = Counter()
    for sha, number in _authors(client, repo, list(commits)).items():
        wrote[f"{repo.forge}:{repo.host}:{number}"] += commits[sha]
    return tuple(wrote.most_common())


def _pieces(client: Client, repo: RepoRef, commit: str, path: str, lines: tuple[int, int]) -> Sequence[BlameItem]:
    where = f"{project_path(repo.path)}/repository/files/{quote(path, safe='')}/blame"
    try:
        answer = client.send("GET", where, None, {"ref": commit, "range[start]": lines[0], "range[end]": lines[1]})
    except Vanished:
        return ()
    return ANSWERS.items(_PIECES, answer.content, f"GET {where}")


def _authors(client: Client, repo: RepoRef, commits: Sequence[str]) -> dict[str, int]:
    """The number of the account of each commit's author, where GitLab ties one."""
    if not commits:
        return {}
    query, names = authors(commits)
    data, _ = client.graph(query, {"path": repo.path, **names})
    shown = (data.get("project") or {}).get("repository") or {}
    found: dict[str, int] = {}
    for n, sha in enumerate(commits):
        last = ANSWERS.about(TreeAnswer, shown.get(f"c{n}") or {}, f"commit {sha[:12]}").last_commit
        number = number_of(last.author.id) if last and last.sha == sha and last.author else 0
        if number:
            found[sha] = number
    return found
