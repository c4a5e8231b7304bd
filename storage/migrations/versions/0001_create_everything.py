"""Every table of the first release, and the triggers that keep approvals append-only.

Written out and not taken from `storage.tables`: what this step makes must not change when the tables do.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TIME = sa.DateTime(timezone=True)
APPEND_ONLY = ("approvals", "voids")


def upgrade() -> None:
    _changes()
    _requests()
    _approvals()
    _jobs()
    _surfaces()
    _outbox()
    for table, key in zip(APPEND_ONLY, ("id", "approval_id"), strict=True):
        _refuse_changes(table, key)


def _partial(name: str, table: str, columns: list[str], where: str, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("repo_key", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("head_sha", sa.Text, nullable=False),
        sa.Column("head", sa.Text),
        sa.Column("signals", sa.Text, nullable=False),
        sa.Column("pushers", sa.Text, nullable=False),
        sa.Column("facts", sa.LargeBinary, nullable=False),
        sa.Column("verdict", sa.LargeBinary, nullable=False),
        sa.Column("evaluated_at", TIME),
    )
    _partial("changes_open", "changes", ["repo_key", "head_sha"], "open")


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("token", sa.Text, nullable=False, unique=True),
        sa.Column("change_key", sa.Text, nullable=False),
        sa.Column("head_sha", sa.Text, nullable=False),
        sa.Column("policy_digest", sa.Text, nullable=False),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("requests_of_change", "requests", ["change_key", "id"])


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("seq", BIG_ID, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("change_key", sa.Text, nullable=False),
        sa.Column("head_sha", sa.Text, nullable=False),
        sa.Column("bundle", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", TIME, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("approvals_of_change", "approvals", ["change_key", "seq"])
    op.create_table(
        "voids",
        sa.Column("approval_id", sa.Text, sa.ForeignKey("approvals.id"), primary_key=True),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("voided_at", TIME, nullable=False),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("dedupe_key", sa.Text, nullable=False, unique=True),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("claimed_until", TIME),
        sa.Column("merged_into", BIG_ID),
        sa.Column("finished_at", TIME),
        sa.Column("error", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    _partial("jobs_one_claim_a_lane", "jobs", ["lane"], "state = 'claimed'", unique=True)
    _partial("jobs_due", "jobs", ["due_at", "id"], "state = 'pending'")
    _partial("jobs_lane", "jobs", ["lane", "id"], "state = 'pending'")
    _partial("jobs_unfinished", "jobs", ["state", "received_at"], "state <> 'done'")
    _partial("jobs_merged", "jobs", ["merged_into"], "merged_into IS NOT NULL")


def _surfaces() -> None:
    op.create_table(
        "surfaces",
        sa.Column("change_key", sa.Text, primary_key=True),
        sa.Column("surface", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("wanted_digest", sa.Text, nullable=False),
        sa.Column("shown_digest", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text),
        sa.Column("changed_at", TIME, nullable=False),
    )
    op.create_index("surfaces_shown_as", "surfaces", ["external_id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("change_key", sa.Text, nullable=False),
        sa.Column("surface", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("card", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("queued_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("claimed_until", TIME),
        sa.Column("error", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    _partial("outbox_one_claim_a_lane", "outbox", ["lane"], "state = 'claimed'", unique=True)
    _partial("outbox_due", "outbox", ["due_at", "lane"], "state = 'pending'")
    _partial("outbox_lane", "outbox", ["lane", "id"], "state = 'pending'")
    _partial("outbox_surface", "outbox", ["change_key", "surface"], "state = 'pending' AND attempts = 0", unique=True)
    op.create_index("outbox_of_change", "outbox", ["change_key", "surface", "id"])


def _refuse_changes(table: str, key: str) -> None:
    said = f"{table} are append-only: add a row that says what changed"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_stay() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{said}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_stay()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )
    # REPLACE deletes without firing the trigger above: a row whose key is there is not inserted at all.
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 (names are constants of this file)
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) BEGIN SELECT RAISE(IGNORE); END"
    )
