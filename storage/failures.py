"""The databases' errors, translated at this edge into `bot.ports.errors`. Nothing above sees SQLAlchemy's or a driver's.

A driver's message may quote values, so only its first line is kept, and never the statement with its parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from bot.ports.errors import Conflict, Refused, Unavailable, WorldError

CURES = (
    ("database or disk is full", "free space where the database lies"),
    ("No space left on device", "free space where the database lies"),
    ("database is locked", "end the other process that writes to this file, or use PostgreSQL for more than one"),
    ("readonly database", "make the file and its directory writable for this user"),
    ("unable to open database file", "make the directory, and make it writable for this user"),
    ("password authentication failed", "correct the user and the password in the database URL"),
)


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the database leave this block as WorldErrors."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise _translate(error) from error.__cause__


def _translate(error: exc.SQLAlchemyError) -> WorldError:
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    lines = str(cause).splitlines()
    saw = lines[0] if lines else type(cause).__name__
    if isinstance(error, exc.IntegrityError):
        return Conflict(f"the database refused a row: {saw}; wanted: rows as they were read; read again and decide again")
    cure = next((cure for sign, cure in CURES if sign in saw), "look at the database's own log")
    message = f"the database did not take it: {saw}; wanted: a database that answers; {cure}"
    passing = isinstance(error, exc.OperationalError | exc.TimeoutError | exc.InterfaceError | exc.InternalError)
    return Unavailable(f"{message}; this is tried again") if passing else Refused(message)
