"""Who is asked for what: the seats of the tier, who took them, who is named, who stands behind, and who may not sit down."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from bot.core.detection.model import Detection
from bot.core.facts import Facts
from bot.core.ids import PersonId, RoleName
from bot.core.policy.defaults import CODEOWNER
from bot.core.policy.model import TierRules
from bot.core.routing.crowd import Crowd, crowd_of
from bot.core.routing.fitness import barred_of, card_of, idle_of, unfit_of
from bot.core.routing.hands import Hands, hands_of
from bot.core.routing.pools import Pool, pool_of, with_stand_ins
from bot.core.routing.ranking import ranking_of
from bot.core.routing.seats import Sitting, seat_states
from bot.core.routing.sections import demands_of
from bot.core.routing.standing import Bench, Standing, standing_of
from bot.core.routing.turnout import turnout_of
from bot.core.verdict import Candidate, Disqualified, Routing

MOST_CANDIDATES = 50


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
    hands, unfit = hands_of(facts, detection), unfit_of(facts, crowd)
    barred = barred_of(crowd, hands, unfit)
    pools = {seat.role: with_stand_ins(pool_of(seat.role, facts, crowd), facts, crowd, rules) for seat in rules.seats}
    standing = standing_of(facts, Bench(crowd, barred, rules, _filled(pools)))
    demands = demands_of(facts, crowd) if CODEOWNER in pools and not rules.auto_approve else ()
    objecting = frozenset(crowd.one(objection.person) for objection in standing.objections)
    ranking = ranking_of(facts, turnout_of(facts, crowd), crowd, pools.values(), objecting)
    sitting = Sitting(crowd, barred, pools, standing, ranking, facts.now, demands)
    routing = Routing(
        () if rules.auto_approve else seat_states(rules, sitting),
        _disqualified(crowd, barred),
        _eligible(crowd, barred, pools),
        _overriders(facts, crowd, barred),
        () if rules.auto_approve else _order(sitting),
        tuple(dict.fromkeys((*card_of(facts), *idle_of(pools.values(), barred, unfit, crowd)))),
    )
    return Panel(crowd, hands, barred, pools, standing, routing)


def candidates(routing: Routing) -> tuple[PersonId, ...]:
    """Whose attendance matters for who is asked: members of the seats' pools that are not barred, at most 50, the same ones
    as long as the change stays as it is."""
    return tuple(candidate.person for candidate in routing.order if not candidate.gone)


def _order(sitting: Sitting) -> tuple[Candidate, ...]:
    """In the order of asking. Where there are many, as many of each seat: a large pool leaves room for a small one."""
    ranked = sitting.ranking.order(sitting.left)
    by_seat = [[who for who in ranked if who in free] for free in map(sitting.free, sitting.pools)]
    shown = dict.fromkeys(who for row in zip_longest(*by_seat) for who in row if who)
    kept = frozenset(list(shown)[:MOST_CANDIDATES])
    left = sitting.left
    gone = [who for who, asked in sitting.ranking.turnout.asked.items() if asked.gone and who in left]
    return tuple(sitting.ranking.candidate(who) for who in (*(one for one in ranked if one in kept), *gone))


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
