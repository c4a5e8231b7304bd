"""Turns, reminders and choices that these tests store."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.attendance import Assignment
from bot.core.escalation.model import Chain, ChainStep, Escalation, PersonSettings, Reminder
from bot.core.ids import ChangeRef, PersonId
from bot.ports.escalation import Step, Turning
from storage.store import SqlStore
from tests.storage.material import CHANGE, NOW

ADA, BOB, CLEO = (PersonId(name) for name in ("ada", "bob", "cleo"))
HOUR = timedelta(hours=1)
CHAIN = Chain(steps=(ChainStep(60, "nudge"), ChainStep(120, "widen")), quiet=30, at_night=True)
TOKEN = "tok"


def assignment(person: PersonId = ADA, at: datetime = NOW, gone: str = "") -> Assignment:
    return Assignment(person, "routed", at, gone=gone)


def escalation(
    seat: str = "owners", token: str = TOKEN, next_at: datetime | None = NOW, change: ChangeRef = CHANGE
) -> Escalation:
    return Escalation(token, seat, change, ADA, "high", CHAIN, 0, 1, NOW - HOUR, next_at)


def reminder(dedupe: str, person: PersonId = ADA, at: datetime = NOW, seat: str = "owners") -> Reminder:
    return Reminder(person, "nudge", CHANGE, TOKEN, seat, 1, "high", at, dedupe)


def turning(kind: str, at: datetime = NOW, person: PersonId | None = None, token: str = TOKEN) -> Turning:
    return Turning(at, CHANGE, token, "owners", kind, person)


def choices(person: PersonId = ADA) -> PersonSettings:
    return PersonSettings(person, "Europe/Berlin", 480, 990, (0, 1, 3), "digest", False, NOW, NOW + HOUR, BOB)


def keep(store: SqlStore, *rows: Escalation) -> None:
    with store.begin() as unit:
        for row in rows:
            assert unit.put_escalation(row, None)
        unit.commit()


def stepped(store: SqlStore, *steps: Step) -> frozenset[tuple[str, str]]:
    with store.begin() as unit:
        held = unit.step(steps)
        unit.commit()
    return held


def remember(store: SqlStore, *rows: Reminder) -> int:
    with store.begin() as unit:
        stored = unit.add_reminders(rows)
        unit.commit()
    return stored
