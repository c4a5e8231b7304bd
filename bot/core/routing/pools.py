"""Who could fill a role on this change: all known people, the owners of touched files, or a role's members."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.core.facts import Facts
from bot.core.ids import PersonId, RoleName
from bot.core.owners.model import Owner, OwnerLine, Section
from bot.core.owners.read import parse_owners
from bot.core.policy.defaults import ANYONE, CODEOWNER
from bot.core.policy.model import TierRules
from bot.core.routing.crowd import Crowd


@dataclass(frozen=True, slots=True)
class Pool:
    """The members of one role, each once. `weights` says how many touched files each owns. `problem` is why nobody is in
    it, `cure` what to do then; `ignored` names owners that lead to no known person."""

    role: RoleName
    members: tuple[PersonId, ...] = ()
    weights: dict[PersonId, int] = field(default_factory=dict)
    problem: str = ""
    cure: str = ""
    ignored: tuple[str, ...] = ()


def pool_of(role: RoleName, facts: Facts, crowd: Crowd) -> Pool:
    """The pool of a role, before anyone is barred from it."""
    if role == ANYONE:
        members = tuple(dict.fromkeys(crowd.one(person) for person in crowd.people))
        problem = "" if members else "no person is known"
        return Pool(role, members, problem=problem, cure="list people with their accounts in the people file")
    if role == CODEOWNER:
        return _owners(facts, crowd)
    members, problem = _members(role, facts, crowd)
    cure = f"define `roles.{role}` in the policy (people, team or chat_group), with people whom the people file knows"
    return Pool(role, members, problem=problem, cure=cure)


def with_stand_ins(pool: Pool, facts: Facts, crowd: Crowd, rules: TierRules) -> Pool:
    """The pool with those who were asked to fill its seats because nobody answered: members of a role that the tier's chain
    names for it, and nobody else, whatever was kept of who was asked. A section of CODEOWNERS has no stand-ins: the forge
    would not take their approval for it."""
    roles = dict.fromkeys(step.role for step in rules.chain.steps if step.deed == "fallback" and step.role)
    asked = [one for one in facts.assignments if one.how == "fallback" and one.seat == pool.role]
    if not roles or not asked:
        return pool
    may = {person for role in roles for person in pool_of(role, facts, crowd).members}
    joining = [crowd.one(one.person) for one in asked if crowd.one(one.person) in may]
    members = tuple(dict.fromkeys((*pool.members, *joining)))
    return replace(pool, members=members, problem="" if members else pool.problem)


def _members(role: RoleName, facts: Facts, crowd: Crowd) -> tuple[tuple[PersonId, ...], str]:
    found = facts.directory.members(role)
    if found is None:
        return (), f"nobody says who `{role}` is"
    members = tuple(dict.fromkeys(crowd.one(person) for person in found.people if person in crowd.people))
    if members:
        return members, ""
    return (), f"`{role}` has no known member ({found.problem or found.source})"


def _owners(facts: Facts, crowd: Crowd) -> Pool:
    cure = "name owners of these files in CODEOWNERS on the base branch, with people whom the people file knows"
    if not facts.owners_text.strip():
        return Pool(CODEOWNER, problem="the base branch has no CODEOWNERS", cure=cure)
    lines = touched_lines(facts)
    weights: Counter[PersonId] = Counter()
    ignored: dict[str, str] = {}
    for (_, line), files in lines.items():
        for owner in line.owners:
            people, no = owners_known(owner, facts, crowd)
            weights.update(dict.fromkeys(people, files))
            if no:
                ignored[owner.name] = no
    if weights:
        return Pool(CODEOWNER, tuple(sorted(weights)), dict(weights), cure=cure, ignored=tuple(ignored.values()))
    problem = "no owner of the touched files is known" if lines else "CODEOWNERS names no owner for the touched files"
    if ignored:
        problem += ": " + "; ".join(list(ignored.values())[:3])
    return Pool(CODEOWNER, problem=problem, cure=cure, ignored=tuple(ignored.values()))


def touched_lines(facts: Facts) -> Counter[tuple[Section, OwnerLine]]:
    """The lines of CODEOWNERS that decide over this change, each with how many touched files it decides over."""
    owners = parse_owners(facts.owners_text, facts.change.ref.repo.forge)
    lines: Counter[tuple[Section, OwnerLine]] = Counter()
    for file in facts.files:
        for path in dict.fromkeys((file.path, file.previous_path or file.path)):
            lines.update(found for found in owners.matches(path) if found[1].owners)
    return lines


def owners_known(owner: Owner, facts: Facts, crowd: Crowd) -> tuple[tuple[PersonId, ...], str]:
    """The people whom an owner as written stands for, or why it stands for nobody."""
    if owner.kind == "email":
        return (), f"{owner.name} is an address, and an address is no identity"
    if owner.kind in ("login", "name"):
        person = crowd.by_login.get(owner.name.lower())
        if person or owner.kind == "login":
            return ((crowd.one(person),), "") if person else ((), f"{owner} is in no entry of the people file")
    for name in _spellings(owner):
        members = facts.directory.members(RoleName(name))
        if members is not None:
            people = tuple(dict.fromkeys(crowd.one(person) for person in members.people if person in crowd.people))
            return people, "" if people else f"{owner} has no known member"
    return (), f"the members of {owner} are unknown"


def _spellings(owner: Owner) -> Iterable[str]:
    """A team is looked up whole first, then by its slug alone; a role with its marks."""
    return (str(owner),) if owner.kind == "role" else (owner.name, owner.name.rpartition("/")[2])
