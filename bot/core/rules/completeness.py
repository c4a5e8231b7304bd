"""Nothing the verdict rests on is missing. What could not be read is never taken for good news."""

from __future__ import annotations

from bot.core.facts import Facts, Gap
from bot.core.rules.context import Context
from bot.core.rules.findings import count, first_few, parent
from bot.core.verdict import Finding

RULE = "completeness"
TITLE = "Facts"
_CURES = {
    "commits": "split the change into smaller ones, or squash its commits",
    "files": "split the change into smaller ones",
    "patch": "split the change, so that the forge shows the difference of each file",
    "policy": "see that the base branch's policy can be read; the gate looks again by itself",
    "owners": "see that CODEOWNERS of the base branch can be read; the gate looks again by itself",
    "people": "mend the people file",
    "roles": "see that the role's team or group can be read; the gate looks again by itself",
}


def check(facts: Facts, _context: Context) -> Finding:
    if not facts.gaps:
        return Finding(
            RULE, TITLE, "pass", f"{count(len(facts.commits), 'commit')} and {count(len(facts.files), 'file')}, read whole"
        )
    return parent(RULE, TITLE, first_few(facts.gaps, _gap, _rest), f"{len(facts.gaps)} things could not be read whole")


def _gap(gap: Gap) -> Finding:
    cure = _CURES.get(gap.what, "nothing, if a service was away: the gate looks again by itself")
    return Finding(f"{RULE}.{gap.what}", f"Reading the {gap.what}", "block", gap.saw, gap.wanted, cure)


def _rest(left: int) -> Finding:
    return Finding(f"{RULE}.rest", "Reading the rest", "block", f"{left} more gaps", "none", "mend the ones above first")
