"""How far signals reach: which commits and which files are generated, and by whom.

A commit's signal reaches the files it touched, a file's signal that file. A signal of the whole change reaches every file,
unless commits of the change carry the same agent's marks and so say which part is its work. What a file or a document
declares narrows nothing: it is written by the change's author.

Signals remembered from a head that is gone point at commits and files that no longer exist. A rebase writes every commit anew
and its marks come along, so they widen nothing where the agent still shows marks of its own; where it shows none any more,
somebody took them away, and then they cover everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.core.detection.model import Signal
from bot.core.facts import ChangedFile, Commit


@dataclass(frozen=True, slots=True)
class Reach:
    """(commit, agent) and (path, agent) pairs in the change's own order; `covers_all` as in `Detection`."""

    commits: tuple[tuple[str, str], ...]
    paths: tuple[tuple[str, str], ...]
    covers_all: bool


@dataclass(slots=True)
class _Agent:
    """`whole`: a signal of the whole change. `unbounded`: a commit whose files nobody knows."""

    commits: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    whole: bool = False
    unbounded: bool = False

    @property
    def everywhere(self) -> bool:
        return self.unbounded or (not self.commits and (self.whole or not self.paths))


def reach(signals: Sequence[Signal], commits: Sequence[Commit], files: Sequence[ChangedFile]) -> Reach:
    """What the deciding `signals` cover."""
    by_sha: dict[str, Commit] = {commit.sha: commit for commit in commits}
    now = {path: file.path for file in files for path in (file.previous_path, file.path) if path}
    agents: dict[str, _Agent] = {}
    for signal in signals:
        agent = agents.setdefault(signal.agent, _Agent())
        commit = by_sha.get(signal.commit or "")
        if commit:
            agent.commits.add(commit.sha)
        if signal.path is not None:
            agent.paths.update(now[path] for path in (signal.path,) if path in now)
        elif commit:
            _touch(agent, commit, now)
        elif signal.commit is None:
            agent.whole = True
    return Reach(
        tuple((commit.sha, name) for commit in commits for name, agent in agents.items() if commit.sha in agent.commits),
        tuple((file.path, name) for file in files for name, agent in agents.items() if file.path in agent.paths),
        any(agent.everywhere for agent in agents.values()),
    )


def _touch(agent: _Agent, commit: Commit, now: dict[str, str]) -> None:
    """The commit's files; where nobody knows them, all files."""
    if commit.files is None:
        agent.unbounded = True
    else:
        agent.paths.update(now[path] for path in commit.files if path in now)
