"""Being reminded later: so often and so long as the chain lets people."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core.escalation.model import Escalation
from bot.core.escalation.next_step import due_at
from bot.core.hours.calendar import Calendar


def why_not(row: Escalation, minutes: int) -> str:
    """Why this seat cannot be snoozed for so many working minutes, as a sentence; empty where it can."""
    chain = row.chain
    if row.ended:
        return "Nobody is waited for there any more."
    if row.snoozes >= chain.snoozes:
        most = "It cannot be snoozed" if not chain.snoozes else f"You have snoozed it {row.snoozes} of {chain.snoozes} times"
        return f"{most}, by the policy for changes of this tier."
    if not 1 <= minutes <= chain.snooze_most:
        return f"A snooze of this tier lasts from 1 to {chain.snooze_most} working minutes, and {minutes} were asked for."
    return ""


def snooze(row: Escalation, minutes: int, now: datetime, calendar: Calendar) -> Escalation:
    """The row under a new epoch: what was on its way to anybody is stale, and nothing happens until the snooze is over.

    `why_not` has said that it can be.
    """
    until = due_at(calendar, now, minutes)
    return replace(row, epoch=row.epoch + 1, snoozed_until=until, next_at=until, snoozes=row.snoozes + 1)
