"""What is said in a change's thread of a step that somebody else hears of. A nudge is between the gate and one person."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.actions import SayInThread
from bot.core.escalation.model import Deed, Escalation, ReminderKind
from bot.core.escalation.steps import Performed
from bot.core.messages.steps_taken import render_step
from bot.handlers.escalation.casting import Casting

SAID: tuple[tuple[Deed, ReminderKind], ...] = (("widen", "asked"), ("lead", "lead"), ("fallback", "fallback"))
"""Each deed with the kind of what the people hear whom it brings in."""


def lines_of(casting: Casting, row: Escalation, one: Performed, waited: int) -> Iterator[SayInThread]:
    """Said once a step, in the thread of the card; nothing where nobody else was brought in, or there is no card. `waited`:
    working minutes of the one who blocks."""
    brought = {deed: [each.person for each in one.reminders if each.kind == kind] for deed, kind in SAID}
    if not any(brought.values()):
        return
    judged, request = casting.judged(row.change), casting.request_of(row)
    if judged is None or request is None or not request.channel:
        return
    facts, _ = judged
    for deed, people in brought.items():
        notice = render_step(facts, row, deed, people, waited)
        if notice is not None:
            key = f"step:{row.token}:{row.seat}:{row.epoch}:{row.step}:{deed}"
            yield SayInThread(row.change, request.channel, notice, key)
