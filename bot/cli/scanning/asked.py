"""Who would have been asked: the tier's seats, filled with the names that policy and CODEOWNERS write down.

Locally nobody can say who a team's members are, nor who of them had a part in the change; so owners and roles are told by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.facts import ChangedFile
from bot.core.owners.model import Owners
from bot.core.policy.defaults import ANYONE, CODEOWNER
from bot.core.policy.model import Policy, RoleSource, Seat, TierRules

MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One seat: so many people of a role, by the names known, or why nobody is known."""

    role: str
    count: int
    names: tuple[str, ...] = ()
    problem: str = ""

    def words(self) -> str:
        who = ", ".join(self.names[:MOST_NAMES]) + (" …" if len(self.names) > MOST_NAMES else "")
        return f"{self.count} × {self.role} ({who or self.problem})" if who or self.problem else f"{self.count} × {self.role}"


def asked_for(rules: TierRules, policy: Policy, owners: Owners, files: Iterable[ChangedFile]) -> tuple[Asked, ...]:
    """The seats of a tier; none where the policy approves by itself."""
    if rules.auto_approve:
        return ()
    return tuple(_seat(seat, policy, owners, files) for seat in rules.seats)


def unfilled_roles(policy: Policy) -> tuple[str, ...]:
    """Roles that some tier asks for and the policy fills with nobody."""
    named = {source.role for source in policy.roles}
    wanted = {seat.role: None for rules in policy.tiers if not rules.auto_approve for seat in rules.seats}
    return tuple(role for role in wanted if role not in named and role not in (ANYONE, CODEOWNER))


def _seat(seat: Seat, policy: Policy, owners: Owners, files: Iterable[ChangedFile]) -> Asked:
    if seat.role == ANYONE:
        return Asked(seat.role, seat.count)
    if seat.role == CODEOWNER:
        names = _owners(owners, files)
        problem = "CODEOWNERS names nobody for these files" if owners.lines or owners.problems else "no CODEOWNERS"
        return Asked(seat.role, seat.count, names, "" if names else problem)
    source = next((source for source in policy.roles if source.role == seat.role), None)
    names = _members(source) if source else ()
    return Asked(seat.role, seat.count, names, "" if names else "role not configured")


def _owners(owners: Owners, files: Iterable[ChangedFile]) -> tuple[str, ...]:
    """Owners as they are written, those of most files first."""
    counted: Counter[str] = Counter()
    for file in files:
        for path in dict.fromkeys((file.path, file.previous_path or file.path)):
            counted.update(map(str, owners.owners_of(path)))
    return tuple(name for name, _ in sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def _members(source: RoleSource) -> tuple[str, ...]:
    if source.people:
        return source.people
    return (f"team @{source.team}",) if source.team else (f"chat group {source.chat_group}",)
