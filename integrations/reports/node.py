"""Walking a JSON report whose shape is not to be trusted: every step says where it stood and what it wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.provenance.shape import kind
from bot.core.provenance.strict_json import Json, Refused
from integrations.reports.intake import MAX_LINE, clean

_AGAIN = "Let the tool write the report again; if it still looks so, the tool's version is not one that is read here."


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a report and its place. Texts come out as they are: clean them before they are kept."""

    value: Json
    at: str = "report"

    def get(self, key: str) -> Node:
        """The value under a key of an object; a node of null where there is none."""
        return Node(self.fields().get(key), f"{self.at}.{key}")

    def fields(self) -> dict[str, Json]:
        if not isinstance(self.value, dict):
            raise self.unlike("an object")
        return self.value

    def entries(self) -> Iterator[tuple[str, Node]]:
        """Keys and values of an object whose keys the report chose (paths)."""
        for key, value in self.fields().items():
            yield key, Node(value, f"{self.at}[{clean(key, 80)}]")

    def items(self) -> list[Node]:
        """The values of a list; none where it is missing or null."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.unlike("a list")
        return [Node(value, f"{self.at}[{index}]") for index, value in enumerate(self.value)]

    def text(self) -> str:
        """A text, empty where it is missing or null."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self.unlike("a text")
        return self.value

    def flag(self) -> bool:
        if self.value is not None and not isinstance(self.value, bool):
            raise self.unlike("true or false")
        return bool(self.value)

    def number(self, least: int = 0, most: int = MAX_LINE) -> int:
        """A whole number; `5.0` is one, as JSON does not tell them apart."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or not least <= value <= most:
            raise self.unlike(f"a whole number from {least} to {most}")
        return int(value)

    def numbers(self, least: int) -> tuple[int, ...]:
        """A list of whole numbers, which may be very long: no node is made of each."""
        if self.value is None:
            return ()
        if not isinstance(self.value, list):
            raise self.unlike("a list of numbers")
        return tuple(
            value if type(value) is int and least <= value <= MAX_LINE else Node(value, f"{self.at}[{index}]").number(least)
            for index, value in enumerate(self.value)
        )

    @property
    def there(self) -> bool:
        return self.value is not None

    def unlike(self, wanted: str) -> Refused:
        return Refused(f"{kind(self.value)} at `{self.at}`", wanted, _AGAIN)
