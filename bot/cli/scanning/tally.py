"""The figures of a scan, gathered change by change: nothing is kept of a change but counts, and a few of the riskiest.

Files are followed backwards through renames, newest change first, so that "generated files today" are files of the head under
their names of today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.cli.scanning.judge import Judged, Passed
from bot.core.approval import TIERS, Tier
from bot.core.detection.model import Detection, Grade, Signal, Violation
from bot.core.facts import ChangedFile
from integrations.git.history import LoggedChange

MOST_KEPT = 10
MOST_VIOLATIONS = 200


@dataclass(slots=True)
class FileToday:
    """A file of the head that holds generated code: by whom, how surely that is known, and where it was seen last."""

    agents: dict[str, None]
    grade: Grade
    commit: str = ""


@dataclass(frozen=True, slots=True)
class SeenViolation:
    commit: str
    violation: Violation


@dataclass(slots=True)
class Tally:
    """Counts over the changes given to `add`. `present` are the paths of the head."""

    present: frozenset[str]
    commits: int = 0
    changes: int = 0
    undeclared: int = 0
    human: int = 0
    generated: int = 0
    generated_commits: int = 0
    cut: int = 0
    oldest: str = ""
    newest: str = ""
    agents: Counter[str] = field(default_factory=Counter)
    agent_commits: Counter[str] = field(default_factory=Counter)
    tiers: Counter[Tier] = field(default_factory=Counter)
    carriers: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    files: dict[str, FileToday] = field(default_factory=dict)
    files_changed: int = 0
    files_covered: int = 0
    violations: list[SeenViolation] = field(default_factory=list)
    violation_count: int = 0
    riskiest: dict[Tier, list[Judged]] = field(default_factory=lambda: {tier: [] for tier in TIERS})
    _now: dict[str, str] = field(default_factory=dict)

    def add(self, seen: Judged | Passed) -> None:
        """Count one change; newest first."""
        change = seen.change
        self.changes += 1
        self.commits += 1 + len(change.brought)
        self.cut += change.cut
        day = f"{change.tip.committed_at:%Y-%m-%d}"
        self.newest = self.newest or day
        self.oldest = day
        if isinstance(seen, Judged):
            self._add_judged(seen)
        else:
            self.undeclared += 1
        self._follow(change)

    def add_marks(self, signals: Iterable[Signal]) -> None:
        """Files of the head that carry a mark themselves."""
        for signal in signals:
            if signal.path is not None:
                self._file_today(signal.path, signal.agent, signal.grade, "")

    def _add_judged(self, seen: Judged) -> None:
        detection = seen.verdict.detection
        for violation in detection.violations:
            self.violation_count += 1
            if len(self.violations) < MOST_VIOLATIONS:
                self.violations.append(SeenViolation(violation.commit or seen.change.tip.commit.sha, violation))
        self.human += detection.kind == "human-declared"
        self.undeclared += detection.kind == "undeclared"
        if seen.verdict.state == "not-generated":
            return
        self.tiers[seen.verdict.tier] += 1
        self.missing.update({finding.rule: 1 for finding in seen.missing})
        self.asked.update(asked.words() for asked in seen.asked)
        if len(self.riskiest[seen.verdict.tier]) < MOST_KEPT:
            self.riskiest[seen.verdict.tier].append(seen)
        if detection.generated:
            self._add_generated(seen, detection)

    def _add_generated(self, seen: Judged, detection: Detection) -> None:
        self.generated += 1
        self.agents.update(detection.agents)
        self.carriers.update({signal.carrier for signal in detection.signals if signal.grade != "E"})
        self.generated_commits += len({sha for sha, _ in detection.commits})
        self.agent_commits.update(agent for _, agent in detection.commits)
        self.files_changed += len(seen.files)
        self.files_covered += len(seen.covered)
        for path, agents in agents_of(seen).items():
            for agent in agents:
                self._file_today(path, agent, detection.best or "E", seen.change.tip.commit.sha)

    def _file_today(self, path: str, agent: str, grade: Grade, commit: str) -> None:
        today = self._now.get(path, path)
        if today not in self.present:
            return
        known = self.files.setdefault(today, FileToday({}, grade, commit))
        known.agents[agent] = None
        known.grade = min(known.grade, grade)
        known.commit = known.commit or commit

    def _follow(self, change: LoggedChange) -> None:
        """Before this change an added or renamed file was another one's or nobody's, and a renamed one had its old name."""
        older: dict[str, str] = {}
        begun = list(change.added())
        if change.renames:
            renamed = [(file.previous_path or "", file.path) for file in change.files() if file.status == "renamed"]
            older = {before: self._now.get(after, after) for before, after in renamed}
            begun += [after for _, after in renamed]
        self._now.update(dict.fromkeys(begun, ""))
        self._now.update(older)

    def shown(self, most: int = MOST_KEPT) -> list[Judged]:
        """The riskiest changes, the newest of each tier first."""
        return [judged for tier in reversed(TIERS) for judged in self.riskiest[tier]][:most]


def agents_of(seen: Judged) -> dict[str, tuple[str, ...]]:
    """Each generated file of a change with its agents; where nothing narrows it, all agents of the change."""
    detection = seen.verdict.detection
    by_path: dict[str, list[str]] = {}
    for path, agent in detection.paths:
        by_path.setdefault(path, []).append(agent)
    return {file.path: tuple(by_path.get(file.path, detection.agents)) for file in seen.files if not removed(file)}


def removed(file: ChangedFile) -> bool:
    return file.status == "removed"
