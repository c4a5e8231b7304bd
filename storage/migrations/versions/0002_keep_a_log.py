"""The log, links, passkeys, visits and pushes. Approvals and their voids move into the log, in the order they came.

A void from before the log has no signature of its own and stays in a table of its own, append-only as before.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIME = sa.DateTime(timezone=True)
APPEND_ONLY = {
    "records": "position = NEW.position OR id = NEW.id",
    "voids_before_log": "approval_id = NEW.approval_id",
    "checkpoints": "size = NEW.size",
    "cosignatures": "size = NEW.size AND line = NEW.line",
    "timestamps": "size = NEW.size",
    "anchors": "size = NEW.size AND place = NEW.place",
}
WIDTH = 256


def upgrade() -> None:
    _log()
    _checkpoints()
    _links()
    _visits()
    _pushes()
    _move_approvals()
    for table, there in APPEND_ONLY.items():
        _refuse_changes(table, there)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _log() -> None:
    op.create_table(
        "records",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        *_text("kind", "about", "head_sha", "regards"),
        sa.Column("bundle", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", TIME, nullable=False),
    )
    op.create_index("records_about", "records", ["about", "position"])
    op.create_index("records_regarding", "records", ["regards", "kind"])
    op.create_table(
        "voids_before_log",
        sa.Column("approval_id", sa.Text, primary_key=True),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("voided_at", TIME, nullable=False),
    )
    op.create_table(
        "log_tiles",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )


def _checkpoints() -> None:
    size = ("size", sa.BigInteger)
    op.create_table(
        "checkpoints",
        sa.Column(*size, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
    )
    op.create_table(
        "cosignatures",
        sa.Column(*size, primary_key=True, autoincrement=False),
        sa.Column("line", sa.Text, primary_key=True),
        sa.Column("taken_at", TIME, nullable=False),
    )
    op.create_table(
        "timestamps",
        sa.Column(*size, primary_key=True, autoincrement=False),
        sa.Column("token", sa.LargeBinary, nullable=False),
        sa.Column("taken_at", TIME, nullable=False),
    )
    op.create_table(
        "anchors",
        sa.Column(*size, primary_key=True, autoincrement=False),
        sa.Column("place", sa.Text, primary_key=True),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("placed_at", TIME, nullable=False),
    )


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Text, primary_key=True),
        *_text("person", "team", "chat_user", "forge", "host"),
        sa.Column("account_id", sa.BigInteger, nullable=False),
        *_text("login", "method"),
        sa.Column("linked_at", TIME, nullable=False),
        sa.Column("checked_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        *_text("because"),
    )
    live = sa.text("ended_at IS NULL")
    for name, columns in (
        ("links_chat", ["team", "chat_user", "forge", "host"]),
        ("links_account", ["forge", "host", "account_id"]),
    ):
        op.create_index(name, "links", columns, unique=True, sqlite_where=live, postgresql_where=live)
    op.create_table(
        "links_revision",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO links_revision (id, revision) VALUES (1, 0)")
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Text, primary_key=True),
        *_text("person"),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        *_text("label", "record"),
        sa.Column("enrolled_at", TIME, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("synced", sa.Boolean, nullable=False),
        sa.Column("last_used_at", TIME),
        sa.Column("removed_at", TIME),
    )
    op.create_index("passkeys_of_person", "passkeys", ["person"])


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("token_sha256", sa.Text, primary_key=True),
        *_text("kind", "team", "chat_user", "person", "about", "request"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("statement", sa.LargeBinary, nullable=False),
        *_text("state", "oauth"),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
    )
    op.create_index("visits_oauth", "visits", ["oauth"])
    op.create_index("visits_expire", "visits", ["expires_at"])


def _pushes() -> None:
    key = [sa.Column(name, sa.Text, primary_key=True) for name in ("head_sha", "repo_key", "branch", "account")]
    op.create_table("pushes", *key, sa.Column("pushed_at", TIME, nullable=False))


def _move_approvals() -> None:
    if op.get_bind().dialect.name == "postgresql":  # what the release before still writes is waited for, or it would be lost
        op.execute("LOCK TABLE approvals, voids IN ACCESS EXCLUSIVE MODE")
    op.execute(
        "INSERT INTO records (position, id, kind, about, head_sha, regards, bundle, stored_at) "
        "SELECT row_number() OVER (ORDER BY seq) - 1, id, 'decision', change_key, head_sha, '', bundle, stored_at "
        "FROM approvals"
    )
    op.execute(
        "INSERT INTO voids_before_log (approval_id, because, voided_at) SELECT approval_id, because, voided_at FROM voids"
    )
    bundles = op.get_bind().execute(sa.text("SELECT bundle FROM records ORDER BY position")).scalars()
    level, row = 0, [hashlib.sha256(b"\0" + hashlib.sha256(bundle).digest()).digest() for bundle in bundles]
    op.execute(sa.text("INSERT INTO log_head (id, size) VALUES (1, :size)").bindparams(size=len(row)))
    insert = sa.text("INSERT INTO log_tiles (level, number, hashes) VALUES (:level, :number, :hashes)")
    while row:
        tiles = [row[start : start + WIDTH] for start in range(0, len(row), WIDTH)]
        for number, tile in enumerate(tiles):
            op.execute(insert.bindparams(level=level, number=number, hashes=b"".join(tile)))
        level, row = level + 1, [_root(tile) for tile in tiles if len(tile) == WIDTH]
    op.drop_table("voids")
    op.drop_table("approvals")
    if op.get_bind().dialect.name == "postgresql":
        for table in ("voids", "approvals"):
            op.execute(f"DROP FUNCTION {table}_stay()")


def _root(tile: list[bytes]) -> bytes:
    while len(tile) > 1:
        tile = [hashlib.sha256(b"\1" + tile[at] + tile[at + 1]).digest() for at in range(0, len(tile), 2)]
    return tile[0]


def _refuse_changes(table: str, there: str) -> None:
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
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {there}) BEGIN SELECT RAISE(IGNORE); END"
    )
