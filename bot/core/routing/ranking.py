"""In which order people are asked.

Whoever was asked already comes first, so that a second look names the same people whatever they do meanwhile. Then whom the
chat reaches, who is at work, who wrote and owns most of what is touched where the policy prefers authors, whose desk is
emptier, and who owns more of the touched files. What is left is decided by a hash of the change and the person: the same
whoever asks and whenever, and spread over a team.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.routing.crowd import Crowd
from bot.core.routing.pools import Pool
from bot.core.routing.turnout import FIRST_TO_LAST, Turnout
from bot.core.verdict import Candidate

Rank = tuple[bool, bool, int, bool, int, int, float, int, bytes]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What people are ranked by, on one change."""

    change: str
    crowd: Crowd
    turnout: Turnout
    wrote: dict[PersonId, int]
    owned: dict[PersonId, int]
    prefers_authors: bool
    objecting: frozenset[PersonId]
    """Those who asked for changes are the last to be asked for an approval."""

    def order(self, people: Iterable[PersonId]) -> list[PersonId]:
        """Of these, those who may be named, the first to be asked first."""
        ranked = sorted((who for who in people if not self.turnout.gone(who)), key=self._rank)
        asked = [who for who in self.turnout.as_well if who in ranked and who not in self.objecting]
        return list(dict.fromkeys((*self.kept(ranked), *asked, *ranked)))

    def kept(self, people: Collection[PersonId]) -> list[PersonId]:
        """Those of them who are named already, and stay so."""
        return [who for who in self.turnout.kept if who in people and who not in self.objecting]

    def reaches(self, person: PersonId) -> bool:
        known = self.crowd.people.get(person)
        return known is not None and known.chat is not None

    def _rank(self, person: PersonId) -> Rank:
        wrote, owned = self.wrote.get(person, 0), self.owned.get(person, 0)
        preferred = (-wrote, -owned) if self.prefers_authors else (0, 0)
        return (
            person in self.objecting,
            not self.reaches(person),
            FIRST_TO_LAST.index(self.turnout.seen(person)),
            person not in self.turnout.asked,
            *preferred,
            self.turnout.load(person),
            -owned,
            hashlib.sha256(f"{self.change}\0{person}".encode()).digest(),
        )

    def candidate(self, person: PersonId) -> Candidate:
        """With why they stand where they stand."""
        gone = self.turnout.gone(person)
        if gone:
            return Candidate(person, f"{gone}, and may still approve", gone=True)
        return Candidate(person, ", ".join(self._reasons(person)) or "is there, as far as is known")

    def _reasons(self, person: PersonId) -> Iterable[str]:
        if person in self.turnout.asked:
            yield "was asked already"
        if person in self.objecting:
            yield "asked for changes"
        if not self.reaches(person):
            yield "is not reached by the chat"
        known = self.turnout.attendance.get(person)
        if known:
            yield known.why or "is at work"
        elif self.turnout.attendance:
            yield "was not looked at, because there are many"
        if self.prefers_authors and self.wrote.get(person):
            yield f"wrote {self.wrote[person]:,} of the lines around"
        if known:
            yield f"has {known.load:g} on the desk" if known.load else "has nothing on the desk"


def ranking_of(facts: Facts, turnout: Turnout, crowd: Crowd, pools: Iterable[Pool], objecting: frozenset[PersonId]) -> Ranking:
    owned: dict[PersonId, int] = {}
    for pool in pools:
        for person, files in pool.weights.items():
            owned[person] = max(files, owned.get(person, 0))
    wrote: dict[PersonId, int] = {}
    for person, lines in facts.wrote:
        wrote[crowd.one(person)] = wrote.get(crowd.one(person), 0) + lines
    prefers = facts.policy.routing.prefer_authors
    return Ranking(facts.change.ref.key, crowd, turnout, wrote, owned, prefers, objecting)
