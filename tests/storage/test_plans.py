"""What is asked every few seconds is answered from an index, however much there is: the planners see that the partial ones fit.

PostgreSQL reads a small table whole, whatever indexes it has; so it is told not to.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy
from sqlalchemy import Engine, insert

from bot.ports.escalation import Step
from storage.database import open_database
from storage.store import SqlStore
from storage.tables import OUTBOX
from tests.storage.material import CHANGE, NOW, remind
from tests.storage.turn_values import ADA, TOKEN, escalation, keep, reminder

Asked = tuple[str, object]


def in_unit(ask: Callable[..., object]) -> Callable[[SqlStore], object]:
    def asked(store: SqlStore) -> object:
        with store.begin() as unit:
            return ask(unit)

    return asked


CASES: dict[str, tuple[Callable[[SqlStore], object], str]] = {
    "due escalations": (in_unit(lambda unit: unit.due_escalations(NOW, 5)), "escalations_due"),
    "overdue": (in_unit(lambda unit: unit.overdue(NOW)), "escalations_due"),
    "who waits": (in_unit(lambda unit: unit.waiting_since(5)), "escalations_waiting"),
    "of a change": (in_unit(lambda unit: unit.escalations_of(CHANGE)), "escalations_of_change"),
    "steps": (in_unit(lambda unit: unit.step([Step(escalation(), 0)])), "escalations"),
    "reminders of a person": (in_unit(lambda unit: unit.due_reminders(NOW, 5)), "reminders_"),
    "last told": (in_unit(lambda unit: unit.last_told([ADA])), "reminders_told"),
    "on desks": (in_unit(lambda unit: unit.asked([ADA], NOW)), "assignments_of_person"),
    "asked for a request": (in_unit(lambda unit: unit.assignments(TOKEN)), "assignments_of_request"),
    "digests": (in_unit(lambda unit: unit.due_digests(NOW, 5)), "digests_due"),
    "reminders to take back": (in_unit(lambda unit: unit.withdraw_reminds(NOW, 5)), "outbox_reminds"),
    "a delivery": (lambda store: store.claim_delivery("w", "chat:"), "outbox_next"),
}


def asked_of(ask: Callable[[], object]) -> Asked:
    """The last statement of those that reach the database."""
    seen: list[Asked] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append((statement, parameters))

    sqlalchemy.event.listen(Engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        sqlalchemy.event.remove(Engine, "before_cursor_execute", note)
    return next(asked for asked in reversed(seen) if "surfaces.surface, surfaces.external_id" not in asked[0])


def plan(url: str, asked: Asked) -> str:
    database = open_database(url)
    statement, parameters = asked
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN (COSTS OFF) " if database.dialect == "postgresql" else "EXPLAIN QUERY PLAN "
        rows = connection.exec_driver_sql(explain + statement, parameters).all()  # type: ignore[arg-type]  # as it was given
    database.close()
    return "\n".join(str(row[-1]) for row in rows)


def queue_much_else(url: str) -> None:
    """Enough of it, and known to PostgreSQL, that one index is plainly better than another."""
    database = open_database(url)
    row = {column.name: "x" for column in OUTBOX.c if not column.nullable and column.type.python_type is str}
    row |= {"state": "pending", "lane": "forge:x", "kind": "SetComment"}
    times = {"revision": 1, "rank": 0, "attempts": 0, "queued_at": NOW, "due_at": NOW}
    with database.write() as connection:
        connection.execute(insert(OUTBOX), [{**row, **times, "surface": f"s{number}"} for number in range(500)])
        if database.dialect == "postgresql":
            connection.exec_driver_sql("ANALYZE outbox")
        connection.commit()
    database.close()


@pytest.mark.parametrize("case", CASES)
def test_what_is_asked_often_is_answered_from_its_index(store: SqlStore, database_url: str, case: str) -> None:
    ask, index = CASES[case]
    keep(store, escalation())
    with store.begin() as unit:
        unit.add_reminders([reminder("d1")])
        unit.add_action("person:ada", remind(1), NOW)
        unit.commit()
    queue_much_else(database_url)
    seen = plan(database_url, asked_of(lambda: ask(store)))
    assert index in seen, seen
    assert "Seq Scan on outbox" not in seen
    assert "Seq Scan on escalations" not in seen
    assert not [
        line for line in seen.splitlines() if line.startswith("SCAN") and "INDEX" not in line and line != "SCAN stuck"
    ], seen
