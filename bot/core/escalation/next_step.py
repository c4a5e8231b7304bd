"""Which step of a chain comes next, and when, in the working minutes of the one who is waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.escalation.model import AUTHOR, Chain, ChainStep, Escalation
from bot.core.escalation.turns import SECTION
from bot.core.hours.calendar import Calendar
from bot.core.hours.span import after

AUTHORS_DEEDS = ("nudge", "lead")
"""Nobody else can mend the change, and nobody failed to answer: the rest of a chain is left out on the author's turn."""


def applies(step: ChainStep, seat: str) -> bool:
    """Whether the step can do anything for this seat. A section of CODEOWNERS has no stand-ins, which no forge would take."""
    if seat == AUTHOR:
        return step.deed in AUTHORS_DEEDS
    return not (step.deed == "fallback" and seat.startswith(SECTION))


def following(chain: Chain, seat: str, step: int) -> int:
    """The first step from this one on that applies; the number of steps where none does."""
    return next((at for at in range(step, len(chain.steps)) if applies(chain.steps[at], seat)), len(chain.steps))


def gap(chain: Chain, last: int, step: int) -> int:
    """Working minutes from one step (-1: from the beginning) to a later one."""
    return chain.steps[step].after - (chain.steps[last].after if last >= 0 else 0)


def due_at(calendar: Calendar, at: datetime, minutes: int) -> datetime:
    """So many working minutes later. Whoever is away for good counts as if they were there: no absence stops a chain."""
    there = (calendar, replace(calendar, absences=()), Calendar())
    found = (after(each, at, minutes) for each in there)
    return next((due for due in found if due is not None), at + timedelta(minutes=minutes))


def begun(row: Escalation, now: datetime, calendar: Calendar) -> Escalation:
    """The same row with its chain at the beginning: it became somebody's turn now."""
    step = following(row.chain, row.seat, 0)
    due = due_at(calendar, now, gap(row.chain, -1, step)) if step < len(row.chain.steps) else None
    return replace(row, step=step, since=now, next_at=due, ended=False, active_at=None, snoozed_until=None)
