"""Decisions about a change, as they stand: records of the log, and later records that say that one no longer counts."""

from __future__ import annotations

import base64
import json

from sqlalchemy import RowMapping, and_, bindparam, func, select

from bot.core.ids import ChangeRef
from bot.ports.store import StoredBundle
from storage.log_tables import RECORDS, VOIDS_BEFORE_LOG
from storage.rows import Rows, storable

_void = RECORDS.alias("void")
_any = RECORDS.alias("any_void")
_first = select(func.min(_any.c.position)).where(_any.c.regards == RECORDS.c.id, _any.c.kind == "void").scalar_subquery()
_of_change = (
    select(RECORDS, _void.c.bundle.label("void"), VOIDS_BEFORE_LOG.c.because)
    .select_from(
        RECORDS.outerjoin(VOIDS_BEFORE_LOG, VOIDS_BEFORE_LOG.c.approval_id == RECORDS.c.id).outerjoin(
            _void, _void.c.position == _first
        )
    )
    .where(and_(RECORDS.c.about == bindparam("about"), RECORDS.c.kind == "decision"))
    .order_by(RECORDS.c.position)
)


class ApprovalRows(Rows):
    def approvals(self, ref: ChangeRef) -> tuple[StoredBundle, ...]:
        """Every decision about the change, oldest first, void ones too. The first reason stands; it may be unknown (empty)."""
        found = self._execute(_of_change, {"about": ref.key}).mappings()
        return tuple(
            StoredBundle(row["id"], row["about"], row["head_sha"], row["bundle"], row["stored_at"], voided=_voided(row))
            for row in found
        )


def _voided(row: RowMapping) -> str | None:
    """None only where no row voids it: one that cannot be read voids as well."""
    if row["because"] is not None:
        return str(row["because"])
    return None if row["void"] is None else _reason(row["void"])


def _reason(bundle: bytes) -> str:
    """Why, from the statement inside a void's bundle; empty if it does not say. Whoever wants proof verifies the bundle."""
    try:
        statement = json.loads(base64.b64decode(json.loads(bundle)["dsseEnvelope"]["payload"]))
        because: object = statement["predicate"]["details"]["because"]
    except (ValueError, TypeError, LookupError, RecursionError):
        return ""
    return storable(because) if isinstance(because, str) else ""
