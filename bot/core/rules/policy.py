"""The policy can be read, contradicts nothing, and does not undercut the organisation's floor."""

from __future__ import annotations

from bot.core.facts import Facts
from bot.core.policy.model import PolicyProblem
from bot.core.rules.context import Context
from bot.core.rules.findings import first_few, parent
from bot.core.verdict import Finding

RULE = "policy"
TITLE = "Policy"


def check(facts: Facts, _context: Context) -> Finding:
    policy = facts.policy
    if not policy.problems:
        return Finding(RULE, TITLE, "pass", f"{policy.source}, digest {policy.digest[:12]}")
    children = first_few(policy.problems, _problem, _rest)
    return parent(RULE, TITLE, children, f"{policy.source}: {len(policy.problems)} problems")


def _problem(problem: PolicyProblem) -> Finding:
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    cure = f"{problem.cure}. The gate reads the policy from the base branch, so mend it there"
    return Finding(f"{RULE}.problem", "Policy file", "block", f"{place}: {problem.saw}", problem.wanted, cure)


def _rest(left: int) -> Finding:
    cure = "run `llmgate policy check` on the file"
    return Finding(f"{RULE}.problem", "Policy file", "block", f"{left} more problems", "none", cure)
