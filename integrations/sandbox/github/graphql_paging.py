"""Connections: GraphQL's pages, with GitHub's rules about how much may be asked for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphql import GraphQLError

from integrations.sandbox.graphql.connection import Paging, Window

T = TypeVar("T")
MAX_PAGE = 100


def refused(kind: str, message: str) -> GraphQLError:
    """An error with GitHub's `type` beside its message."""
    return GraphQLError(message, extensions={"type": kind})


def forbidden() -> GraphQLError:
    return refused("FORBIDDEN", "Resource not accessible by integration")


class Connection(Window[T]):
    """`total` where the list itself was cut short."""

    def __init__(
        self, name: str, items: Sequence[T], make: Callable[[T], Any], paging: Paging, total: int | None = None
    ) -> None:
        super().__init__(items, make, _window(name, len(items), paging))
        self.total_count = len(items) if total is None else total

    @property
    def edges(self) -> list[Any]:
        return self.nodes

    def _cursor(self, position: int) -> str:
        return base64.b64encode(f"cursor:v2:{position}".encode()).decode()


def _window(name: str, count: int, paging: Paging) -> tuple[int, int]:
    first, last = paging.get("first"), paging.get("last")
    if first is None and last is None:
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise refused("MISSING_PAGINATION_BOUNDARIES", message)
    for word, size in (("first", first), ("last", last)):
        if size is not None and size > MAX_PAGE:
            message = f"Requesting {size} records on the `{name}` connection exceeds the `{word}` limit of {MAX_PAGE} records."
            raise refused("EXCESSIVE_PAGINATION", message)
        if size is not None and size < 0:
            raise refused("INVALID_PAGINATION", f"`{word}` on the `{name}` connection cannot be less than zero.")
    after, before = paging.get("after"), paging.get("before")
    start = _position(after) + 1 if after else 0
    end = min(_position(before), count) if before else count
    if first is not None:
        end = min(end, start + first)
    if last is not None:
        start = max(start, end - last)
    return start, max(start, end)


def _position(cursor: str) -> int:
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().rpartition(":")
        if word == "cursor:v2":
            return int(number)
    except ValueError:
        pass
    raise refused("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.")
