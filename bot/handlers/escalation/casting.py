"""Whom a step of a chain may speak to: read of the change as it was last judged, and only where the step speaks to others."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from bot.core.escalation.model import Escalation
from bot.core.escalation.slots import seat_of
from bot.core.escalation.steps import ON_TIME, Cast
from bot.core.escalation.turns import seat_name
from bot.core.facts import Facts
from bot.core.ids import ChangeRef, PersonId, RoleName
from bot.core.routing.crowd import crowd_of
from bot.core.verdict import Verdict
from bot.handlers.kit import Kit
from bot.ports.store import ApprovalRequest, Unit

NOBODY = Cast()


class Casting:
    """Casts of one tick: all that its steps have to know of changes is read at once, and each change once."""

    def __init__(self, kit: Kit, unit: Unit, rows: Collection[Escalation], now: datetime) -> None:
        speaking = [row for row in rows if _speaks_to_others(row, now)]
        self._kit = kit
        self._now = now
        self._records = unit.changes({row.change for row in speaking}) if speaking else {}
        self._assigned = unit.assignments_of({row.token for row in speaking}) if speaking else {}
        self._judged: dict[ChangeRef, tuple[Facts, Verdict] | None] = {}

    def of(self, row: Escalation) -> Cast:
        """Nobody for a nudge that comes in time: what it needs is on the row."""
        judged = self.judged(row.change) if _speaks_to_others(row, self._now) else None
        if judged is None:
            return NOBODY
        facts, verdict = judged
        assigned = self._assigned.get(row.token, ())
        asked = {one.person for one in assigned if not one.gone}
        gone = {one.person for one in assigned if one.gone}
        barred = {one.person for one in verdict.routing.disqualified}
        busy = asked | gone | barred | {person for seat in verdict.routing.seats for person in seat.taken_by}
        crowd = crowd_of(facts.directory, facts.change.ref.repo.forge, facts.change.ref.repo.host)
        return Cast(
            backup=tuple(who for who in _behind(verdict, row) if who not in busy),
            roles={
                **{role: _members(facts, role, gone) for role in _roles(row, "lead")},
                **{role: _members(facts, role, busy) for role in _roles(row, "fallback")},
            },
            author=crowd.owner_of(facts.change.author),
        )

    def request_of(self, row: Escalation) -> ApprovalRequest | None:
        """The row's request, where it is the change's newest."""
        record = self._records.get(row.change)
        request = record.request if record else None
        return request if request is not None and request.token == row.token else None

    def judged(self, ref: ChangeRef) -> tuple[Facts, Verdict] | None:
        """What was last known of a change that a step speaks of, and what was made of it."""
        if ref not in self._judged:
            record = self._records.get(ref)
            known = record is not None and record.facts and record.verdict
            load = self._kit.codec.load
            self._judged[ref] = (load(Facts, record.facts), load(Verdict, record.verdict)) if record and known else None
        return self._judged[ref]


def _speaks_to_others(row: Escalation, now: datetime) -> bool:
    """Also where the gate is so late that several steps may be done as one."""
    late = row.next_at is not None and now - row.next_at > ON_TIME
    return late or (row.step < len(row.chain.steps) and row.chain.steps[row.step].deed != "nudge")


def _behind(verdict: Verdict, row: Escalation) -> Iterable[PersonId]:
    """Who could fill the seat, in the order of asking: the backup that is shown comes first."""
    seat = seat_of(row.seat)
    states = [state for state in verdict.routing.seats if seat_name(state) == seat]
    roles = {state.seat.role for state in states}
    ranked = [one.person for one in verdict.routing.order if not one.gone and roles & set(verdict.routing.roles_of(one.person))]
    return dict.fromkeys((*(who for state in states for who in state.backup), *ranked))


def _roles(row: Escalation, deed: str) -> tuple[RoleName, ...]:
    return tuple(dict.fromkeys(step.role for step in row.chain.steps if step.deed == deed and step.role))


def _members(facts: Facts, role: RoleName, without: set[PersonId]) -> tuple[PersonId, ...]:
    known = facts.directory.members(role)
    return tuple(person for person in known.people if person not in without) if known else ()
