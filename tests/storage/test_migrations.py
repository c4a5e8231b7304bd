"""Opening a database: an empty one gets every table, an old one is brought up, a newer one is left alone."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import bindparam, text

from bot.ports.errors import Refused
from integrations.sandbox.clock import FakeClock
from storage.codec import dump
from storage.database import Database, open_database
from storage.migrate import HEAD, SCRIPTS, upgrade, upgrade_database
from storage.store import SqlStore
from storage.tables import METADATA, UtcTime
from tests.postgres import PostgresServer
from tests.storage.material import (
    CHANGE,
    NOW,
    OTHER,
    await_waiter,
    comment,
    decision,
    kept_root,
    leaf,
    naive_root,
    remind,
    touched,
)

DATA = Path(__file__).parent / "migrations"
VERSIONS = sorted((SCRIPTS / "versions").glob("0*.py"))
AT = bindparam("at", type_=UtcTime)
APPROVAL = text(
    "INSERT INTO approvals (id, change_key, head_sha, bundle, stored_at) VALUES (:id, :change, 'a1', :bundle, :at)"
).bindparams(AT)
COMMENT = dump(comment("one", OTHER)).decode().replace(":", r"\:")
"""Escaped, so that nothing in it is a parameter of the statement."""
QUEUED_BEFORE_THERE_WERE_RANKS = f"""
INSERT INTO outbox (change_key, surface, lane, kind, action, digest, revision, state, attempts, queued_at, due_at, error)
VALUES ('{OTHER.key}', 'comment', 'forge:{OTHER.key}:comment', 'SetComment', '{COMMENT}', 'd', 1,
        'pending', 0, '2026-03-03 09:00:00.000000', '2026-03-03 09:00:00.000000', '')
"""
VOID = text("INSERT INTO voids (approval_id, because, voided_at) VALUES (:id, :because, :at)").bindparams(AT)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = open_database(empty_url)
    yield database
    database.close()


def revisions() -> list[str]:
    """Oldest first."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def execute(database: Database, script: str) -> None:
    """Bytes are written as SQLite writes them, X'00ff'."""
    if database.dialect == "postgresql":
        script = re.sub(r"\bX'([0-9a-f]*)'", r"'\\x\1'", script)
    with database.write() as connection:
        for statement in filter(str.strip, script.split(";\n")):
            connection.execute(text(statement))
        connection.commit()


def test_the_newest_migration_is_the_one_that_start_up_looks_for() -> None:
    assert revisions()[-1] == HEAD


def test_migrations_make_exactly_the_tables(empty: Database) -> None:
    upgrade_database(empty)
    with empty.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_every_step_runs_on_data_of_the_step_before(empty: Database) -> None:
    for revision in revisions():
        upgrade_database(empty, revision)
        execute(empty, (DATA / f"{revision}.sql").read_text())
    with empty.read() as connection:
        for table in METADATA.sorted_tables:
            assert connection.execute(table.select()).first() is not None, f"{table.name} has no row in {DATA}"


def test_data_of_the_first_release_is_read_by_this_one(empty_url: str, clock: FakeClock) -> None:
    database = open_database(empty_url)
    upgrade_database(database, "0001")
    execute(database, (DATA / "0001.sql").read_text())
    database.close()
    store = SqlStore(empty_url, clock)
    job = store.claim_job("w")
    assert job is not None
    assert job.event == touched("opened")
    delivery = store.claim_delivery("w", "")
    assert delivery is not None
    with store.begin() as unit:
        (change,) = unit.open_changes()
        assert change.request is not None
        assert [approval.voided for approval in unit.approvals(change.ref)] == ["a push"]
    store.close()


def test_what_the_release_before_queued_and_still_queues_is_delivered_before_any_reminder(
    empty_url: str, clock: FakeClock
) -> None:
    database = open_database(empty_url)
    upgrade_database(database, "0001")
    execute(database, (DATA / "0001.sql").read_text())
    upgrade_database(database, "0002")
    execute(database, (DATA / "0002.sql").read_text())
    store = SqlStore(empty_url, clock)
    with store.begin() as unit:
        unit.add_action("people", remind(1), NOW)
        unit.commit()
    execute(database, QUEUED_BEFORE_THERE_WERE_RANKS)
    database.close()
    kinds = []
    while (delivery := store.claim_delivery("w", "")) is not None:
        kinds.append(type(delivery.action).__name__)
        store.finish_delivery(delivery, "shown")
    assert len(kinds) == 3
    assert kinds[-1] == "Remind"
    store.close()


@pytest.mark.parametrize("count", [0, 1, 256, 300])
def test_approvals_of_the_first_release_become_the_log(empty_url: str, clock: FakeClock, count: int) -> None:
    bundles = {f"{number * 7919 % 1000:03}": b"\x00bundle %d" % number for number in range(count)}
    database = open_database(empty_url)
    upgrade_database(database, "0001")
    keep_approvals(database, bundles, voided=list(bundles)[::3])
    database.close()
    store = SqlStore(empty_url, clock)
    with store.begin() as unit:
        found = unit.records_from(0, 1000)
        assert [(record.index, record.id, record.bundle) for record in found] == [
            (index, id, bundle) for index, (id, bundle) in enumerate(bundles.items())
        ]
        assert {(record.kind, record.about, record.stored_at) for record in found} <= {("decision", CHANGE.key, NOW)}
        reasons = [f"push {id}" if number % 3 == 0 else None for number, id in enumerate(bundles)]
        assert [approval.voided for approval in unit.approvals(CHANGE)] == reasons
        leaves = [leaf(bundle) for bundle in bundles.values()]
        assert kept_root(unit) == naive_root(leaves)
        assert unit.add_record(decision("new", b"new"), NOW) == count
        assert kept_root(unit) == naive_root([*leaves, leaf(b"new")])
    store.close()


def test_an_approval_that_the_release_before_stores_meanwhile_is_in_the_log(postgres: PostgresServer) -> None:
    url = postgres.create()
    database = open_database(url)
    upgrade_database(database, "0001")
    with database.write() as replica, ThreadPoolExecutor(1) as pool:
        replica.execute(APPROVAL, {"id": "a1", "change": CHANGE.key, "bundle": b"one", "at": NOW})
        upgrading = pool.submit(upgrade, url)
        await_waiter(url, upgrading)
        replica.commit()
        upgrading.result()
    with database.read() as connection:
        assert connection.execute(text("SELECT id FROM records")).scalars().all() == ["a1"]
    database.close()
    postgres.drop(url)


def keep_approvals(database: Database, bundles: dict[str, bytes], voided: list[str]) -> None:
    """As the first release did."""
    with database.write() as connection:
        for id, bundle in bundles.items():
            connection.execute(APPROVAL, {"id": id, "change": CHANGE.key, "bundle": bundle, "at": NOW})
        for id in voided:
            connection.execute(VOID, {"id": id, "because": f"push {id}", "at": NOW})
        connection.commit()


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_column_added_to_rows_that_exist_has_a_default_or_may_be_null(path: Path) -> None:
    assert unsafe_columns(path.read_text()) == []


def unsafe_columns(source: str) -> list[int]:
    """Lines of `op.add_column` that say NOT NULL and no server default."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("add_column", "alter_column")
        ):
            words = {k.arg: ast.unparse(k.value) for c in ast.walk(node) if isinstance(c, ast.Call) for k in c.keywords}
            if words.get("nullable") == "False" and "server_default" not in words:
                found.append(node.lineno)
    return found


def test_the_rule_about_columns_sees_what_it_forbids() -> None:
    assert unsafe_columns('op.add_column("jobs", sa.Column("x", sa.Text, nullable=False))') == [1]
    assert unsafe_columns('op.add_column("jobs", sa.Column("x", sa.Text, nullable=False, server_default=""))') == []


def test_upgrading_twice_changes_nothing(empty_url: str, clock: FakeClock) -> None:
    upgrade(empty_url)
    store = SqlStore(empty_url, clock)
    store.accept(touched(), "lane", "d1")
    store.close()
    upgrade(empty_url)
    again = SqlStore(empty_url, clock)
    assert again.backlog().jobs == 1
    again.close()


def test_a_database_of_a_newer_release_is_refused_with_its_cure(empty_url: str, clock: FakeClock) -> None:
    upgrade(empty_url)
    database = open_database(empty_url)
    execute(database, "UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(Refused, match=rf"at revision 9999; wanted: {HEAD} or older.*run the newer release"):
        SqlStore(empty_url, clock)


def test_a_start_on_an_upgraded_database_does_not_load_alembic(sqlite_url: str) -> None:
    script = f"""
import sys
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
SqlStore({sqlite_url!r}, FakeClock()).close()
sys.exit("alembic" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-W", "error", "-c", script], check=False).returncode == 0
