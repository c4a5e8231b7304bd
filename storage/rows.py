"""What every group of queries stands on: one transaction's connection, and the few words where the dialects differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult, Executable, Table, func, literal_column
from sqlalchemy.dialects import postgresql, sqlite

from storage.failures import translated

PENDING: ColumnElement[str] = literal_column("'pending'")
CLAIMED: ColumnElement[str] = literal_column("'claimed'")
DEAD: ColumnElement[str] = literal_column("'dead'")
DONE: ColumnElement[str] = literal_column("'done'")
MERGED: ColumnElement[str] = literal_column("'merged'")
"""States as words of the statement and not as parameters: only so do the planners see that a partial index fits."""


class Rows:
    """Queries on one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def _execute(
        self, statement: Executable, values: Mapping[str, object] | Sequence[Mapping[str, object]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement, for each row of values; what the database has against it is raised as a WorldError, inside the unit
        already."""
        with translated():
            return self._connection.execute(statement, values)


def insert_into(table: Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the words of the database."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def begins_with(column: ColumnElement[str], prefix: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a text begins with another, with no wildcard in sight."""
    return func.substr(column, 1, func.length(prefix)) == prefix


def storable(text: str) -> str:
    """Text that every database takes: no NUL, no half of a surrogate pair."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
