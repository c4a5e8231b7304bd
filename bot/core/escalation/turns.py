"""Whose turn it is. Only the one who blocks is ever waited for: the author while there is something for them to mend, or
somebody else for them to name, else whoever is asked to decide, and nobody where neither could do a thing about it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.escalation.model import AUTHOR, Turn
from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.card import asked_people
from bot.core.messages.words import obstacles
from bot.core.routing.crowd import crowd_of
from bot.core.rules import approvals, evidence, identity, origin, provenance, twins
from bot.core.verdict import Finding, SeatState, Verdict

OBJECTION = f"{approvals.RULE}.objection"
SECTION = "section:"
AUTHORS_TO_MEND = (provenance.RULE, evidence.RULE, identity.RULE, origin.RULE, twins.RULE)
"""Rules whose findings the author can mend. A policy that cannot be read, or a role without members, is not theirs."""
ASKED = "has been asked to review"
NOBODY_LEFT = "has nobody left to ask, and can have somebody else asked"


def turns_of(facts: Facts, verdict: Verdict) -> tuple[Turn, ...]:
    """Every turn, in the order of the seats; several of the same seat where it wants several people.

    Nobody's: a change that is a draft, over, green, overridden or only observed, and a request that expired.
    """
    change = facts.change
    if change.state != "open" or change.draft or verdict.merge_allowed or verdict.mode == "observe" or facts.expired_at:
        return ()
    theirs = [leaf for leaf in obstacles(verdict) if _is_authors(leaf)]
    left = [state for state in verdict.routing.seats if state.open and state.problem and state.declined]
    if theirs or left:
        crowd = crowd_of(facts.directory, change.ref.repo.forge, change.ref.repo.host)
        author = crowd.owner_of(change.author)
        return (Turn(AUTHOR, crowd.one(author), _why(theirs) if theirs else NOBODY_LEFT),) if author else ()
    asked = frozenset(asked_people(verdict))
    return tuple(turn for state in verdict.routing.seats for turn in _seat(state, asked))


def seat_name(state: SeatState) -> str:
    """The role, or the section of CODEOWNERS that asks."""
    return f"{SECTION}{state.section}" if state.section else str(state.seat.role)


def _seat(state: SeatState, asked: frozenset[PersonId]) -> Iterator[Turn]:
    """As many as are still wanted; whoever is asked beside them is not the one who blocks."""
    for person in state.asked[: state.open]:
        if person in asked:
            yield Turn(seat_name(state), person, ASKED)


def _is_authors(leaf: Finding) -> bool:
    return leaf.rule == OBJECTION or leaf.rule.partition(".")[0] in AUTHORS_TO_MEND


def _why(theirs: list[Finding]) -> str:
    """In words that follow the author's name; the first of these is what a person said, and comes first."""
    rules = [leaf.rule for leaf in theirs]
    if OBJECTION in rules:
        return "has changes to make that a reviewer asked for"
    if any(rule.startswith(evidence.RULE) for rule in rules):
        return "has failing checks to look at"
    if any(rule.startswith(provenance.RULE) for rule in rules):
        return "has provenance to add"
    return "has findings to look at"
