"""Somebody who is waited for wants to be reminded later: as often and as long as the tier's chain lets them.

Nothing is looked at for it, and nothing is approved by waiting.
"""

from __future__ import annotations

from datetime import datetime

from bot.core.actions import SayInThread
from bot.core.escalation.model import Escalation
from bot.core.escalation.slots import seat_of
from bot.core.escalation.snooze import snooze, why_not
from bot.core.events import Snoozed
from bot.core.ids import Person
from bot.core.messages.turning import render_postponed
from bot.handlers.decision import Refusal, tell
from bot.handlers.escalation.calendars import calendars_of
from bot.handlers.escalation.rewording import reword
from bot.handlers.kit import Kit
from bot.ports.errors import Conflict
from bot.ports.escalation import Turning
from bot.ports.store import ApprovalRequest, Unit


def take_snooze(kit: Kit, event: Snoozed) -> None:
    """Put off every seat that waits for them, or the one that is meant. Raises Conflict where somebody was faster."""
    person = kit.people.by_chat(event.user)
    with kit.store.begin() as unit:
        request = unit.request(event.token)
        if request is None:
            return  # a made-up token: nobody to answer, nothing to do
        if person is None:
            done: Refusal | bool = Refusal("Your chat account is tied to no forge account here.", "Say `/llmgate link` first.")
        else:
            done = _snooze(kit, unit, event, person, request)
        if done is True:
            unit.commit()
    if isinstance(done, Refusal):
        tell(kit, event.user, request, done, f"{event.interaction or event.token}:snooze")


def _snooze(kit: Kit, unit: Unit, event: Snoozed, person: Person, request: ApprovalRequest) -> Refusal | bool:
    """False: this very press was worked on before, and its worker died after that."""
    now, ref = kit.clock.now(), request.change
    rows = [row for row in unit.escalations(event.token) if row.person == person.id and not row.ended and _is_meant(row, event)]
    if not rows:
        return Refusal(
            f"Nobody waits for you on {ref} now, so there is nothing to put off.", "See *Status* for whose turn it is."
        )
    calendar = calendars_of(kit, unit, [person.id])[person.id]
    put_off = [snooze(row, event.minutes, now, calendar) for row in rows]
    if not _say(unit, event, person.name, request, (now, max(row.snoozed_until or now for row in put_off))):
        return False
    problem = next((words for row in rows if (words := why_not(row, event.minutes))), "")
    if problem:
        return Refusal(problem, "Decide, or hand it on to somebody else.")
    for before, row in zip(rows, put_off, strict=True):
        if not unit.put_escalation(row, before.epoch, before.step):
            raise Conflict(f"saw {ref} move while somebody put it off; wanted it to rest")
        unit.add_turning(Turning(now, ref, event.token, row.seat, "snoozed", person.id, f"{event.minutes} min"))
    reword(kit, unit, [event.token])
    return True


def _say(unit: Unit, event: Snoozed, name: str, request: ApprovalRequest, times: tuple[datetime, datetime]) -> bool:
    """In the thread. `times`: now, and until when. False where it was said before."""
    now, until = times
    key = f"snooze:{event.interaction or event.token}"
    line = SayInThread(request.change, request.channel, render_postponed(name, until), key)
    return unit.add_action(request.change.key, line, now) if request.channel else True


def _is_meant(row: Escalation, event: Snoozed) -> bool:
    return event.seat in ("", row.seat, seat_of(row.seat))
