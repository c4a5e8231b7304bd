"""The tick `escalate`: steps of chains that have come due are done, many in one transaction. Nothing is sent here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog

from bot.core.actions import Action, CallHook
from bot.core.escalation.model import Escalation
from bot.core.escalation.slots import seat_of
from bot.core.escalation.steps import Performed, perform
from bot.core.events import ChangeTouched
from bot.core.hours.span import minutes_between
from bot.handlers.escalation.calendars import calendars_of
from bot.handlers.escalation.casting import Casting
from bot.handlers.escalation.leaving import is_absent, look_without
from bot.handlers.escalation.saying import lines_of
from bot.handlers.kit import Kit
from bot.ports.escalation import Assigned, Step, Turning
from bot.ports.store import NewJob, Unit

log = structlog.get_logger()
AT_ONCE = 200
MOST_BATCHES = 50
KINDS = {"widen": "widened", "expire": "expired"}
"""What a step is called in the history, where it has a name of its own."""


def escalate(kit: Kit) -> int:
    """Do every step that is due. Returns how many were done, by whomever is faster: the others change nothing."""
    done = 0
    for _ in range(MOST_BATCHES):
        due, stepped = _batch(kit)
        done += stepped
        if due < AT_ONCE:
            break
    return done


def _batch(kit: Kit) -> tuple[int, int]:
    """How many were due, and how many of them were done here."""
    now = kit.clock.now()
    with kit.store.begin() as unit:
        rows = unit.due_escalations(now, AT_ONCE)
        if not rows:
            return 0, 0
        calendars = calendars_of(kit, unit, {row.person for row in rows})
        casting = Casting(kit, unit, rows, now)
        performed = [perform(row, now, calendars[row.person], casting.of(row)) for row in rows]
        held = unit.step([Step(one.row, row.step) for row, one in zip(rows, performed, strict=True)])
        steps = [(row, one) for row, one in zip(rows, performed, strict=True) if row.key in held and one.deed is not None]
        unit.add_reminders([reminder for _, one in steps for reminder in one.reminders])
        unit.add_turnings([_turning(row, one, now) for row, one in steps])
        _bring_in(unit, steps, now)
        for row, one in steps:
            waited = minutes_between(calendars[row.person], row.since, now)
            told: tuple[Action, ...] = (*_hooks(kit, row, one, now), *lines_of(casting, row, one, waited))
            for action in told:
                unit.add_action(row.change.key, action, now)
            if is_absent(calendars[row.person], now):
                look_without(unit, row.change, row.person, now)
        unit.commit()
    return len(rows), len(steps)


def _turning(row: Escalation, one: Performed, now: datetime) -> Turning:
    deed = one.deed or ""
    return Turning(now, row.change, row.token, row.seat, KINDS.get(deed, "step"), row.person, deed)


def _bring_in(unit: Unit, steps: Sequence[tuple[Escalation, Performed]], now: datetime) -> None:
    """What steps change for others: who is asked, and whether anybody is. Each such change is looked at again."""
    unit.assign_all([Assigned(row.token, row.change, row.tier, each) for row, one in steps for each in one.assigned])
    for row, one in steps:
        if one.deed == "expire":
            _expire(unit, row, now)
    unit.add_jobs([_look_again(row) for row, one in steps if one.reroutes], now)


def _look_again(row: Escalation) -> NewJob:
    key = f"step:{row.token}:{row.seat}:{row.epoch}:{row.step}"
    return NewJob(ChangeTouched(row.change, "nobody answered in time"), row.change.key, key)


def _expire(unit: Unit, row: Escalation, now: datetime) -> None:
    """The request ends closed. One that was answered meanwhile does not."""
    request = unit.request(row.token)
    if request is not None and request.state == "open":
        unit.move_request(request.token, request.revision, "expired", now)


def _hooks(kit: Kit, row: Escalation, one: Performed, now: datetime) -> Iterator[CallHook]:
    for hook in one.hooks:
        if kit.hooks is None or not kit.hooks.knows(hook):
            log.warning(
                "a chain names a webhook that is not set", hook=hook, change=row.change.key, cure=f"set webhooks.{hook}"
            )
            continue
        key = f"{row.token}:{row.seat}:{row.epoch}:{row.step}"
        yield CallHook(hook, row.change, json.dumps(hook_body(row, now), ensure_ascii=False, sort_keys=True), key)


def hook_body(row: Escalation, now: datetime) -> dict[str, object]:
    """What an endpoint is told: what waits, for whom and since when. No token of the gate is in it."""
    return {
        "type": "llmgate.escalation",
        "timestamp": now.isoformat(),
        "data": {
            "change": str(row.change),
            "forge": row.change.repo.forge,
            "host": row.change.repo.host,
            "repository": row.change.repo.path,
            "number": row.change.number,
            "tier": row.tier,
            "seat": seat_of(row.seat),
            "person": row.person,
            "since": row.since.isoformat(),
        },
    }
