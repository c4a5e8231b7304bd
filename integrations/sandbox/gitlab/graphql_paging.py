"""Connections: GraphQL's pages. A page holds a hundred items at most, and as many where nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphql import GraphQLError

from integrations.sandbox.gitlab.graphql_cost import MAX_PAGE
from integrations.sandbox.gitlab.paging import cursor, position
from integrations.sandbox.graphql.connection import Paging, Window

T = TypeVar("T")


class Connection(Window[T]):
    def __init__(self, items: Sequence[T], make: Callable[[T], Any], paging: Paging) -> None:
        super().__init__(items, make, _window(len(items), paging))

    def count(self, limit: int | None = None) -> int:
        return len(self._items) if limit is None else min(len(self._items), limit + 1)

    @property
    def edges(self) -> list[dict[str, Any]]:
        return [{"cursor": cursor(self._start + at), "node": node} for at, node in enumerate(self.nodes)]

    def _cursor(self, position: int) -> str:
        return cursor(position)


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
