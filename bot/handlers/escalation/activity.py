"""Somebody is at a change: whoever does something there is not reminded of it for a while. It costs no look."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core.events import PersonActive
from bot.core.ids import ChangeRef
from bot.handlers.kit import Kit
from bot.ports.escalation import Step
from bot.ports.store import Unit


def note_activity(kit: Kit, event: PersonActive, at: datetime) -> bool:
    """Keep that somebody whom the gate knows was active `at` then. False for anybody else: a bot is at everything."""
    accounts = {account.key for person in kit.people.people() for account in person.accounts}
    if event.account not in accounts:
        return False
    with kit.store.begin(durable=False) as unit:
        touched = touch(unit, event.change, at)
        unit.commit()
    return touched


def touch(unit: Unit, ref: ChangeRef, at: datetime) -> bool:
    """Every seat of the change that waits knows of it, unless it knows of something later. False where none waits."""
    rows = [row for row in unit.escalations_of(ref) if row.active_at is None or row.active_at < at]
    return bool(unit.step([Step(replace(row, active_at=at), row.step) for row in rows]))
