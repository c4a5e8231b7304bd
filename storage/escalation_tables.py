"""Tables of people's turns: who was asked, whose turn it is, what they are to hear of, what they chose, and what happened.

Escalations and reminders that are over weigh on no hot query: the indexes that find what is due are partial.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Table, Text, text
from sqlmodel import Field, SQLModel

from storage.tables import BigId, UtcTime

RUNNING = text("NOT ended")
DUE = text("NOT ended AND next_at IS NOT NULL")
WAITING = text("state = 'waiting'")
SENT = text("state = 'sent'")
TOLD = text("told_at IS NOT NULL")
LATE = text("late_at IS NOT NULL")


class AssignmentRow(SQLModel, table=True):
    """A person asked about a request, in the order of `id`. `open`: the request is not over."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index("assignments_of_request", "token", "person", unique=True),
        Index("assignments_of_person", "person", "at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    token: str = Field(sa_type=Text)
    person: str = Field(sa_type=Text)
    change_key: str = Field(sa_type=Text)
    tier: str = Field(sa_type=Text)
    how: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcTime)
    by: str | None = Field(sa_type=Text)
    seat: str = Field(sa_type=Text)
    gone: str = Field(sa_type=Text)
    open: bool


class EscalationRow(SQLModel, table=True):
    """A seat that waits, or waited. `chain` is the snapshot made with the request, as JSON."""

    __tablename__ = "escalations"
    __table_args__ = (
        Index("escalations_due", "next_at", sqlite_where=DUE, postgresql_where=DUE),
        Index("escalations_of_change", "change_key", sqlite_where=RUNNING, postgresql_where=RUNNING),
        Index("escalations_waiting", "since", sqlite_where=RUNNING, postgresql_where=RUNNING),
    )

    token: str = Field(sa_type=Text, primary_key=True)
    seat: str = Field(sa_type=Text, primary_key=True)
    change_key: str = Field(sa_type=Text)
    person: str = Field(sa_type=Text)
    tier: str = Field(sa_type=Text)
    chain: str = Field(sa_type=Text)
    step: int
    epoch: int
    since: datetime = Field(sa_type=UtcTime)
    next_at: datetime | None = Field(sa_type=UtcTime)
    ended: bool
    active_at: datetime | None = Field(sa_type=UtcTime)
    snoozed_until: datetime | None = Field(sa_type=UtcTime)
    snoozes: int


class ReminderRow(SQLModel, table=True):
    """Something to tell a person, once. `told_at`: when a message with it was made; `late_at`: when the chat took that, where
    it took it later."""

    __tablename__ = "reminders"
    __table_args__ = (
        Index("reminders_due", "at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("reminders_of_person", "person", "at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("reminders_sent", "token", sqlite_where=SENT, postgresql_where=SENT),
        Index("reminders_told", "person", "told_at", sqlite_where=TOLD, postgresql_where=TOLD),
        Index("reminders_late", "person", "late_at", sqlite_where=LATE, postgresql_where=LATE),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    dedupe: str = Field(sa_type=Text, unique=True)
    person: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    change_key: str = Field(sa_type=Text)
    token: str = Field(sa_type=Text)
    seat: str = Field(sa_type=Text)
    epoch: int
    tier: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcTime)
    about: str | None = Field(sa_type=Text)
    words: str = Field(sa_type=Text)
    at_night: bool
    state: str = Field(sa_type=Text)
    told_at: datetime | None = Field(sa_type=UtcTime)
    late_at: datetime | None = Field(sa_type=UtcTime)


class PersonSettingsRow(SQLModel, table=True):
    """What a person chose. None: as the chat says, or the default. `days` is a JSON list."""

    __tablename__ = "person_settings"

    person: str = Field(sa_type=Text, primary_key=True)
    zone: str | None = Field(sa_type=Text)
    start: int | None
    end: int | None
    days: str | None = Field(sa_type=Text)
    delivery: str = Field(sa_type=Text)
    digest: bool
    absent_since: datetime | None = Field(sa_type=UtcTime)
    absent_until: datetime | None = Field(sa_type=UtcTime)
    delegate: str | None = Field(sa_type=Text)
    saved_at: datetime = Field(sa_type=UtcTime)


class DigestRow(SQLModel, table=True):
    """When a person's next digest comes. No row: none is planned. `told_at`: when they got the last one."""

    __tablename__ = "digests"
    __table_args__ = (Index("digests_due", "at"),)

    person: str = Field(sa_type=Text, primary_key=True)
    at: datetime = Field(sa_type=UtcTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcTime)


class TurningRow(SQLModel, table=True):
    """One thing that happened to a request."""

    __tablename__ = "turnings"
    __table_args__ = (
        Index("turnings_at", "at"),
        Index("turnings_of_request", "token", "at"),
        Index("turnings_of_person", "person", "at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    at: datetime = Field(sa_type=UtcTime)
    change_key: str = Field(sa_type=Text)
    token: str = Field(sa_type=Text)
    seat: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    person: str | None = Field(sa_type=Text)
    words: str = Field(sa_type=Text)


class LeaseRow(SQLModel, table=True):
    """Who may tick, and until when."""

    __tablename__ = "leases"

    name: str = Field(sa_type=Text, primary_key=True)
    holder: str = Field(sa_type=Text)
    until: datetime = Field(sa_type=UtcTime)


TABLES = SQLModel.metadata.tables
ASSIGNMENTS: Table = TABLES["assignments"]
ESCALATIONS: Table = TABLES["escalations"]
REMINDERS: Table = TABLES["reminders"]
PERSON_SETTINGS: Table = TABLES["person_settings"]
DIGESTS: Table = TABLES["digests"]
TURNINGS: Table = TABLES["turnings"]
LEASES: Table = TABLES["leases"]
