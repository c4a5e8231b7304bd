"""Carrying an approval on through a clean rebase: which may go on, and whether one that says it was carried really was.

What a person approved was a difference: where a rebase or an update from the base branch leaves that the same line by line,
and nothing is asked that was not asked then, they need not look again if the policy says so. The approval does not move: a
new record is signed that names both commits, and the old one is voided by it. A conflict that was resolved makes another
difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.approval import TIERS, Approval
from bot.core.facts import Facts
from bot.core.patch import patch_id
from bot.core.verdict import Verdict

PROVEN = ("provenance", "evidence")
"""Rules that must hold at the new head by themselves: what was shown then was of the old one."""


@dataclass(frozen=True, slots=True)
class Carriage:
    """An approval that may go on, and in words why."""

    approval: Approval
    because: str


def carriages(facts: Facts, verdict: Verdict, old_head: str) -> tuple[Carriage, ...]:
    """The standing approvals of `old_head` that may go on to the head of the facts. Empty where the policy has none go on."""
    now = patch_id((file.path, file.patch) for file in facts.files)
    rules = facts.policy.tier(verdict.tier)
    if not rules.carry_over or not now or facts.gaps or not _proven(verdict):
        return ()
    latest = _latest(facts.approvals, old_head)
    because = f"the difference is the same ({now[:12]}) after a clean rebase, and nothing stricter is asked"
    return tuple(Carriage(one, because) for one in latest if _may_go_on(one, facts, verdict, now))


def _latest(approvals: Sequence[Approval], head: str) -> list[Approval]:
    """Of each person the last word about that head; an objection is carried nowhere, and neither is what it overtook."""
    words = sorted((one for one in approvals if one.head_sha == head and one.voided is None), key=lambda one: one.decided_at)
    return [one for one in {one.person: one for one in words}.values() if one.decision == "approved"]


def _may_go_on(one: Approval, facts: Facts, verdict: Verdict, now: str) -> bool:
    same_terms = one.policy_digest == verdict.policy_digest and one.base_ref in ("", facts.change.base_ref)
    return same_terms and one.patch_id == now and TIERS.index(verdict.tier) <= TIERS.index(one.tier) and not one.on_forge


def _proven(verdict: Verdict) -> bool:
    found = [top for top in verdict.findings if top.rule in PROVEN]
    return len(found) == len(PROVEN) and all(leaf.outcome in ("pass", "skip") for top in found for leaf in top.walk())


def carried_problem(approval: Approval, known: Mapping[str, Approval]) -> str:
    """What is wrong with an approval that says it was carried on; empty if it really was. `known` are those that verify."""
    origin = known.get(approval.carried_from)
    if origin is None:
        return f"saw an approval carried on from {approval.carried_from[:12]}, which is not on record or does not verify"
    if origin.carried_from:
        return carried_problem(origin, known) or _difference(approval, origin)
    return _difference(approval, origin)


def _difference(approval: Approval, origin: Approval) -> str:
    pairs = (
        ("person", approval.person, origin.person),
        ("account", approval.account.key, origin.account.key),
        ("strength", approval.strength, origin.strength),
        ("difference", approval.patch_id, origin.patch_id),
        ("policy", approval.policy_digest, origin.policy_digest),
        ("branch", approval.base_ref, origin.base_ref),
        ("decision", approval.decision, origin.decision),
        ("checklist", approval.answers, origin.answers),
    )
    other = [name for name, one, two in pairs if one != two]
    if not approval.patch_id:
        other.append("difference")
    if TIERS.index(approval.tier) > TIERS.index(origin.tier):
        other.append("tier")
    return f"saw an approval carried on with another {' and '.join(other)} than {origin.id[:12]} has" if other else ""
