"""The scan for programs. One JSON object on standard output, written change by change so that memory stays small.

Keys, format `llmgate-scan/1` (keys may be added, never renamed or removed within a format):

- `format`, `repository` {path, head, branch, bare, shallow, since, forge}, `policy` {source, digest, mode, problems}
- `changes`: every change that is generated, declared as human or breaks a rule, newest first, each {commit, name, title,
  merged_at, merge, kind, agents, grade, signals [{agent, mark, carrier, grade, saw, commit, path, assisted}],
  commits [{commit, agent}], commit_count, files [{path, status, additions, deletions, agents, document}], tier (null where the
  gate does not apply), reasons [{tier, rule, saw}], asked [{role, count, names, problem}],
  missing [{rule, saw, wanted, cure}], violations [{name, saw, wanted, commit}]}
- `files`: files of the head that hold generated code, {path, agents, grade, commit}
- `totals`: {commits, generated_commits, changes, generated, undeclared, human_declared, agents {name: {changes, commits}},
  tiers {low, medium, high}, missing {rule: changes}, asked {seat: changes}, files, generated_files, changed_generated_files,
  covered_generated_files, violations}
- `gaps`: what is missing in the repository itself, in words
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from bot.cli.scanning.ground import Ground
from bot.cli.scanning.judge import Judged
from bot.cli.scanning.tally import Tally, agents_of
from bot.core.approval import TIERS
from integrations.git.repository import Repository

FORMAT = "llmgate-scan/1"


def opening(repository: Repository, ground: Ground, since: str) -> str:
    """The object up to its first change."""
    policy = ground.policy
    about = {
        "format": FORMAT,
        "repository": {
            "path": str(repository.root),
            "head": repository.head,
            "branch": repository.branch or None,
            "bare": repository.bare,
            "shallow": repository.shallow,
            "since": since or None,
            "forge": ground.forge,
        },
        "policy": {
            "source": policy.source,
            "digest": policy.digest,
            "mode": policy.mode,
            "problems": [asdict(problem) for problem in policy.problems],
        },
    }
    return _dump(about)[:-1] + ', "changes": ['


def change(seen: Judged) -> str:
    """One change."""
    detection, verdict = seen.verdict.detection, seen.verdict
    gated = verdict.state != "not-generated"
    return _dump({
        "commit": seen.change.tip.commit.sha,
        "name": seen.words.name or None,
        "title": seen.words.title,
        "merged_at": seen.change.tip.committed_at.isoformat(),
        "merge": seen.change.merge,
        "kind": detection.kind,
        "agents": detection.agents,
        "grade": detection.best,
        "signals": [asdict(signal) for signal in detection.signals],
        "commits": [{"commit": sha, "agent": agent} for sha, agent in detection.commits],
        "commit_count": seen.commits,
        "files": list(_files(seen)),
        "tier": verdict.tier if gated else None,
        "reasons": [asdict(reason) for reason in verdict.reasons] if gated else [],
        "asked": [asdict(asked) for asked in seen.asked],
        "missing": [
            {"rule": one.rule, "saw": one.saw, "wanted": one.wanted, "cure": one.cure} for one in seen.missing if gated
        ],
        "violations": [asdict(violation) for violation in detection.violations],
    })  # fmt: skip


def closing(tally: Tally, gaps: tuple[str, ...]) -> str:
    """The rest of the object."""
    agents = {
        name: {"changes": count, "commits": tally.agent_commits.get(name, 0)} for name, count in tally.agents.most_common()
    }
    rest = {
        "files": [
            {"path": path, "agents": list(file.agents), "grade": file.grade, "commit": file.commit or None}
            for path, file in sorted(tally.files.items())
        ],
        "totals": {
            "commits": tally.commits,
            "generated_commits": tally.generated_commits,
            "changes": tally.changes,
            "generated": tally.generated,
            "undeclared": tally.undeclared,
            "human_declared": tally.human,
            "agents": agents,
            "tiers": {tier: tally.tiers[tier] for tier in TIERS},
            "missing": dict(tally.missing.most_common()),
            "asked": dict(tally.asked.most_common()),
            "files": len(tally.present),
            "generated_files": len(tally.files),
            "changed_generated_files": tally.files_changed,
            "covered_generated_files": tally.files_covered,
            "violations": tally.violation_count,
        },
        "gaps": gaps,
    }
    return "], " + _dump(rest)[1:]


def _files(seen: Judged) -> Iterator[dict[str, object]]:
    agents, covered = agents_of(seen), dict(seen.covered)
    for file in seen.files:
        yield {
            "path": file.path,
            "status": file.status,
            "additions": file.additions,
            "deletions": file.deletions,
            "agents": agents.get(file.path, seen.verdict.detection.agents),
            "document": covered.get(file.path),
        }


def _dump(value: object) -> str:
    """ASCII, so that no terminal and no encoding can bend it; what is no text of Unicode is escaped as it stands."""
    return json.dumps(value, separators=(", ", ": "))
