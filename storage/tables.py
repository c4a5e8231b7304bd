"""Tables of changes, requests, jobs and actions. (`log_tables`, `identity_tables` and `escalation_tables` hold the others.)

Migrations make all of them; `tests/storage/test_migrations.py` holds the two together. Values of the core are kept as JSON
text, what the application hands over as bytes stays bytes. Hot queries are helped by partial indexes: finished jobs, which are
kept only so that a delivery is not taken twice, weigh on none of them.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Index, Integer, LargeBinary, Table, Text, TypeDecorator, text
from sqlmodel import Field, SQLModel

CLAIMED = text("state = 'claimed'")
PENDING = text("state = 'pending'")
UNFINISHED = text("state <> 'done'")
UNTRIED = text("state = 'pending' AND attempts = 0")
REMINDS = text("state = 'pending' AND kind = 'Remind'")
MERGED = text("merged_into IS NOT NULL")
OPEN = text("open")


class UtcTime(TypeDecorator[datetime]):
    """An instant. Aware in Python on both databases, though SQLite's columns know no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER makes SQLite number rows by itself


class ChangeRow(SQLModel, table=True):
    """What is remembered of a change."""

    __tablename__ = "changes"
    __table_args__ = (Index("changes_open", "repo_key", "head_sha", sqlite_where=OPEN, postgresql_where=OPEN),)

    key: str = Field(sa_type=Text, primary_key=True)
    repo_key: str = Field(sa_type=Text)
    open: bool
    head_sha: str = Field(sa_type=Text)
    head: str | None = Field(sa_type=Text)
    signals: str = Field(sa_type=Text)
    pushers: str = Field(sa_type=Text)
    facts: bytes = Field(sa_type=LargeBinary)
    verdict: bytes = Field(sa_type=LargeBinary)
    evaluated_at: datetime | None = Field(sa_type=UtcTime)


class PushRow(SQLModel, table=True):
    """Who pushed a commit as the head of a branch, as the forge told: the commit itself does not say."""

    __tablename__ = "pushes"

    head_sha: str = Field(sa_type=Text, primary_key=True)
    repo_key: str = Field(sa_type=Text, primary_key=True)
    branch: str = Field(sa_type=Text, primary_key=True)
    account: str = Field(sa_type=Text, primary_key=True)
    pushed_at: datetime = Field(sa_type=UtcTime)


class RequestRow(SQLModel, table=True):
    """What was asked of people about one head commit."""

    __tablename__ = "requests"
    __table_args__ = (Index("requests_of_change", "change_key", "id"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    token: str = Field(sa_type=Text, unique=True)
    change_key: str = Field(sa_type=Text)
    head_sha: str = Field(sa_type=Text)
    policy_digest: str = Field(sa_type=Text)
    tier: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    revision: int
    channel: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcTime)
    updated_at: datetime = Field(sa_type=UtcTime)


class JobRow(SQLModel, table=True):
    """A stored event: pending, claimed, merged into a claimed one, done, or dead."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("jobs_one_claim_a_lane", "lane", unique=True, sqlite_where=CLAIMED, postgresql_where=CLAIMED),
        Index("jobs_due", "due_at", "id", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("jobs_lane", "lane", "id", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("jobs_unfinished", "state", "received_at", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
        Index("jobs_merged", "merged_into", sqlite_where=MERGED, postgresql_where=MERGED),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    dedupe_key: str = Field(sa_type=Text, unique=True)
    lane: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    event: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    attempts: int
    received_at: datetime = Field(sa_type=UtcTime)
    due_at: datetime = Field(sa_type=UtcTime)
    worker: str | None = Field(sa_type=Text)
    claimed_until: datetime | None = Field(sa_type=UtcTime)
    merged_into: int | None = Field(sa_type=BigId)
    finished_at: datetime | None = Field(sa_type=UtcTime)
    error: str = Field(sa_type=Text)


class SurfaceRow(SQLModel, table=True):
    """A place where the gate shows something: what is shown there, and what will be once the outbox is empty.

    `shown_digest` is of what is shown, `wanted_digest` of the newest action queued or shown; `revision` counts the actions.
    A message's row says that it was queued once, and for good.
    """

    __tablename__ = "surfaces"
    __table_args__ = (Index("surfaces_shown_as", "external_id"),)

    change_key: str = Field(sa_type=Text, primary_key=True)
    surface: str = Field(sa_type=Text, primary_key=True)
    revision: int
    wanted_digest: str = Field(sa_type=Text)
    shown_digest: str = Field(sa_type=Text)
    external_id: str | None = Field(sa_type=Text)
    changed_at: datetime = Field(sa_type=UtcTime)


class ActionRow(SQLModel, table=True):
    """An action on its way: pending, claimed, or dead. Delivered ones are deleted; their surface remembers them.

    The lowest `rank` goes first: state before what only reminds of it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_one_claim_a_lane", "lane", unique=True, sqlite_where=CLAIMED, postgresql_where=CLAIMED),
        Index("outbox_due", "due_at", "lane", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("outbox_lane", "lane", "rank", "id", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("outbox_next", "rank", "id", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("outbox_reminds", "queued_at", sqlite_where=REMINDS, postgresql_where=REMINDS),
        Index("outbox_surface", "change_key", "surface", unique=True, sqlite_where=UNTRIED, postgresql_where=UNTRIED),
        Index("outbox_of_change", "change_key", "surface", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_type=BigId, primary_key=True)
    change_key: str = Field(sa_type=Text)
    surface: str = Field(sa_type=Text)
    lane: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    action: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    revision: int
    rank: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    card: str | None = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    attempts: int
    queued_at: datetime = Field(sa_type=UtcTime)
    due_at: datetime = Field(sa_type=UtcTime)
    worker: str | None = Field(sa_type=Text)
    claimed_until: datetime | None = Field(sa_type=UtcTime)
    error: str = Field(sa_type=Text)


METADATA = SQLModel.metadata
CHANGES: Table = METADATA.tables["changes"]
PUSHES: Table = METADATA.tables["pushes"]
REQUESTS: Table = METADATA.tables["requests"]
JOBS: Table = METADATA.tables["jobs"]
SURFACES: Table = METADATA.tables["surfaces"]
OUTBOX: Table = METADATA.tables["outbox"]
