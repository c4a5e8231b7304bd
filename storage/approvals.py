"""Signed decisions. Rows are added and never changed, which triggers in the database itself enforce."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import Insert, bindparam, select
from sqlalchemy.sql.dml import ReturningInsert

from bot.core.ids import ChangeRef
from bot.ports.store import StoredBundle
from storage.rows import Rows, insert_into, storable
from storage.tables import APPROVALS, VOIDS

_of_change = (
    select(APPROVALS, VOIDS.c.because)
    .select_from(APPROVALS.outerjoin(VOIDS, VOIDS.c.approval_id == APPROVALS.c.id))
    .where(APPROVALS.c.change_key == bindparam("change_key"))
    .order_by(APPROVALS.c.seq)
)


@cache
def _add(dialect: str) -> ReturningInsert[str]:
    return insert_into(APPROVALS, dialect).on_conflict_do_nothing(index_elements=["id"]).returning(APPROVALS.c.id)


@cache
def _void(dialect: str) -> Insert:
    return insert_into(VOIDS, dialect).on_conflict_do_nothing(index_elements=["approval_id"])


class ApprovalRows(Rows):
    def approvals(self, ref: ChangeRef) -> tuple[StoredBundle, ...]:
        """Every decision about the change, oldest first, void ones too."""
        found = self._execute(_of_change, {"change_key": ref.key}).mappings()
        return tuple(
            StoredBundle(row["id"], row["change_key"], row["head_sha"], row["bundle"], row["stored_at"], voided=row["because"])
            for row in found
        )

    def add_approval(self, ref: ChangeRef, head_sha: str, approval_id: str, bundle: bytes, now: datetime) -> bool:
        """False when this very approval is there already."""
        row = {"id": approval_id, "change_key": ref.key, "head_sha": head_sha, "bundle": bundle, "stored_at": now}
        return self._execute(_add(self._dialect), row).scalar() is not None

    def void_approval(self, approval_id: str, because: str, now: datetime) -> None:
        """It no longer counts. The first reason stands; Conflict if there is no such approval."""
        row = {"approval_id": approval_id, "because": storable(because), "voided_at": now}
        self._execute(_void(self._dialect), row)
