"""What routing has to know before it names somebody: who was asked already, who is there, and who wrote the lines.

A second look names the same people, and so it looks nobody up: what was seen when they were named is kept with the facts. Only
when somebody new must be named are the candidates looked up, and few of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog

from bot.core.attendance import Assignment, Attendance
from bot.core.evaluate import evaluate
from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.card import asked_people
from bot.core.routing.route import candidates
from bot.core.routing.touched import before_change, touched_before
from bot.core.routing.turnout import lasting
from bot.handlers.asking import OVER
from bot.handlers.kit import Kit
from bot.ports.errors import WorldError
from bot.ports.store import ApprovalRequest, ChangeRecord, Unit

log = structlog.get_logger()


class Presences(Protocol):
    """Whether people can be asked now, and how much is on their desks."""

    def of(self, people: Sequence[PersonId], now: datetime) -> tuple[Attendance, ...]: ...


class Naming:
    """Fills in what the forge's reading of a change does not tell of people."""

    def __init__(self, kit: Kit, presences: Presences | None) -> None:
        self._kit = kit
        self._presences = presences

    def recalled(self, facts: Facts, record: ChangeRecord) -> Facts:
        """With who was asked, as the store has it, and with what was seen of people when they were named for this head."""
        with self._kit.store.look() as unit:
            request = unit.request_of(facts.change.ref)
            if request is None or request.state in OVER:
                return facts
            facts = replace(facts, card_refused=unit.refusal(facts.change.ref.key, f"card:{request.channel}"))
            asked = unit.assignments(request.token)
            away = _away(unit, asked, facts.now)
        if request.head_sha != facts.change.head_sha:
            return replace(facts, assignments=lasting(asked))
        facts = replace(facts, assignments=asked, expired_at=_expired_at(request, facts))
        earlier = self._kit.codec.load(Facts, record.facts) if asked and record.facts else None
        if earlier is not None and earlier.change.head_sha == facts.change.head_sha:
            facts = replace(facts, attendance=earlier.attendance, wrote=earlier.wrote)
        return replace(facts, attendance=_without(away, facts.attendance))

    def looked_up(self, facts: Facts) -> Facts:
        """With who is there and who wrote what, where somebody must be named who was not: nothing is asked otherwise."""
        if facts.change.state != "open" or facts.policy.mode == "observe":
            return facts
        verdict = evaluate(facts)
        asked = {one.person for one in facts.assignments if not one.gone}
        if not set(asked_people(verdict)) - asked:
            return facts
        people = candidates(verdict.routing)
        if self._presences is not None:
            facts = replace(facts, attendance=self._standing_in(self._presences.of(people, facts.now), facts))
        return replace(facts, wrote=self._wrote(facts)) if facts.policy.routing.prefer_authors else facts

    def _standing_in(self, seen: tuple[Attendance, ...], facts: Facts) -> tuple[Attendance, ...]:
        """With who takes what those who were asked already, and are absent, leave behind."""
        asked = {one.person for one in facts.assignments if not one.gone}
        with self._kit.store.look() as unit:
            chosen = {own.person: own.delegate for own in unit.settings_of(asked)} if asked else {}
        return tuple(replace(one, instead=chosen.get(one.person)) if one.presence == "absent" else one for one in seen)

    def _wrote(self, facts: Facts) -> tuple[tuple[PersonId, int], ...]:
        """Who wrote the lines that the change touches; nobody where the forge does not tell, which decides nothing."""
        change, files = facts.change, touched_before(facts.files)
        if not files:
            return ()
        try:
            before = before_change(change, facts.commits)
            told = self._kit.forge(change.ref.repo).fetch_blame(change.ref.repo, before, files)
        except WorldError as error:
            log.warning("who wrote the lines is not known", change=change.ref.key, problem=str(error))
            return ()
        wrote: Counter[PersonId] = Counter()
        for key, lines in told:
            person = facts.directory.by_account(key)
            if person is not None:
                wrote[person.id] += lines
        return tuple(wrote.most_common())


def _expired_at(request: ApprovalRequest, facts: Facts) -> datetime | None:
    """When the request about this head ended unanswered. One under other terms than now is about to be replaced."""
    if request.state != "expired" or request.policy_digest != facts.policy.digest:
        return None
    return request.updated_at


def _away(unit: Unit, asked: Sequence[Assignment], now: datetime) -> dict[PersonId, PersonId | None]:
    """Who of those that are asked has said to be absent now, with the one who stands in."""
    people = [one.person for one in asked if not one.gone]
    if not people:
        return {}
    return {
        own.person: own.delegate
        for own in unit.settings_of(people)
        if own.absent_since and own.absent_since <= now and (own.absent_until is None or now < own.absent_until)
    }


def _without(away: Mapping[PersonId, PersonId | None], seen: Sequence[Attendance]) -> tuple[Attendance, ...]:
    """What was seen of people, with those who left since: then somebody else is named, and everybody is looked up anew."""
    known = {one.person: one for one in seen}
    for person, instead in away.items():
        left = known.get(person, Attendance(person))
        if left.presence != "absent":
            known[person] = replace(left, presence="absent", why="is away", instead=instead)
    return tuple(known.values())
