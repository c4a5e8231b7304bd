"""Assignments, escalations, reminders, people's own settings, turnings and leases; and a rank of what waits in the outbox.

The release before this one queues without a rank while it still serves: state is what it queues, and that comes first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TIME = sa.DateTime(timezone=True)
BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
PENDING = "state = 'pending'"


def upgrade() -> None:
    _assignments()
    _escalations()
    _reminders()
    _people()
    _turnings()
    _rank()


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _number(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _index(name: str, table: str, columns: list[str], *, where: str = "", unique: bool = False) -> None:
    only = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", BIG_ID, primary_key=True),
        *_text("token", "person", "change_key", "tier", "how"),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.Text),
        *_text("seat", "gone"),
        _flag("open"),
        sqlite_autoincrement=True,
    )
    _index("assignments_of_request", "assignments", ["token", "person"], unique=True)
    _index("assignments_of_person", "assignments", ["person", "at"])


def _escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("seat", sa.Text, primary_key=True),
        *_text("change_key", "person", "tier", "chain"),
        *_number("step", "epoch"),
        sa.Column("since", TIME, nullable=False),
        sa.Column("next_at", TIME),
        _flag("ended"),
        sa.Column("active_at", TIME),
        sa.Column("snoozed_until", TIME),
        *_number("snoozes"),
    )
    _index("escalations_due", "escalations", ["next_at"], where="NOT ended AND next_at IS NOT NULL")
    _index("escalations_of_change", "escalations", ["change_key"], where="NOT ended")
    _index("escalations_waiting", "escalations", ["since"], where="NOT ended")


def _reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("dedupe", sa.Text, nullable=False, unique=True),
        *_text("person", "kind", "change_key", "token", "seat"),
        *_number("epoch"),
        *_text("tier"),
        sa.Column("at", TIME, nullable=False),
        sa.Column("about", sa.Text),
        *_text("words"),
        _flag("at_night"),
        *_text("state"),
        sa.Column("told_at", TIME),
        sa.Column("late_at", TIME),
        sqlite_autoincrement=True,
    )
    _index("reminders_due", "reminders", ["at"], where="state = 'waiting'")
    _index("reminders_of_person", "reminders", ["person", "at"], where="state = 'waiting'")
    _index("reminders_sent", "reminders", ["token"], where="state = 'sent'")
    _index("reminders_told", "reminders", ["person", "told_at"], where="told_at IS NOT NULL")
    _index("reminders_late", "reminders", ["person", "late_at"], where="late_at IS NOT NULL")


def _people() -> None:
    op.create_table(
        "person_settings",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("zone", sa.Text),
        sa.Column("start", sa.Integer),
        sa.Column("end", sa.Integer),
        sa.Column("days", sa.Text),
        *_text("delivery"),
        _flag("digest"),
        sa.Column("absent_since", TIME),
        sa.Column("absent_until", TIME),
        sa.Column("delegate", sa.Text),
        sa.Column("saved_at", TIME, nullable=False),
    )
    op.create_table(
        "digests",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("told_at", TIME),
    )
    _index("digests_due", "digests", ["at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        *_text("holder"),
        sa.Column("until", TIME, nullable=False),
    )


def _turnings() -> None:
    op.create_table(
        "turnings",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("at", TIME, nullable=False),
        *_text("change_key", "token", "seat", "kind"),
        sa.Column("person", sa.Text),
        *_text("words"),
        sqlite_autoincrement=True,
    )
    _index("turnings_at", "turnings", ["at"])
    _index("turnings_of_request", "turnings", ["token", "at"])
    _index("turnings_of_person", "turnings", ["person", "at"])


def _rank() -> None:
    op.add_column("outbox", sa.Column("rank", sa.Integer, nullable=False, server_default="0"))
    op.drop_index("outbox_lane", "outbox")
    _index("outbox_lane", "outbox", ["lane", "rank", "id"], where=PENDING)
    _index("outbox_next", "outbox", ["rank", "id"], where=PENDING)
    _index("outbox_reminds", "outbox", ["queued_at"], where=f"{PENDING} AND kind = 'Remind'")
