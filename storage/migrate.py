"""Bringing a database to the tables this release knows.

A start should be quick, so the common case, a database at `HEAD`, is one query and never imports Alembic.
"""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.ports.errors import Refused
from storage.database import Database, open_database

HEAD = "0003"
"""The newest revision under `migrations/versions`."""
SCRIPTS = Path(__file__).parent / "migrations"

_alembic = threading.Lock()
"""Alembic's `context` is a module: one upgrade at a time in a process."""


def upgrade(url: str) -> None:
    """Bring the database at `url` to `HEAD`; an empty one gets every table. Refused if a newer release made it."""
    database = open_database(url)
    try:
        upgrade_database(database)
    finally:
        database.close()


def upgrade_database(database: Database, target: str = HEAD) -> None:
    """As `upgrade`, on open connections. `target` is for tests, which stop on the way to store data."""
    with database.read() as connection:
        if _revision(connection) == target:
            return
    with _alembic, database.write() as connection:
        _run_alembic(connection, target)
        connection.commit()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _run_alembic(connection: Connection, target: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    found = _revision(connection)
    if found is not None and found not in known:
        raise Refused(
            f"the database is at revision {found}; wanted: {HEAD} or older, which is what this release knows; "
            "run the newer release that upgraded it, or restore the backup made before that"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, target)
