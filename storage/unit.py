"""The unit of work: one transaction with every verb on state, which leaves no trace unless it is committed."""

from __future__ import annotations

from storage.approvals import ApprovalRows
from storage.assignments import AssignmentRows
from storage.changes import ChangeRows
from storage.checkpoints import CheckpointRows
from storage.escalations import EscalationRows
from storage.failures import translated
from storage.homes import HomeRows
from storage.identity import LinkRows, PasskeyRows, VisitRows
from storage.outbox import OutboxRows
from storage.person_settings import DigestRows, PersonSettingsRows
from storage.pushes import PushRows
from storage.records import RecordRows
from storage.reminders import ReminderRows
from storage.requests import RequestRows
from storage.tick_leases import TickLeaseRows
from storage.turnings import TurningRows


class SqlUnit(
    ChangeRows,
    PushRows,
    RequestRows,
    ApprovalRows,
    RecordRows,
    CheckpointRows,
    LinkRows,
    PasskeyRows,
    VisitRows,
    OutboxRows,
    AssignmentRows,
    EscalationRows,
    ReminderRows,
    PersonSettingsRows,
    DigestRows,
    TurningRows,
    TickLeaseRows,
    HomeRows,
):
    """Implements `bot.ports.store.Unit`."""

    committed = False

    def commit(self) -> None:
        """Keep everything. It has reached the disk when this returns, and the unit is over."""
        with translated():
            self._connection.commit()
        self.committed = True
