"""What follows from a look for people's turns, in the look's own transaction: who is asked, and whose turn it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from bot.core.attendance import Assignment
from bot.core.escalation.model import Escalation, Turn
from bot.core.escalation.reconcile import Asking, reconcile
from bot.core.escalation.turns import turns_of
from bot.core.facts import Facts
from bot.core.hours.calendar import Calendar
from bot.core.ids import PersonId
from bot.core.messages.card import asked_people
from bot.core.messages.told import wanted_no_more
from bot.core.verdict import Verdict
from bot.handlers.asking import Settlement, Superseded
from bot.handlers.escalation.calendars import calendars_of
from bot.handlers.escalation.digesting import begin_digests
from bot.handlers.escalation.rewording import reword
from bot.handlers.kit import Kit
from bot.ports.store import ApprovalRequest, Unit


@dataclass(frozen=True, slots=True)
class Turned:
    """A look, as far as turns follow from it. `assigned`: who is asked from now on or is not any more, because somebody said
    so."""

    facts: Facts
    verdict: Verdict
    settlement: Settlement
    before: Verdict | None = None
    """The verdict of the last look."""
    assigned: tuple[Assignment, ...] = ()

    @property
    def named(self) -> tuple[PersonId, ...]:
        """Who is asked now. Nobody is, of a draft and where a policy only observes."""
        return () if self.facts.change.draft or self.verdict.mode == "observe" else asked_people(self.verdict)

    @property
    def rests(self) -> bool:
        """Nobody can be waited for, and nobody was a moment ago: there is nothing to compare."""
        request = self.settlement.request
        if request is None or self.settlement.ended or self.settlement.turned:
            return request is None and not self.settlement.ended
        asks = self.verdict.mode != "observe" or self.before is None or self.before.mode != "observe"
        return request.state == "approved" or not asks


def follow_turns(kit: Kit, unit: Unit, look: Turned) -> None:
    """Keep who is asked and whose turn it is. Raises Superseded where somebody was faster: look again."""
    if look.settlement.ended:
        unit.close_assignments(look.settlement.ended)
    if look.settlement.request is not None:
        _keep_asked(kit, unit, look, look.settlement.request)
    if not look.rests and kit.reaches_people:
        _keep_turns(kit, unit, look)
        reword(kit, unit, _tokens(look.settlement), wanted_no_more(look.verdict, look.facts))


def _keep_asked(kit: Kit, unit: Unit, look: Turned, request: ApprovalRequest) -> None:
    asked: list[PersonId] = []
    for assignment in dict.fromkeys(_assignments(look)):
        unit.assign(request.token, request.change, look.verdict.tier, assignment)
        asked += [] if assignment.gone else [assignment.person]
    if asked and kit.reaches_people:
        begin_digests(unit, _known_calendars(kit, unit, look, asked), look.facts.now)
    if look.settlement.turned == "answered":
        unit.close_assignments(request.token)


def _assignments(look: Turned) -> Iterator[Assignment]:
    """What is to be written: what people said, who is named for the first time, and under a new token all that still holds:
    while nobody is asked yet (a push whose tests still run) whoever was asked before is the one who will be."""
    known = {one.person: one for one in look.facts.assignments}
    if look.settlement.turned == "new":
        still = look.named or tuple(known)
        yield from (one for one in known.values() if one.gone or one.person in still)
    elif look.settlement.turned == "reopened":
        yield from (known[who] for who in look.named if who in known)
    yield from look.assigned
    yield from (Assignment(who, "routed", look.facts.now) for who in look.named if who not in known)


def _keep_turns(kit: Kit, unit: Unit, look: Turned) -> None:
    request, facts = look.settlement.request, look.facts
    wanted = request is not None and request.state == "open" and look.verdict.mode != "observe"
    turns = turns_of(facts, look.verdict) if wanted else ()
    rows = _rows(unit, look.settlement)
    asking = Asking(
        token=request.token if request else "",
        change=facts.change.ref,
        tier=look.verdict.tier,
        chain=facts.policy.tier(look.verdict.tier).chain,
        now=facts.now,
    )
    for changed in reconcile(rows, turns, asking, _calendars(kit, unit, look, rows, turns)):
        if not unit.put_escalation(changed.row, changed.expected_epoch):
            raise Superseded


def _rows(unit: Unit, settlement: Settlement) -> tuple[Escalation, ...]:
    """Of the live request where there can be any, and of the one that has just ended."""
    return tuple(row for token in _tokens(settlement) for row in unit.escalations(token))


def _tokens(settlement: Settlement) -> tuple[str, ...]:
    ended = (settlement.ended,) if settlement.ended else ()
    live = settlement.request if settlement.turned != "new" else None
    return (*ended, live.token) if live else ended


def _calendars(
    kit: Kit, unit: Unit, look: Turned, rows: tuple[Escalation, ...], turns: tuple[Turn, ...]
) -> Mapping[PersonId, Calendar]:
    """Of those whose turn begins: everybody else keeps their clock."""
    running = {row.person for row in rows if not row.ended}
    return _known_calendars(kit, unit, look, [turn.person for turn in turns if turn.person not in running])


def _known_calendars(kit: Kit, unit: Unit, look: Turned, people: Collection[PersonId]) -> Mapping[PersonId, Calendar]:
    """As they were seen when they were named; of others as the store has it."""
    seen = {one.person: one.calendar for one in look.facts.attendance if one.person in people}
    missing = [person for person in people if person not in seen]
    return {**seen, **(calendars_of(kit, unit, missing) if missing else {})}
