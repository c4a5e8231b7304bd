"""What is said in a change's thread of a step that somebody else hears of. A nudge is between the gate and one person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.core.actions import SayInThread
from bot.core.escalation.model import Deed, Escalation, ReminderKind
from bot.core.escalation.steps import Performed
from bot.core.facts import Facts
from bot.core.hours.span import minutes_between
from bot.core.messages.steps_taken import render_step
from bot.handlers.escalation.calendars import calendars_of
from bot.handlers.kit import Kit
from bot.ports.store import Unit

SAID: tuple[tuple[Deed, ReminderKind], ...] = (("widen", "asked"), ("lead", "lead"), ("fallback", "fallback"))
"""Each deed with the kind of what the people hear whom it brings in."""


def lines_of(kit: Kit, unit: Unit, row: Escalation, one: Performed, now: datetime) -> Iterator[SayInThread]:
    """Said once a step, in the thread of the card; nothing where nobody else was brought in, or there is no card."""
    brought = {deed: [each.person for each in one.reminders if each.kind == kind] for deed, kind in SAID}
    if not any(brought.values()):
        return
    record, request = unit.change(row.change), unit.request(row.token)
    if record is None or request is None or not record.facts or not request.channel:
        return
    facts = kit.codec.load(Facts, record.facts)
    waited = minutes_between(calendars_of(kit, unit, [row.person])[row.person], row.since, now)
    for deed, people in brought.items():
        notice = render_step(facts, row, deed, people, waited)
        if notice is not None:
            key = f"step:{row.token}:{row.seat}:{row.epoch}:{row.step}:{deed}"
            yield SayInThread(row.change, request.channel, notice, key)
