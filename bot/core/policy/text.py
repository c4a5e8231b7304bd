"""Policy files from their text. The only part of the core that knows YAML, and it believes little of it.

Only plain mappings, lists and scalars are read: anchors, aliases, tags, merge keys and second documents are refused, so that
a small file cannot stand for a huge one, and what a person reads is what the gate reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import yaml

from bot.core.policy.file import Parsed
from bot.core.policy.model import PolicyProblem
from bot.core.policy.nodes import Mapping, Node, Place, Scalar, Sequence
from bot.core.policy.reading import read_policy

LARGEST = 256 * 1024
DEEPEST = 12
MOST_NODES = 20_000
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _Unreadable(Exception):
    def __init__(self, line: int, saw: str, wanted: str, cure: str) -> None:
        super().__init__(saw)
        self.line, self.saw, self.wanted, self.cure = line, saw, wanted, cure


@lru_cache(maxsize=32)
def parse_policy(text: str, file: str) -> Parsed:
    """Read a policy file. Everything wrong with it at once, each with file, line, saw, wanted and cure."""
    try:
        node = _tree(text)
    except _Unreadable as no:
        return (PolicyProblem(file, no.line, no.saw, no.wanted, no.cure),)
    problems: list[PolicyProblem] = []
    read = read_policy(Place(file, "", node, problems))
    return tuple(sorted(problems, key=lambda problem: problem.line)) if problems or read is None else read


def _tree(text: str) -> Node:
    size = len(text.encode(errors="replace"))
    if size > LARGEST:
        raise _Unreadable(1, f"a file of {size} bytes", f"at most {LARGEST} bytes", "move what is no policy elsewhere")
    try:
        return _Builder(text.encode()).document()
    except UnicodeEncodeError:
        raise _Unreadable(1, "a character that is no Unicode text", "UTF-8", "save the file as UTF-8") from None
    except yaml.MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else 1
        raise _Unreadable(line, f"no YAML: {broken.problem}", "a YAML mapping", "correct this line") from None
    except yaml.YAMLError as broken:
        raise _Unreadable(1, f"no YAML: {type(broken).__name__}", "a YAML mapping", "save the file as plain text") from None


class _Builder:
    """Builds the tree from the parser's events, counting as it goes."""

    def __init__(self, content: bytes) -> None:
        self._events: Iterator[yaml.Event] = iter(yaml.parse(content, Loader=_LOADER))
        self._nodes = 0

    def document(self) -> Node:
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise _Unreadable(
                1, "an empty file", "at least `version: 1`", "write a policy, or delete the file for the defaults"
            )
        root = self._node(self._next(), 0)
        self._next()  # the document's end
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise _Unreadable(_line(after), "a second document (`---`)", "one document", "keep one policy in the file")
        return root

    def _next(self) -> yaml.Event:
        event = next(self._events)
        return next(self._events) if isinstance(event, yaml.StreamStartEvent) else event

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._nodes += 1
        line = _line(event)
        if self._nodes > MOST_NODES or depth > DEEPEST:
            wanted = f"at most {MOST_NODES} values, {DEEPEST} levels deep"
            raise _Unreadable(line, "a file that is too large or too deep", wanted, "simplify it")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Unreadable(line, "an anchor or alias (`&`, `*`)", "plain values", "write the value out where it is used")
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_tag(event)
            return Scalar(line, event.value, quoted=event.style in ("'", '"', "|", ">"))
        if isinstance(event, yaml.SequenceStartEvent):
            self._refuse_tag(event)
            return Sequence(line, tuple(self._items(depth)))
        self._refuse_tag(event)
        return Mapping(line, tuple(self._entries(depth)))

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> Iterator[tuple[Scalar, Node]]:
        seen: dict[str, int] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar) or key.text == "<<":
                raise _Unreadable(key.line, "a key that is no plain word", "a word", "write the keys out")
            if key.text in seen:
                saw = f"`{key.text}` twice, first on line {seen[key.text]}"
                raise _Unreadable(key.line, saw, "each key once", "keep one of the two")
            seen[key.text] = key.line
            yield key, self._node(self._next(), depth + 1)

    def _refuse_tag(self, event: yaml.Event) -> None:
        if getattr(event, "tag", None):
            raise _Unreadable(_line(event), "a tag (`!`)", "a plain value", "quote the value if it starts with `!`")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
