"""A policy file as a tree with line numbers, before anything is believed about its meaning, and the place of each key.

Scalars keep their text and whether they were quoted; the reader of each key decides the type. So `on` is never a boolean
and `1.10` never a number unless a key asks for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.policy.model import PolicyProblem


@dataclass(frozen=True, slots=True)
class Scalar:
    line: int
    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    line: int
    entries: tuple[tuple[Scalar, Node], ...]

    def get(self, key: str) -> Node | None:
        return next((node for name, node in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping


def shown(node: Node) -> str:
    """What stands there, short enough for a sentence."""
    if isinstance(node, Sequence):
        return "an empty list" if not node.items else f"a list of {len(node.items)}"
    if isinstance(node, Mapping):
        return "an empty mapping" if not node.entries else "a mapping"
    return "nothing" if not node.text and not node.quoted else f"`{node.text[:60]}`"


@dataclass(frozen=True, slots=True)
class Place:
    """A node with the path of keys that leads to it, and the list that takes what is wrong with it."""

    file: str
    path: str
    node: Node
    problems: list[PolicyProblem]

    def refuse(self, saw: str, wanted: str, cure: str) -> None:
        where = f"`{self.path}`: " if self.path else ""
        self.problems.append(PolicyProblem(self.file, self.node.line, where + saw, wanted, cure))

    def at(self, name: str, node: Node) -> Place:
        return Place(self.file, f"{self.path}.{name}" if self.path else name, node, self.problems)

    def below(self) -> Iterator[tuple[str, Place]]:
        """Each entry of a mapping; a refusal, and nothing, for any other node or an empty one."""
        if not isinstance(self.node, Mapping) or not self.node.entries:
            self.refuse(shown(self.node), "a mapping with at least one key", "write the keys below it, or leave it out")
            return
        for key, node in self.node.entries:
            yield key.text, self.at(key.text, node)

    def each(self) -> Iterator[Place]:
        """Each item of a list; a refusal, and nothing, for any other node or an empty one."""
        if not isinstance(self.node, Sequence) or not self.node.items:
            self.refuse(shown(self.node), "a list with at least one item", "add an item (`- …`), or leave the key out")
            return
        for number, node in enumerate(self.node.items):
            yield Place(self.file, f"{self.path}[{number}]", node, self.problems)
