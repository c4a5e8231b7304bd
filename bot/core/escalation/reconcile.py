"""From the rows that are kept and the turns as they are now to the rows as they should be kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.approval import Tier
from bot.core.escalation.model import Chain, Escalation, Turn
from bot.core.escalation.next_step import begun
from bot.core.escalation.slots import slot
from bot.core.hours.calendar import Calendar
from bot.core.ids import ChangeRef, PersonId


@dataclass(frozen=True, slots=True)
class Asking:
    """The live request. `token` is empty where there is none: then every row ends. `active_at`: when somebody last did
    something on the change."""

    token: str
    change: ChangeRef
    tier: Tier
    chain: Chain
    now: datetime
    active_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A row to be kept. `expected_epoch` is that of the row it replaces; None: it is new."""

    row: Escalation
    expected_epoch: int | None


def reconcile(
    rows: Iterable[Escalation], turns: Sequence[Turn], asking: Asking, calendars: Mapping[PersonId, Calendar]
) -> tuple[Changed, ...]:
    """What to store, and nothing that stands so already.

    `rows`: of this request, those that ended too, and those of earlier requests of the change that have not. Somebody whose
    turn it stays keeps their clock; for whoever's turn begins or begins anew, the chain starts over. Whoever's calendar is
    missing works in the default hours. Chain and tier are those of the request's first row, whatever the policy says meanwhile.
    """
    kept = list(rows)
    own = {row.seat: row for row in kept if row.token == asking.token}
    first = next(iter(own.values()), None)
    if first is not None:
        asking = replace(asking, chain=first.chain, tier=first.tier)
    placed = _places(own, turns) if asking.token else {}
    over = [row for row in kept if not row.ended and (row.token != asking.token or row.seat not in placed)]
    return (*(_over(row) for row in over), *_now(own, placed, asking, calendars))


def _over(row: Escalation) -> Changed:
    return Changed(replace(row, epoch=row.epoch + 1, ended=True, next_at=None, snoozed_until=None), row.epoch)


def _now(
    own: Mapping[str, Escalation],
    placed: Mapping[str, PersonId],
    asking: Asking,
    calendars: Mapping[PersonId, Calendar],
) -> Iterator[Changed]:
    for place, person in placed.items():
        row, calendar = own.get(place), calendars.get(person, Calendar())
        if row is None:
            fresh = Escalation(asking.token, place, asking.change, person, asking.tier, asking.chain, 0, 1, asking.now, None)
            yield Changed(begun(fresh, asking.now, calendar), None)
        elif row.ended or row.person != person:
            snoozes = row.snoozes if row.person == person else 0
            anew = replace(row, person=person, epoch=row.epoch + 1, snoozes=snoozes)
            yield Changed(begun(anew, asking.now, calendar), row.epoch)
        elif _is_news(asking.active_at, row):
            yield Changed(replace(row, active_at=asking.active_at), row.epoch)


def _is_news(active_at: datetime | None, row: Escalation) -> bool:
    """Whether somebody did something since it became this person's turn; what made it theirs does not count."""
    return active_at is not None and active_at > (row.active_at or row.since)


def _places(own: Mapping[str, Escalation], turns: Sequence[Turn]) -> dict[str, PersonId]:
    """Each turn in a place of its seat: whoever waits in one of them stays there, the others take what is free."""
    placed: dict[str, PersonId] = {}
    left: list[Turn] = []
    for turn in turns:
        held = next((place for place in _all(turn.seat, turns) if _holds(own.get(place), turn) and place not in placed), None)
        if held is None:
            left.append(turn)
        else:
            placed[held] = turn.person
    for turn in left:
        placed[next(place for place in _all(turn.seat, turns) if place not in placed)] = turn.person
    return placed


def _all(seat: str, turns: Sequence[Turn]) -> Iterator[str]:
    """More places than there are turns, so that one is always free; people who answered leave theirs empty."""
    return (slot(seat, number) for number in range(1, 2 * len(turns) + 20))


def _holds(row: Escalation | None, turn: Turn) -> bool:
    return row is not None and not row.ended and row.person == turn.person
