"""Run by Alembic, on the connection that `storage.migrate` opened. All steps share its transaction, on both databases.

On PostgreSQL one replica upgrades and the others wait for it; a step that cannot get its lock or its work done in seconds gives
up, because the release before this one is still serving.
"""

from alembic import context
from sqlalchemy import Connection

from storage.tables import METADATA

UPGRADE_LOCK = 0x6C6C6D67617465
"""Any constant of our own: the key of the advisory lock."""


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
        connection.exec_driver_sql("SET LOCAL statement_timeout = '60s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})")
        connection.exec_driver_sql("SET LOCAL lock_timeout = '4s'")
        connection.exec_driver_sql("SET LOCAL statement_timeout = '5s'")
    context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True)
    context.run_migrations()


_run(context.config.attributes["connection"])
