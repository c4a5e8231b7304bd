"""The chains of a file over those of the files before it, and what they contradict."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from bot.core.escalation.model import Chain
from bot.core.ids import RoleName
from bot.core.policy.defaults import LEADS
from bot.core.policy.file import ChainFile, PolicyFile
from bot.core.policy.model import Policy, PolicyProblem, TierRules

Where = Callable[[str], tuple[str, int]]


def laid_chain(base: Chain, said: ChainFile) -> Chain:
    """What the file says takes the place of what was said before; a chain of steps as a whole."""
    return Chain(
        steps=base.steps if said.steps is None else said.steps,
        quiet=base.quiet if said.quiet is None else said.quiet,
        snoozes=base.snoozes if said.snoozes is None else said.snoozes,
        snooze_most=said.snooze_most or base.snooze_most,
        at_night=base.at_night if said.at_night is None else said.at_night,
    )


def unknown_roles(said: PolicyFile, known: Collection[str], where: Where) -> list[PolicyProblem]:
    """Steps and fatigue rules of the file that name a role which nobody defines. A webhook is named in the settings."""
    found: list[PolicyProblem] = []
    for tier in said.tiers:
        path = f"tiers.{tier.tier}.escalation"
        named = dict.fromkeys(step.role for step in tier.chain.steps or () if step.role and step.deed != "webhook")
        found += [_unknown(path, role, where) for role in named if role not in known]
    if said.fatigue and said.fatigue.lead and said.fatigue.lead not in known:
        found.append(_unknown("fatigue.lead", said.fatigue.lead, where))
    return found


def _unknown(path: str, role: RoleName, where: Where) -> PolicyProblem:
    file, line = where(path)
    saw = f"`{path}`: an unknown role `{role}`"
    return PolicyProblem(file, line, saw, "a role of `roles`", f"define `roles.{role}`, or name one that is there")


def without_absent_leads(policy: Policy) -> Policy:
    """The built-in chains tell `leads`, where the policy has such a role; elsewhere that step is left out."""
    if any(role.role == LEADS for role in policy.roles):
        return policy
    return replace(policy, tiers=tuple(_without_leads(rules) for rules in policy.tiers))


def _without_leads(rules: TierRules) -> TierRules:
    kept = tuple(step for step in rules.chain.steps if not (step.deed == "lead" and step.role == LEADS))
    return replace(rules, chain=replace(rules.chain, steps=kept))


def stand_ins(chain: Chain) -> tuple[RoleName, ...]:
    """Whose members may fill a seat in place of those who did not answer."""
    return tuple(sorted({step.role for step in chain.steps if step.deed == "fallback" and step.role}))
