"""Connections: GraphQL's pages. How much may be asked for, and what a cursor looks like, is each forge's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypedDict, TypeVar

T = TypeVar("T")


class Paging(TypedDict, total=False):
    first: int | None
    after: str | None
    last: int | None
    before: str | None


class Window(ABC, Generic[T]):
    """The items from `bounds[0]` up to `bounds[1]`; each node is made only when it is looked at."""

    def __init__(self, items: Sequence[T], make: Callable[[T], Any], bounds: tuple[int, int]) -> None:
        self._items = items
        self._make = make
        self._start, self._end = bounds

    @abstractmethod
    def _cursor(self, position: int) -> str:
        """Names the item at that position."""

    @property
    def nodes(self) -> list[Any]:
        return [self._make(item) for item in self._items[self._start : self._end]]

    @property
    def page_info(self) -> dict[str, Any]:
        empty = self._start >= self._end
        return {
            "startCursor": None if empty else self._cursor(self._start),
            "endCursor": None if empty else self._cursor(self._end - 1),
            "hasPreviousPage": self._start > 0,
            "hasNextPage": self._end < len(self._items),
        }
