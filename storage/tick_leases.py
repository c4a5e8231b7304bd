"""Named leases: one replica ticks at a time. (`storage.leases` has the ends of claims.)"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import bindparam, or_
from sqlalchemy.sql.dml import ReturningInsert

from storage.escalation_tables import LEASES
from storage.rows import Rows, insert_into, storable
from storage.tables import UtcTime

_now = bindparam("now", type_=UtcTime)


@cache
def _take(dialect: str) -> ReturningInsert[str]:
    statement = insert_into(LEASES, dialect)
    new = statement.excluded
    free = or_(LEASES.c.holder == new.holder, LEASES.c.until <= _now)
    taken = statement.on_conflict_do_update(
        index_elements=["name"], set_={"holder": new.holder, "until": new.until}, where=free
    )
    return taken.returning(LEASES.c.name)


class TickLeaseRows(Rows):
    def take_lease(self, name: str, holder: str, now: datetime, for_s: float) -> bool:
        """Take or renew a named lease, in one statement. False: another holder's has not run out. On PostgreSQL whoever comes
        second waits until the first has committed: take it in a short unit of its own."""
        values = {"name": name, "holder": storable(holder), "until": now + timedelta(seconds=for_s), "now": now}
        return self._execute(_take(self._dialect), values).scalar() is not None
