"""Who is asked for what: the seats of the tier, who took them, who is named, who stands behind, and who may not sit down.

The order of people is fixed for a change by a hash of the change and the person: the same whoever asks and whenever, and
spread over a team. Owners of more of the touched files come first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.detection.model import Detection
from bot.core.facts import Facts
from bot.core.ids import Person, PersonId, RoleName
from bot.core.policy.defaults import CODEOWNER
from bot.core.policy.model import Seat, TierRules
from bot.core.routing.crowd import Crowd, crowd_of
from bot.core.routing.hands import Hands, hands_of
from bot.core.routing.pools import Pool, pool_of
from bot.core.routing.seating import seated
from bot.core.routing.sections import Demand, covering, demands_of, needs_of, section_states
from bot.core.routing.standing import Bench, Standing, standing_of
from bot.core.verdict import Disqualified, Routing, SeatState

MOST_PARTS = 3


@dataclass(frozen=True, slots=True)
class Panel:
    """All that is known of people for this change: the rules of approval and of identity look at it, routing shows it."""

    crowd: Crowd
    hands: Hands
    barred: dict[PersonId, str]
    pools: dict[RoleName, Pool]
    standing: Standing
    routing: Routing


def route(facts: Facts, tier_rules: TierRules, detection: Detection) -> Routing:
    """Who is asked to fill the tier's seats, and who may not."""
    return panel_of(facts, tier_rules, detection).routing


def panel_of(facts: Facts, rules: TierRules, detection: Detection) -> Panel:
    ref = facts.change.ref.repo
    crowd = crowd_of(facts.directory, ref.forge, ref.host)
    hands = hands_of(facts, detection)
    barred = _barred(facts, crowd, hands)
    pools = {seat.role: pool_of(seat.role, facts, crowd) for seat in rules.seats}
    standing = standing_of(facts, Bench(crowd, barred, rules, _filled(pools)))
    demands = demands_of(facts, crowd) if CODEOWNER in pools and not rules.auto_approve else ()
    seats = () if rules.auto_approve else _seats(facts, rules, crowd, _Sitting(barred, pools, standing, demands))
    routing = Routing(seats, _disqualified(crowd, barred), _eligible(crowd, barred, pools), _overriders(facts, crowd, barred))
    return Panel(crowd, hands, barred, pools, standing, routing)


def _overriders(facts: Facts, crowd: Crowd, barred: dict[PersonId, str]) -> tuple[PersonId, ...]:
    """Members of the roles that the policy names for it, but for those who may decide nothing here."""
    members = [person for role in facts.policy.override.roles for person in pool_of(role, facts, crowd).members]
    return tuple(person for person in dict.fromkeys(members) if person not in barred)


def _filled(pools: dict[RoleName, Pool]) -> dict[PersonId, tuple[RoleName, ...]]:
    """The roles of each member of a pool."""
    roles: dict[PersonId, tuple[RoleName, ...]] = {}
    for pool in pools.values():
        for person in pool.members:
            roles[person] = (*roles.get(person, ()), pool.role)
    return roles


@dataclass(frozen=True, slots=True)
class _Sitting:
    barred: dict[PersonId, str]
    pools: dict[RoleName, Pool]
    standing: Standing
    demands: tuple[Demand, ...] = ()

    def free(self, role: RoleName) -> frozenset[PersonId]:
        return frozenset(person for person in self.pools[role].members if person not in self.barred)


def _barred(facts: Facts, crowd: Crowd, hands: Hands) -> dict[PersonId, str]:
    """Everyone who may not approve, by the entry that stands for them, with the reasons in words that follow a name."""
    reasons: dict[PersonId, list[str]] = {}
    for key, parts in hands.parts.items():
        person = crowd.by_login.get(key[1:]) if key.startswith("@") else crowd.by_account.get(key)
        if person is not None:
            reasons.setdefault(crowd.one(person), []).extend(dict.fromkeys(parts))
    able = None if facts.directory.able is None else frozenset(facts.directory.able)
    unavailable = {crowd.one(person) for person in facts.directory.unavailable}
    accounts: dict[PersonId, list[Person]] = {}
    for person_id, known in crowd.people.items():
        accounts.setdefault(crowd.one(person_id), []).append(known)
    for person_id, entries in accounts.items():
        reason = _unfit(facts, entries, able)
        if person_id in unavailable:
            reason = "has a chat account that is deactivated, a guest's or a stranger's"
        if reason:
            reasons.setdefault(person_id, []).append(reason)
    return {person: _told(said) for person, said in reasons.items()}


def _unfit(facts: Facts, entries: list[Person], able: frozenset[str] | None) -> str:
    """Why this person could not approve any change here; empty if they could."""
    repo = facts.change.ref.repo
    accounts = [a for entry in entries for a in entry.accounts if (a.forge, a.host) == (repo.forge, repo.host)]
    if not accounts:
        return f"has no account on {repo.host} in the people file"
    if any(account.kind == "bot" for account in accounts):
        return "is a bot"
    if able is not None and not any(account.key in able for account in accounts):
        return f"may not write to {repo.path}"
    return ""


def _told(said: list[str]) -> str:
    more = ", and more" if len(said) > MOST_PARTS else ""
    return ", ".join(said[:MOST_PARTS]) + more


def _disqualified(crowd: Crowd, barred: dict[PersonId, str]) -> tuple[Disqualified, ...]:
    return tuple(Disqualified(person, barred[crowd.one(person)]) for person in crowd.people if crowd.one(person) in barred)


def _eligible(
    crowd: Crowd, barred: dict[PersonId, str], pools: dict[RoleName, Pool]
) -> tuple[tuple[PersonId, tuple[RoleName, ...]], ...]:
    roles: dict[PersonId, tuple[RoleName, ...]] = {}
    for pool in pools.values():
        for person in pool.members:
            if person not in barred:
                roles[person] = (*roles.get(person, ()), pool.role)
    return tuple((person, roles[crowd.one(person)]) for person in crowd.people if crowd.one(person) in roles)


def _seats(facts: Facts, rules: TierRules, crowd: Crowd, sitting: _Sitting) -> tuple[SeatState, ...]:
    slots = [seat.role for seat in rules.seats for _ in range(seat.count)]
    free = {role: sitting.free(role) for role in sitting.pools}
    came = [crowd.one(approval.person) for approval in sitting.standing.approved]
    objecting = {crowd.one(approval.person) for approval in sitting.standing.objections}
    candidates = frozenset().union(*free.values()) - frozenset(came)
    ranked = sorted(_ranked(facts, crowd, candidates, sitting.pools), key=objecting.__contains__)
    wanted = covering(needs_of(sitting.demands, frozenset(came), sitting.barred), ranked)
    ranked = list(dict.fromkeys((*wanted, *ranked)))
    places = seated(slots, [*came, *ranked], free)
    named = {person for person in places if person} | set(wanted)
    approved = frozenset(came)
    states: list[SeatState] = []
    for seat in rules.seats:
        sat = [person for slot, person in zip(slots, places, strict=True) if slot == seat.role and person]
        taken = tuple(person for person in sat if person in approved)
        asked = tuple(person for person in sat if person not in approved)
        spare = [person for person in ranked if person in free[seat.role] and person not in named]
        backup = tuple(spare[:1]) if len(taken) < seat.count else ()
        named.update(backup)
        problem = "" if len(sat) >= seat.count else _problem(seat, crowd, sitting, len(asked))
        states.append(SeatState(seat, taken, asked, backup, problem))
    asked_anyway = [person for person in places if person and person not in approved]
    problems = [_demand_problem(demand, crowd, sitting) for demand in sitting.demands]
    return (*states, *section_states(sitting.demands, came, [*wanted, *asked_anyway], problems))


def _ranked(facts: Facts, crowd: Crowd, people: Iterable[PersonId], pools: dict[RoleName, Pool]) -> list[PersonId]:
    """The same order for the same change, whoever asks. Those the chat cannot reach come last."""
    change = facts.change.ref.key

    def rank(person: PersonId) -> tuple[bool, int, bytes]:
        known = crowd.people.get(person)
        owned = max((pool.weights.get(person, 0) for pool in pools.values()), default=0)
        spread = hashlib.sha256(f"{change}\0{person}".encode()).digest()
        return (known is None or known.chat is None, -owned, spread)

    return sorted(people, key=rank)


def _problem(seat: Seat, crowd: Crowd, sitting: _Sitting, asked: int) -> str:
    """Why a seat stays empty, in words."""
    pool = sitting.pools[seat.role]
    if pool.problem:
        return pool.problem
    out = [person for person in pool.members if person in sitting.barred]
    reasons = "; ".join(f"{crowd.name(person)} {sitting.barred[person]}" for person in out[:3])
    more = f" and {len(out) - 3} more" if len(out) > 3 else ""
    if len(out) == len(pool.members):
        return f"nobody of `{seat.role}` may approve this change ({reasons}{more})"
    return f"`{seat.role}` has too few people for its seats and the others ({reasons or f'{asked} can be asked'}{more})"


def _demand_problem(demand: Demand, crowd: Crowd, sitting: _Sitting) -> str:
    """Why a section's demand cannot be met, if it cannot."""
    if not demand.members:
        known = "; ".join(demand.ignored[:3])
        return f"nobody of section `{demand.section}` is known" + (f": {known}" if known else "")
    out = sorted(demand.members & sitting.barred.keys())
    reasons = "; ".join(f"{crowd.name(person)} {sitting.barred[person]}" for person in out[:3])
    more = f" and {len(out) - 3} more" if len(out) > 3 else ""
    if len(out) == len(demand.members):
        return f"nobody of section `{demand.section}` can approve this change ({reasons}{more})"
    return f"section `{demand.section}` has too few owners who can approve ({reasons or len(demand.members)}{more})"
