"""Rows, chains and people for the tests of escalation. Monday 2 March 2026, ten o'clock in London, where everybody works."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.core.escalation.model import Chain, ChainStep, Deed, Escalation, Turn
from bot.core.escalation.next_step import begun
from bot.core.escalation.reconcile import Asking
from bot.core.escalation.steps import Cast
from bot.core.hours.calendar import Calendar, Hours
from bot.core.ids import PersonId, RoleName
from tests.core.build import NOW, REF

BOB, BEN, CID, LEA, OLI, ANN = (PersonId(name) for name in ("bob", "ben", "cid", "lea", "oli", "ann"))
LONDON = Calendar(Hours("Europe/London", 9 * 60, 17 * 60))
ALWAYS = Calendar(Hours("UTC", 0, 24 * 60, tuple(range(7))))
LEADS, ONCALL = RoleName("leads"), RoleName("oncall")
CAST = Cast(backup=(BEN, CID), roles={LEADS: (LEA, BOB), ONCALL: (OLI,)}, author=ANN)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def at(text: str) -> datetime:
    """`Tue 11:00` of this week, in London's winter."""
    day, clock = text.split()
    hour, minute = clock.split(":")
    midnight = NOW.replace(hour=0) + timedelta(days=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].index(day))
    return midnight + timedelta(hours=int(hour), minutes=int(minute))


def step(after: int, deed: Deed, role: RoleName | None = None) -> ChainStep:
    return ChainStep(after, deed, role)


WHOLE = Chain(
    (
        step(60, "nudge"),
        step(120, "widen"),
        step(240, "lead", LEADS),
        step(480, "fallback", ONCALL),
        step(480, "webhook", RoleName("pager")),
        step(960, "expire"),
    )
)


def row(chain: Chain = WHOLE, calendar: Calendar = LONDON, seat: str = "codeowner", **changes: Any) -> Escalation:
    """Bob's turn began now."""
    fresh = Escalation("t", seat, REF, BOB, "medium", chain, 0, 1, NOW, None)
    return replace(begun(fresh, NOW, calendar), **changes)


def turn(person: PersonId = BOB, seat: str = "codeowner") -> Turn:
    return Turn(seat, person, "has been asked to review")


def asking(token: str = "t", now: datetime = NOW, active_at: datetime | None = None, chain: Chain = WHOLE) -> Asking:
    return Asking(token, REF, "medium", chain, now, active_at)
