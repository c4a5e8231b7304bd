"""Connections: GraphQL's pages, with GitHub's rules about how much may be asked for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypedDict, TypeVar

from graphql import GraphQLError

T = TypeVar("T")
MAX_PAGE = 100


class Paging(TypedDict, total=False):
    first: int | None
    after: str | None
    last: int | None
    before: str | None


def refused(kind: str, message: str) -> GraphQLError:
    """An error with GitHub's `type` beside its message."""
    return GraphQLError(message, extensions={"type": kind})


def forbidden() -> GraphQLError:
    return refused("FORBIDDEN", "Resource not accessible by integration")


class Connection(Generic[T]):
    """A window of `items`; each node is made only when it is looked at. `total` where the list itself was cut short."""

    def __init__(
        self, name: str, items: Sequence[T], make: Callable[[T], Any], paging: Paging, total: int | None = None
    ) -> None:
        self._items = items
        self._make = make
        self.total_count = len(items) if total is None else total
        self._start, self._end = _window(name, len(items), paging)

    @property
    def nodes(self) -> list[Any]:
        return [self._make(item) for item in self._items[self._start : self._end]]

    @property
    def edges(self) -> list[Any]:
        return self.nodes

    @property
    def page_info(self) -> dict[str, Any]:
        empty = self._start >= self._end
        return {
            "startCursor": None if empty else _cursor(self._start),
            "endCursor": None if empty else _cursor(self._end - 1),
            "hasPreviousPage": self._start > 0,
            "hasNextPage": self._end < len(self._items),
        }


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


def _cursor(position: int) -> str:
    return base64.b64encode(f"cursor:v2:{position}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().rpartition(":")
        if word == "cursor:v2":
            return int(number)
    except ValueError:
        pass
    raise refused("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.")
