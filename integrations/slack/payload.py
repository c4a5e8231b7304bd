"""A tolerant look into JSON that somebody else wrote: what is missing or of another type reads as empty."""

from __future__ import annotations

from collections.abc import Mapping


class Payload:
    """A JSON object from Slack. Paths are given key by key."""

    __slots__ = ("raw",)

    def __init__(self, raw: object) -> None:
        self.raw: Mapping[str, object] = raw if isinstance(raw, Mapping) else {}

    def at(self, *path: str) -> Payload:
        return Payload(self._value(path))

    def text(self, *path: str) -> str:
        value = self._value(path)
        return value if isinstance(value, str) else ""

    def flag(self, *path: str) -> bool:
        return self._value(path) is True

    def number(self, *path: str) -> int:
        """A whole number; 0 where there is none."""
        value = self._value(path)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    def items(self, *path: str) -> list[Payload]:
        """The objects of a list."""
        value = self._value(path)
        return [Payload(one) for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []

    def texts(self, *path: str) -> tuple[str, ...]:
        """The strings of a list."""
        value = self._value(path)
        return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()

    def names(self) -> tuple[str, ...]:
        return tuple(self.raw)

    def _value(self, path: tuple[str, ...]) -> object:
        value: object = self.raw
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value
