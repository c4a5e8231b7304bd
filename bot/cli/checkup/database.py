"""The database, looked at without bringing it up to date: that is a start's business, not a check's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, desc, inspect, make_url, select, text

from bot.cli.checkup.row import Row, parted
from bot.main import SystemClock
from bot.ports.errors import WorldError
from bot.ports.store import Backlog
from storage.backlog import read_backlog
from storage.database import Database, open_database
from storage.migrate import HEAD, SCRIPTS
from storage.tables import JOBS, OUTBOX

LATE = timedelta(minutes=10)
DATABASE, TABLES = "Database", "Tables"


def look_at_database(url: str) -> list[Row]:
    """Does it open, is it at this release's revision, does it take writes, and what has been given up."""
    cure = "correct database.url, or what it says of the database"
    try:
        database = open_database(url)
    except WorldError as error:
        return [parted(Row(DATABASE, "problem", str(error), "a database that opens", cure))]
    try:
        absent = _absent_file(url)
        return [absent] if absent else list(_inside(database, url))
    except WorldError as error:
        return [parted(Row(DATABASE, "problem", str(error), "a database that opens and answers", cure))]
    finally:
        database.close()


def _absent_file(url: str) -> Row | None:
    """An SQLite file that is not there yet is no fault, and looking must not make it."""
    parsed = make_url(url)
    if parsed.drivername != "sqlite" or Path(parsed.database or "").exists():
        return None
    path = Path(parsed.database or "").resolve()
    if not path.parent.is_dir():
        return Row(
            DATABASE,
            "problem",
            f"no directory {path.parent}",
            "one that this user may write to",
            "make it, or correct database.url",
        )
    return Row(DATABASE, "warning", f"{path} is not there yet", "a database", "nothing; the first `llmgate serve` makes it")


def _inside(database: Database, url: str) -> Iterator[Row]:
    with database.read() as connection:
        named = inspect(connection).has_table("alembic_version")
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if named else None
    yield Row(DATABASE, "ok", _named(url))
    yield _tables(found)
    if found is None:
        return
    yield _writes(database)
    if found == HEAD:
        with database.read() as connection:
            yield from _waiting(read_backlog(connection), connection)


def _named(url: str) -> str:
    """The database without user and password."""
    parsed = make_url(url)
    where = (
        f"{parsed.host or 'local socket'}{f':{parsed.port}' if parsed.port else ''}/" if parsed.drivername != "sqlite" else ""
    )
    return f"{parsed.drivername.partition('+')[0]} {where}{parsed.database}"


def _tables(found: str | None) -> Row:
    wanted = f"revision {HEAD}"
    if found == HEAD:
        return Row(TABLES, "ok", wanted)
    if found is None:
        return Row(TABLES, "warning", "none yet", wanted, "nothing; the first `llmgate serve` makes them")
    if found in _known():
        return Row(TABLES, "warning", f"revision {found}", wanted, "make a backup; the next `llmgate serve` upgrades them")
    cure = "run the newer release that upgraded it, or restore the backup made before that"
    return Row(TABLES, "problem", f"revision {found}, of a newer release", f"{wanted} or older", cure)


def _known() -> set[str]:
    from alembic.script import ScriptDirectory  # a third of a second that a database at HEAD does not cost

    return {script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()}


def _writes(database: Database) -> Row:
    """Changes a row to what it is: enough to need the disk and the right to write."""
    try:
        with database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
            connection.commit()
    except WorldError as error:
        return parted(Row("Writable", "problem", str(error), "a database that takes writes", "see what it says"))
    return Row("Writable", "ok", "a write was taken")


def _waiting(backlog: Backlog, connection: Connection) -> Iterator[Row]:
    saw = f"waiting: {backlog.jobs} of events, {backlog.actions} of actions"
    late = backlog.oldest_job_at is not None and SystemClock().now() - backlog.oldest_job_at > LATE
    if late and backlog.oldest_job_at:
        since = f"{backlog.oldest_job_at:%Y-%m-%d %H:%M} UTC"
        yield Row(
            "Backlog",
            "warning",
            f"{saw}, the oldest since {since}",
            "nothing older than ten minutes",
            "is `llmgate serve` running?",
        )
    else:
        yield Row("Backlog", "ok", saw)
    cure = "remove the cause; deploy/runbook.md says what becomes of them"
    for name, table, count, lane in (
        ("Dead jobs", JOBS, backlog.dead_jobs, JOBS.c.lane),
        ("Dead actions", OUTBOX, backlog.dead_actions, OUTBOX.c.lane),
    ):
        if count:
            dead = select(table.c.kind, lane, table.c.error).where(table.c.state == "dead").order_by(desc(table.c.id)).limit(1)
            kind, where, error = connection.execute(dead).one()
            yield Row(name, "warning", f"{count}, the last a {kind} of {where}: {str(error)[:200]}", "none", cure)
