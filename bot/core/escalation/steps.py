"""A step that has come due, done: who is told, who is asked, and when the next one comes. No step ever decides anything.

A tick may come late, by hours where the gate was down. Then all steps that came due meanwhile are done as one: everybody
hears of it once at most, whoever was to be asked is asked, and the next step keeps its distance from now. A request never
expires in that way: people get the time that the chain gives them, counted from when they heard of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.core.attendance import Assignment
from bot.core.escalation.model import AUTHOR, ChainStep, Deed, Escalation, Reminder, ReminderKind
from bot.core.escalation.next_step import due_at, following, gap
from bot.core.escalation.slots import seat_of
from bot.core.hours.calendar import Calendar
from bot.core.ids import PersonId, RoleName

MOST_TOLD = 5
"""People of a role who hear of one step."""
ON_TIME = timedelta(minutes=5)
"""A step done within this counts as done when it was due: the next one keeps its distance from that instant."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Whom a step may speak to, as known at this instant, the first to be asked first."""

    backup: tuple[PersonId, ...] = ()
    """Who could fill the seat and is not asked yet."""
    roles: Mapping[RoleName, tuple[PersonId, ...]] = field(default_factory=dict)
    """Members of the roles that the chain names."""
    author: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Performed:
    """What a step comes to. `row` has the epoch it had. `assigned` are asked from now on; `hooks` are to be told.

    `deed` is that of the last step done; None: nothing was due, or it was `postponed`.
    """

    row: Escalation
    reminders: tuple[Reminder, ...] = ()
    assigned: tuple[Assignment, ...] = ()
    deed: Deed | None = None
    postponed: bool = False
    hooks: tuple[RoleName, ...] = ()

    @property
    def reroutes(self) -> bool:
        """Whether the change must be looked at again: somebody else is asked, or nobody any more."""
        return bool(self.assigned) or self.deed == "expire"


def perform(row: Escalation, now: datetime, calendar: Calendar, cast: Cast) -> Performed:
    """Do what is due of the row's chain. `calendar` is that of the row's person. A row that is not due comes back as it is."""
    if row.ended or row.next_at is None or row.next_at > now:
        return Performed(row)
    until = _resting_until(row, now)
    if until is not None:
        return Performed(replace(row, next_at=until), postponed=True)
    pending = row.chain.steps[row.step].deed if row.step < len(row.chain.steps) else None
    if pending is None or (row.snoozed_until is not None and pending != "nudge"):
        return _woken(row, now, calendar)
    done, at = _due(row, now, calendar)
    return _done(replace(row, snoozed_until=None), done, _Doing(now, cast), _planned(row, done[-1], at, now, calendar))


@dataclass(frozen=True, slots=True)
class _Doing:
    now: datetime
    cast: Cast


def _resting_until(row: Escalation, now: datetime) -> datetime | None:
    """Until when nothing happens, because of a snooze, or because somebody is at it."""
    quiet = row.active_at + timedelta(minutes=row.chain.quiet) if row.active_at else None
    return max((one for one in (quiet, row.snoozed_until) if one is not None and one > now), default=None)


def _woken(row: Escalation, now: datetime, calendar: Calendar) -> Performed:
    """A snooze is over: the one who asked for it hears again, and the step that was next keeps its distance from now."""
    chain, at = row.chain, None
    if row.step < len(chain.steps):
        at = due_at(calendar, now, max(1, gap(chain, row.step - 1, row.step)))
    reminder = replace(
        _reminder(row, row.step, row.person, now), dedupe=f"{row.token}:{row.seat}:{row.epoch}:wake:{row.person}"
    )
    return Performed(replace(row, snoozed_until=None, next_at=at), (reminder,), deed="nudge")


def _due(row: Escalation, now: datetime, calendar: Calendar) -> tuple[list[int], datetime]:
    """The steps to do now, and when the last of them was planned for."""
    chain, at, done = row.chain, row.next_at or now, [row.step]
    while True:
        step = following(chain, row.seat, done[-1] + 1)
        if step == len(chain.steps) or chain.steps[step].deed == "expire":
            return done, at
        due = due_at(calendar, at, gap(chain, done[-1], step))
        if due > now:
            return done, at
        done.append(step)
        at = due


def _planned(row: Escalation, last: int, at: datetime, now: datetime, calendar: Calendar) -> Escalation:
    """The row with its next step planned, never in the past."""
    chain = row.chain
    step = following(chain, row.seat, last + 1)
    if step == len(chain.steps):
        return replace(row, step=step, next_at=None, snoozed_until=None)
    due = due_at(calendar, at if now - at <= ON_TIME else now, gap(chain, last, step))
    return replace(row, step=step, next_at=max(due, now), snoozed_until=None)


def _done(row: Escalation, done: Sequence[int], doing: _Doing, planned: Escalation) -> Performed:
    told: dict[PersonId, Reminder] = {}
    assigned: dict[PersonId, Assignment] = {}
    for at in done:
        step = row.chain.steps[at]
        told.update({one.person: one for one in _told(row, at, doing)})
        assigned.update({one.person: one for one in _asked(row, step, doing)})
    steps = [row.chain.steps[at] for at in done]
    deed = steps[-1].deed
    if deed == "expire":
        planned = replace(planned, ended=True, next_at=None)
    hooks = tuple(dict.fromkeys(step.role for step in steps if step.deed == "webhook" and step.role))
    return Performed(planned, tuple(told.values()), tuple(assigned.values()), deed, hooks=hooks)


def _told(row: Escalation, at: int, doing: _Doing) -> Iterator[Reminder]:
    step = row.chain.steps[at]
    if step.deed == "nudge":
        yield _reminder(row, at, row.person, doing.now)
    elif step.deed == "expire" and doing.cast.author:
        yield replace(_reminder(row, at, doing.cast.author, doing.now), kind="expired", about=row.person)
    elif step.deed == "lead":
        for person in _members(row, step, doing.cast):
            yield replace(_reminder(row, at, person, doing.now), kind="lead", about=row.person)
    else:
        kind: ReminderKind = "fallback" if step.deed == "fallback" else "asked"
        for asked in _asked(row, step, doing):
            yield replace(_reminder(row, at, asked.person, doing.now), kind=kind, about=row.person)


def _asked(row: Escalation, step: ChainStep, doing: _Doing) -> tuple[Assignment, ...]:
    if step.deed == "widen":
        behind = [person for person in doing.cast.backup if person != row.person]
        return tuple(Assignment(person, "widened", doing.now) for person in behind[:1])
    if step.deed == "fallback":
        members = _members(row, step, doing.cast)
        return tuple(Assignment(person, "fallback", doing.now, seat=seat_of(row.seat)) for person in members)
    return ()


def _members(row: Escalation, step: ChainStep, cast: Cast) -> tuple[PersonId, ...]:
    known = cast.roles.get(step.role, ()) if step.role else ()
    return tuple(person for person in dict.fromkeys(known) if person != row.person)[:MOST_TOLD]


def _reminder(row: Escalation, step: int, person: PersonId, now: datetime) -> Reminder:
    return Reminder(
        person=person,
        kind="author" if row.seat == AUTHOR else "nudge",
        change=row.change,
        token=row.token,
        seat=row.seat,
        epoch=row.epoch,
        tier=row.tier,
        at=now,
        dedupe=f"{row.token}:{row.seat}:{row.epoch}:{step}:{person}",
        at_night=row.chain.at_night,
    )
