"""Sections of CODEOWNERS that are each enforced: which of their lines this change touches, and who may answer for them.

A line asks for approvals of its own owners, as the forge asks. Somebody who owns several lines answers for all of them with one
approval, and that approval also fills a seat of the policy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.owners.model import OwnerLine, Section
from bot.core.owners.read import parse_owners
from bot.core.policy.defaults import CODEOWNER
from bot.core.policy.model import Seat
from bot.core.routing.crowd import Crowd
from bot.core.routing.pools import owners_known, touched_lines
from bot.core.verdict import SeatState

UNNAMED = "Default"
"""What the forge calls the part of the file before its first heading."""


@dataclass(frozen=True, slots=True)
class Demand:
    """So many approvals of these people. `ignored` says of owners who are nobody here why that is."""

    section: str
    needed: int
    members: frozenset[PersonId]
    ignored: tuple[str, ...] = ()


@dataclass(slots=True)
class Need:
    """A demand that approvals do not meet yet: who could, and how many of them still have to."""

    free: frozenset[PersonId]
    left: int


def demands_of(facts: Facts, crowd: Crowd) -> tuple[Demand, ...]:
    """What the required sections ask for; nothing where the file names no section."""
    owners = parse_owners(facts.owners_text, facts.change.ref.repo.forge)
    if not owners.sectioned:
        return ()
    found: dict[tuple[str, int, frozenset[PersonId]], tuple[Demand, OwnerLine]] = {}
    for section, line in sorted(touched_lines(facts), key=lambda touched: touched[1].line):
        if section.required:
            demand = _demand(section, line, facts, crowd)
            found.setdefault((demand.section, demand.needed, demand.members), (demand, line))
    several = Counter(demand.section for demand, _ in found.values())
    return tuple(
        replace(demand, section=f"{demand.section} ({line.pattern})") if several[demand.section] > 1 else demand
        for demand, line in found.values()
    )


def _demand(section: Section, line: OwnerLine, facts: Facts, crowd: Crowd) -> Demand:
    members: set[PersonId] = set()
    ignored: list[str] = []
    for owner in line.owners:
        people, no = owners_known(owner, facts, crowd)
        members.update(people)
        ignored += [no] if no else []
    return Demand(section.name or UNNAMED, line.needed, frozenset(members), tuple(ignored))


def needs_of(demands: Sequence[Demand], came: frozenset[PersonId], barred: dict[PersonId, str]) -> list[Need]:
    return [
        Need(demand.members - barred.keys() - came, max(0, demand.needed - len(demand.members & came))) for demand in demands
    ]


def covering(needs: Sequence[Need], ranked: Sequence[PersonId]) -> list[PersonId]:
    """Few people who together meet all needs that can be met: again and again whoever answers for most, earlier ones first."""
    left = [Need(need.free, need.left) for need in needs]
    waiting = list(ranked)
    picked: list[PersonId] = []
    while True:
        answers = {who: sum(need.left > 0 and who in need.free for need in left) for who in waiting}
        best = max(waiting, key=answers.__getitem__, default=None)
        if best is None or not answers[best]:
            return picked
        picked.append(best)
        waiting.remove(best)
        for need in left:
            need.left -= need.left > 0 and best in need.free


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is named for something, and who is asked `beside` them because nobody answered."""

    named: Sequence[PersonId]
    beside: Sequence[PersonId] = ()


def section_states(
    demands: Sequence[Demand], came: Sequence[PersonId], asking: Asking, problems: Sequence[str]
) -> tuple[SeatState, ...]:
    """Each demand as a seat: who approved, and who of those that are asked could answer for what is left."""
    states: list[SeatState] = []
    for demand, problem in zip(demands, problems, strict=True):
        taken = tuple(person for person in came if person in demand.members)
        left = max(0, demand.needed - len(taken))
        named = tuple(person for person in dict.fromkeys(asking.named) if person in demand.members)[:left]
        beside = tuple(person for person in asking.beside if left and person in demand.members and person not in named)
        seat = Seat(CODEOWNER, demand.needed)
        problem = problem if left > len(named) else ""
        states.append(SeatState(seat, taken, (*named, *beside), (), problem, demand.section))
    return tuple(states)
