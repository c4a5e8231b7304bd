"""A small memory of what adapters have read, bounded by size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from bot.core.enclosures import Found

KEPT_BYTES = 8 * 1024 * 1024
T = TypeVar("T")


class Shelf(Generic[T]):
    """What was longest unused makes room for what is new. One shelf serves every thread.

    `size` says how much of the `room` a thing takes; one of more than `largest` is not kept.
    """

    def __init__(self, room: int, size: Callable[[T], int], largest: int | None = None) -> None:
        self._room = room
        self._size = size
        self._largest = room if largest is None else largest
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, key: str) -> T | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def keep(self, key: str, thing: T) -> None:
        """In place of what was kept under that key."""
        with self._lock:
            if key in self._kept:
                self._taken -= self._size(self._kept.pop(key))
            if self._size(thing) > self._largest:
                return
            self._kept[key] = thing
            self._taken += self._size(thing)
            while self._taken > self._room:
                self._taken -= self._size(self._kept.popitem(last=False)[1])


class BlobShelf(Shelf[bytes]):
    """Contents of git's objects by their ids. Ids name contents, so one shelf serves every repository."""

    def __init__(self, room: int = KEPT_BYTES) -> None:
        super().__init__(room, len, room // 4)

    def found(self, oids: Iterable[str]) -> Found:
        """Those of these contents that are here."""
        held = {oid: self.take(oid) for oid in oids}
        return Found({oid: content for oid, content in held.items() if content is not None})

    def put(self, found: Found, oid: str, content: bytes) -> None:
        """What was read and is believed."""
        found.contents[oid] = content
        self.keep(oid, content)
