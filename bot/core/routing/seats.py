"""The seats of a tier: who took them, who is named for what is left, who is asked as well, and who stands behind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.ids import PersonId, RoleName
from bot.core.policy.model import Seat, TierRules
from bot.core.routing.crowd import Crowd
from bot.core.routing.pools import Pool
from bot.core.routing.ranking import Ranking
from bot.core.routing.seating import seated
from bot.core.routing.sections import Asking, Demand, covering, needs_of, section_states
from bot.core.routing.standing import Standing
from bot.core.routing.turnout import Seen
from bot.core.verdict import SeatState

MOST_NAMED = 3
OUT: dict[Seen, str] = {"out-of-hours": "out of hours", "absent": "absent"}


@dataclass(frozen=True, slots=True)
class Sitting:
    """What seats are filled from."""

    crowd: Crowd
    barred: dict[PersonId, str]
    pools: dict[RoleName, Pool]
    standing: Standing
    ranking: Ranking
    now: datetime
    demands: tuple[Demand, ...] = ()

    def free(self, role: RoleName) -> frozenset[PersonId]:
        return frozenset(person for person in self.pools[role].members if person not in self.barred)

    @property
    def came(self) -> list[PersonId]:
        return [self.crowd.one(approval.person) for approval in self.standing.approved]

    @property
    def left(self) -> frozenset[PersonId]:
        """Everybody who may approve and has not."""
        return frozenset(who for role in self.pools for who in self.free(role)) - frozenset(self.came)


@dataclass(frozen=True, slots=True)
class _Placing:
    """Who sits where. `ranked`: who may be named at all, the first first."""

    slots: tuple[RoleName, ...]
    places: tuple[PersonId | None, ...]
    ranked: tuple[PersonId, ...]
    wanted: tuple[PersonId, ...]
    """Who answers for sections."""
    beside: dict[PersonId, str]
    """Who is asked as well, with the seat they are asked for."""

    def at(self, role: RoleName) -> list[PersonId]:
        return [who for slot, who in zip(self.slots, self.places, strict=True) if slot == role and who]


def seat_states(rules: TierRules, sitting: Sitting) -> tuple[SeatState, ...]:
    """The seats of the tier, then those that sections ask for."""
    placing = _placed(rules, sitting)
    named = {who for who in placing.places if who} | set(placing.wanted) | placing.beside.keys()
    states: list[SeatState] = []
    for seat in rules.seats:
        state = _state(seat, sitting, placing, named)
        named.update(state.backup)
        states.append(state)
    approved = frozenset(sitting.came)
    asked = [*placing.wanted, *(who for who in placing.places if who and who not in approved)]
    problems = [_demand_problem(demand, sitting) for demand in sitting.demands]
    return (*states, *section_states(sitting.demands, sitting.came, Asking(asked, tuple(placing.beside)), problems))


def _placed(rules: TierRules, sitting: Sitting) -> _Placing:
    came, turnout = sitting.came, sitting.ranking.turnout
    ranked = sitting.ranking.order(sitting.left)
    kept = sitting.ranking.kept(ranked)
    answering = covering(needs_of(sitting.demands, frozenset(came), sitting.barred), kept)
    still = needs_of(sitting.demands, frozenset((*came, *answering)), sitting.barred)
    wanted = [*answering, *covering(still, [who for who in ranked if who not in answering])]
    ranked = list(dict.fromkeys((*kept, *wanted, *ranked)))
    slots = tuple(seat.role for seat in rules.seats for _ in range(seat.count))
    free = {role: sitting.free(role) for role in sitting.pools}
    places = tuple(seated(slots, [*came, *ranked], free))
    beside: dict[PersonId, str] = {}
    for who in turnout.as_well:
        roles = [role for role, people in free.items() if who in people]
        if who in ranked and who not in places:
            seat = turnout.asked[who].seat
            beside[who] = seat if seat in roles else roles[0]
    return _Placing(slots, places, tuple(ranked), tuple(wanted), beside)


def _state(seat: Seat, sitting: Sitting, placing: _Placing, named: Collection[PersonId]) -> SeatState:
    free, approved = sitting.free(seat.role), frozenset(sitting.came)
    sat = placing.at(seat.role)
    taken = tuple(who for who in sat if who in approved)
    if len(taken) >= seat.count:
        return SeatState(seat, taken)
    beside = [who for who, role in placing.beside.items() if role == seat.role]
    could = [who for who in placing.ranked if who in free]
    asked = (*(who for who in could if who in sat), *beside)
    backup = tuple(who for who in could if who not in named)[:1]
    if len(sat) < seat.count:
        declined = any(map(sitting.ranking.turnout.gone, sitting.pools[seat.role].members))
        return SeatState(seat, taken, asked, backup, _problem(seat, sitting, len(asked)), declined=declined)
    note = _note(asked, could, sitting)
    opens = sitting.ranking.turnout.opens(asked[0], sitting.now) if note else None
    return SeatState(seat, taken, asked, backup, note=note, opens=opens)


def _note(asked: Sequence[PersonId], could: Sequence[PersonId], sitting: Sitting) -> str:
    """That nobody who could is at work: whoever waits knows then why nobody answers. Not once one of those asked is back."""
    turnout = sitting.ranking.turnout
    seen = {turnout.seen(who) for who in (*asked, *could)}
    if not asked or not seen <= OUT.keys() or any(turnout.is_back(who, sitting.now) for who in asked):
        return ""
    return f"everyone who could is {' or '.join(words for out, words in OUT.items() if out in seen)}"


def _problem(seat: Seat, sitting: Sitting, asked: int) -> str:
    """Why a seat stays empty, in words."""
    pool = sitting.pools[seat.role]
    if pool.problem:
        return pool.problem
    out = [person for person in pool.members if person in sitting.barred]
    if len(out) == len(pool.members):
        return f"nobody of `{seat.role}` may approve this change ({_why_out(out, sitting)})"
    out += [who for who in pool.members if sitting.ranking.turnout.gone(who) and who not in out]
    if len(out) == len(pool.members):
        return f"nobody of `{seat.role}` is left to ask ({_why_out(out, sitting)})"
    return (
        f"`{seat.role}` has too few people for its seats and the others ({_why_out(out, sitting) or f'{asked} can be asked'})"
    )


def _demand_problem(demand: Demand, sitting: Sitting) -> str:
    """Why a section's demand cannot be met, if it cannot."""
    if not demand.members:
        known = "; ".join(demand.ignored[:MOST_NAMED])
        return f"nobody of section `{demand.section}` is known" + (f": {known}" if known else "")
    out = sorted(demand.members & sitting.barred.keys())
    if len(out) == len(demand.members):
        return f"nobody of section `{demand.section}` can approve this change ({_why_out(out, sitting)})"
    reasons = _why_out(out, sitting) or len(demand.members)
    return f"section `{demand.section}` has too few owners who can approve ({reasons})"


def _why_out(out: Sequence[PersonId], sitting: Sitting) -> str:
    """The first few of them, with why each cannot or will not."""
    gone = sitting.ranking.turnout.gone
    reasons = "; ".join(f"{sitting.crowd.name(who)} {sitting.barred.get(who) or gone(who)}" for who in out[:MOST_NAMED])
    return reasons + (f" and {len(out) - MOST_NAMED} more" if len(out) > MOST_NAMED else "")
