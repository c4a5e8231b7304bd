"""Actions in the hands of delivery lanes: claimed, and then finished, put back, or given up.

State goes before what only reminds of it, in a lane and among lanes. Otherwise a lane has one delivery at a time and keeps
its order: while its head waits to be tried again, the rest of the lane waits behind it. An ask or a thread line is passed over
until the card it stands under is shown.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast, get_args

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, exists, func, null, or_, select, tuple_, update
from sqlalchemy.sql.selectable import NamedFromClause

from bot.core.actions import Action
from bot.ports.store import Delivery
from storage.codec import load_as
from storage.outbox import newest_queued
from storage.rows import CLAIMED, DEAD, PENDING, begins_with, storable
from storage.tables import OUTBOX, SURFACES

ATTEMPTS = 60
"""After so many an action is dead. Five times a job's count: a chat may be down for hours, and nothing is lost by that."""
ACTIONS: dict[str, type] = {kind.__name__: kind for kind in get_args(Action)}

_rival = OUTBOX.alias("rival")
_paused = OUTBOX.alias("paused")
_candidate = OUTBOX.alias("candidate")
_earlier = OUTBOX.alias("earlier")


def _may_stand(row: NamedFromClause) -> ColumnElement[bool]:
    """It needs no card, or its card is shown."""
    card = SURFACES.alias(f"card_of_{row.name}")
    is_shown = exists().where(
        card.c.change_key == row.c.change_key, card.c.surface == row.c.card, card.c.external_id.is_not(None)
    )
    return or_(row.c.card.is_(None), is_shown)


# Stated for PostgreSQL, where a head that another replica is about to take is skipped: what follows it must not pass it.
_is_head = ~exists().where(
    _earlier.c.lane == _candidate.c.lane,
    _earlier.c.state == PENDING,
    tuple_(_earlier.c.rank, _earlier.c.id) < tuple_(_candidate.c.rank, _candidate.c.id),
    _may_stand(_earlier),
)
_next = (
    select(_candidate.c.id)
    .where(
        _candidate.c.state == PENDING,
        _candidate.c.due_at <= bindparam("now"),
        begins_with(_candidate.c.lane, bindparam("prefix")),
        _candidate.c.lane.not_in(select(_rival.c.lane).where(_rival.c.state == CLAIMED)),
        _candidate.c.lane.not_in(select(_paused.c.lane).where(_paused.c.state == PENDING, _paused.c.due_at > bindparam("now"))),
        _may_stand(_candidate),
        _is_head,
    )
    .order_by(_candidate.c.rank, _candidate.c.id)
    .limit(1)
    .with_for_update(skip_locked=True, of=_candidate)
    .scalar_subquery()
)
_claim = (
    update(OUTBOX)
    .where(OUTBOX.c.id == _next)
    .values(state=CLAIMED, attempts=OUTBOX.c.attempts + 1, worker=bindparam("by"), claimed_until=bindparam("until"))
    .returning(
        OUTBOX.c.id,
        OUTBOX.c.change_key,
        OUTBOX.c.surface,
        OUTBOX.c.lane,
        OUTBOX.c.kind,
        OUTBOX.c.action,
        OUTBOX.c.revision,
        OUTBOX.c.card,
        OUTBOX.c.attempts,
    )
)
_places = select(SURFACES.c.surface, SURFACES.c.external_id).where(
    SURFACES.c.change_key == bindparam("of_change"), SURFACES.c.surface.in_([bindparam("own"), bindparam("card")])
)
_held = (OUTBOX.c.id == bindparam("which"), OUTBOX.c.state == CLAIMED, OUTBOX.c.attempts == bindparam("claim"))
_take_out = delete(OUTBOX).where(*_held).returning(OUTBOX.c.digest)
_surface = (SURFACES.c.change_key == bindparam("of_change"), SURFACES.c.surface == bindparam("of_surface"))
_show = (
    update(SURFACES)
    .where(*_surface)
    .values(
        shown_digest=bindparam("digest"),
        external_id=func.coalesce(bindparam("shown_as"), SURFACES.c.external_id),
        changed_at=bindparam("at"),
    )
)
_over = {"worker": null(), "claimed_until": null()}
_again = {"state": case((OUTBOX.c.attempts >= ATTEMPTS, DEAD), else_=PENDING), **_over}
_retry = (
    update(OUTBOX).where(*_held).values(due_at=bindparam("due"), error=bindparam("why"), **_again).returning(OUTBOX.c.state)
)
_drop = update(OUTBOX).where(*_held).values(state=DEAD, error=bindparam("why"), **_over)
_give_up = update(SURFACES).where(*_surface).values(wanted_digest=func.coalesce(newest_queued, SURFACES.c.shown_digest))
_release = (
    update(OUTBOX)
    .where(OUTBOX.c.state == CLAIMED, begins_with(OUTBOX.c.worker, bindparam("prefix")))
    .values(state=PENDING, **_over)
)
_expire = (
    update(OUTBOX).where(OUTBOX.c.state == CLAIMED, OUTBOX.c.claimed_until < bindparam("at")).values(state=PENDING, **_over)
)


def claim_delivery(
    connection: Connection, worker: str, lane_prefix: str, now: datetime, until: datetime | None
) -> Delivery | None:
    """Take the oldest due action of a free lane whose name begins so."""
    values = {"now": now, "prefix": lane_prefix, "by": worker, "until": until}
    while (row := connection.execute(_claim, values).one_or_none()) is not None:
        place = {"of_change": row.change_key, "of_surface": row.surface}
        try:
            action = cast(Action, load_as(ACTIONS[row.kind], row.action))
        except (KeyError, ValueError) as error:
            # Dead, so that it holds up nobody behind it; planned again, it will be written as this release reads it.
            why = f"saw a stored {row.kind} that this release cannot read; wanted one of its own or an older release's: {error}"
            connection.execute(_drop, {"which": row.id, "claim": row.attempts, "why": storable(why)})
            connection.execute(_give_up, place)
            continue
        found = connection.execute(_places, {"of_change": row.change_key, "own": row.surface, "card": row.card or row.surface})
        places: dict[str, str | None] = dict(found.all())
        return Delivery(
            id=row.id,
            key=f"{row.change_key}|{row.surface}|{row.revision}",
            lane=row.lane,
            change_key=row.change_key,
            action=action,
            revision=row.revision,
            attempts=row.attempts,
            shown=places.get(row.surface),
            thread=places.get(row.card) if row.card else None,
        )
    return None


def finish_delivery(connection: Connection, delivery: Delivery, external_id: str | None, now: datetime) -> None:
    """It is shown. Nothing, if the claim was lost: whoever has it now delivers under the same key and learns the same id."""
    digest = connection.execute(_take_out, _claim_of(delivery)).scalar()
    if digest is not None:
        connection.execute(_show, {**_place_of(delivery), "digest": digest, "shown_as": external_id, "at": now})


def retry_delivery(connection: Connection, delivery: Delivery, error: str, now: datetime, after_s: float) -> None:
    """Back to its lane, which waits with it; dead after too many attempts."""
    values = {**_claim_of(delivery), "due": now + timedelta(seconds=after_s), "why": storable(error)}
    if connection.execute(_retry, values).scalar() == "dead":
        connection.execute(_give_up, _place_of(delivery))


def drop_delivery(connection: Connection, delivery: Delivery, error: str) -> None:
    """It can never be done. The surface wants again what it shows, so that a later plan may try once more."""
    if connection.execute(_drop, {**_claim_of(delivery), "why": storable(error)}).rowcount:
        connection.execute(_give_up, _place_of(delivery))


def release_deliveries(connection: Connection, worker_prefix: str) -> int:
    """Give back the claims of workers so named."""
    return connection.execute(_release, {"prefix": worker_prefix}).rowcount


def expire_deliveries(connection: Connection, now: datetime) -> int:
    """Give back the claims whose lease has run out."""
    return connection.execute(_expire, {"at": now}).rowcount


def _claim_of(delivery: Delivery) -> dict[str, object]:
    return {"which": delivery.id, "claim": delivery.attempts}


def _place_of(delivery: Delivery) -> dict[str, object]:
    return {"of_change": delivery.change_key, "of_surface": delivery.action.surface}
