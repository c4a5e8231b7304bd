"""Connections: GraphQL's pages. A page holds a hundred items at most, and as many where nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypedDict, TypeVar

from graphql import GraphQLError

from integrations.sandbox.gitlab.graphql_cost import MAX_PAGE
from integrations.sandbox.gitlab.paging import cursor, position

T = TypeVar("T")


class Paging(TypedDict, total=False):
    first: int | None
    after: str | None
    last: int | None
    before: str | None


class Connection(Generic[T]):
    """A window of `items`; each node is made only when it is looked at."""

    def __init__(self, items: Sequence[T], make: Callable[[T], Any], paging: Paging) -> None:
        self._items = items
        self._make = make
        self._start, self._end = _window(len(items), paging)

    def count(self, limit: int | None = None) -> int:
        return len(self._items) if limit is None else min(len(self._items), limit + 1)

    @property
    def nodes(self) -> list[Any]:
        return [self._make(item) for item in self._items[self._start : self._end]]

    @property
    def edges(self) -> list[dict[str, Any]]:
        return [{"cursor": cursor(self._start + at), "node": node} for at, node in enumerate(self.nodes)]

    @property
    def page_info(self) -> dict[str, Any]:
        empty = self._start >= self._end
        return {
            "startCursor": None if empty else cursor(self._start),
            "endCursor": None if empty else cursor(self._end - 1),
            "hasPreviousPage": self._start > 0,
            "hasNextPage": self._end < len(self._items),
        }


def _window(count: int, paging: Paging) -> tuple[int, int]:
    first, last = paging.get("first"), paging.get("last")
    if first is not None and last is not None:
        raise GraphQLError("Can only provide either `first` or `last`, not both")
    if min(first or 0, last or 0) < 0:
        raise GraphQLError("`first` and `last` cannot be negative")
    start = _position(paging.get("after"), -1) + 1
    end = min(_position(paging.get("before"), count), count)
    if last is not None:
        start = max(start, end - min(last, MAX_PAGE))
    else:
        end = min(end, start + min(MAX_PAGE if first is None else first, MAX_PAGE))
    return start, max(start, end)


def _position(given: str | None, default: int) -> int:
    if not given:
        return default
    found = position(given)
    if found is None:
        raise GraphQLError("Please provide a valid cursor")
    return found
