"""Who leads where a change waits: the role `leads`, and the roles that the tier's chain tells when nobody answers."""

from __future__ import annotations

from bot.core.approval import Tier
from bot.core.facts import Facts
from bot.core.ids import PersonId, RoleName

LEADS = RoleName("leads")


def lead_roles(facts: Facts, tier: Tier) -> tuple[RoleName, ...]:
    """`leads` first, then the roles of the chain's steps of that kind."""
    steps = facts.policy.tier(tier).chain.steps
    return tuple(dict.fromkeys((LEADS, *(step.role for step in steps if step.deed == "lead" and step.role))))


def leads_of(facts: Facts, tier: Tier) -> tuple[PersonId, ...]:
    """Everybody who leads where this change is reviewed."""
    found = [facts.directory.members(role) for role in lead_roles(facts, tier)]
    return tuple(dict.fromkeys(person for members in found if members for person in members.people))
