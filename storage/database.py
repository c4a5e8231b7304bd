"""Connections and transactions, and all that tells SQLite from PostgreSQL at that level.

SQLite has one writer. Writers of this process queue at one lock of our own, so that none ever meets SQLite's busy handler,
which sleeps and is not fair; only another process can. They share one connection, which keeps its page cache warm. Readers
have their own connections and wait for nobody.

A `durable` transaction has reached the disk when it returns. What is only bookkeeping (who holds a claim) skips that wait: a
power cut may forget it, a killed process does not, and forgetting a claim costs a repetition.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.ports.errors import Refused, Unavailable
from storage.failures import translated

BUSY_MS = 5_000
LOCK_WAIT_S = 30.0
STATEMENT_LIMITS = "-c statement_timeout=15s -c lock_timeout=10s -c idle_in_transaction_session_timeout=120s"


class Database(Protocol):
    """One database. A connection given by `write` or `read` belongs to the block, and is rolled back unless committed."""

    @property
    def dialect(self) -> str: ...

    @property
    def shared(self) -> bool:
        """May other processes work on it at the same time?"""
        ...

    def write(self, durable: bool = True) -> AbstractContextManager[Connection]: ...

    def read(self) -> AbstractContextManager[Connection]: ...

    def close(self) -> None: ...


def open_database(url: str) -> Database:
    """Connections for a URL: `sqlite:///path`, `postgresql://…` (or `postgres://…`). Refused, without its password, else."""
    try:
        parsed = make_url(url)
    except Exception as error:
        raise Refused("database URL cannot be read; wanted sqlite:///path or postgresql://host/name") from error
    if parsed.drivername == "sqlite" and parsed.database and parsed.database != ":memory:":
        return SqliteDatabase(Path(parsed.database))
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return PostgresDatabase(parsed.set(drivername="postgresql+psycopg"))
    raise Refused(f"database URL names {parsed.drivername!r}; wanted sqlite:///path with a file, or postgresql://host/name")


class _WriteLock:
    """One writer at a time. A thread that would wait for itself is told so instead."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: int | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        if self._owner == threading.get_ident():
            raise RuntimeError("this thread has an open unit already: leave its block before the next store call")
        if not self._lock.acquire(timeout=LOCK_WAIT_S):
            raise Unavailable(f"waited {LOCK_WAIT_S:.0f} s to write; wanted: shorter units; this is tried again")
        self._owner = threading.get_ident()
        try:
            yield
        finally:
            self._owner = None
            self._lock.release()


_write_locks: WeakValueDictionary[Path, _WriteLock] = WeakValueDictionary()
_registry = threading.Lock()


class SqliteDatabase:
    """An embedded database: a file, its write-ahead log, and this process alone."""

    dialect = "sqlite"
    shared = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)), hide_parameters=True, pool_size=8, max_overflow=32, pool_timeout=10
        )
        event.listen(self._engine, "connect", _prepare_sqlite)
        event.listen(self._engine, "begin", _begin_sqlite)
        with _registry:
            self._lock = _write_locks.setdefault(path.resolve(), _WriteLock())
        self._writer: Connection | None = None
        self._durable = True

    @contextmanager
    def write(self, durable: bool = True) -> Iterator[Connection]:
        with self._lock.held(), translated():
            connection = self._ready(durable)
            try:
                yield connection
            finally:
                self._leave(connection)

    def _leave(self, connection: Connection) -> None:
        """Undo what was not committed. A connection that cannot even do that is thrown away."""
        try:
            connection.rollback()
        except SQLAlchemyError:
            connection.invalidate()
            connection.close()
        if connection.invalidated or connection.closed:
            self._writer = None

    def _ready(self, durable: bool) -> Connection:
        if self._writer is None:
            self._writer = self._engine.connect().execution_options(writes=True)
            self._durable = True
        if durable != self._durable:
            cursor = self._writer.connection.cursor()
            cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            cursor.close()
            self._durable = durable
        return self._writer

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with translated(), self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        with self._lock.held():
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self._engine.dispose()


def _prepare_sqlite(driver: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    driver.isolation_level = None  # the driver begins nothing by itself: `_begin_sqlite` does
    cursor = driver.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class PostgresDatabase:
    """A server that any number of replicas share."""

    dialect = "postgresql"
    shared = True

    def __init__(self, url: URL) -> None:
        self._durable = _postgres_engine(url, "on")
        self._relaxed = _postgres_engine(url, "off")

    @contextmanager
    def write(self, durable: bool = True) -> Iterator[Connection]:
        with translated(), (self._durable if durable else self._relaxed).connect() as connection:
            yield connection

    def read(self) -> AbstractContextManager[Connection]:
        return self.write(durable=False)

    def close(self) -> None:
        self._durable.dispose()
        self._relaxed.dispose()


def _postgres_engine(url: URL, synchronous_commit: str) -> Engine:
    asked = url.query.get("options", "")
    options = f"{asked} {STATEMENT_LIMITS} -c synchronous_commit={synchronous_commit}".strip()
    return create_engine(
        url.difference_update_query(["options"]),
        hide_parameters=True,
        pool_size=8,
        max_overflow=40,
        pool_timeout=10,
        connect_args={"options": options, "application_name": "llmgate", "connect_timeout": 10},
    )
