"""Values of the core as JSON bytes, and back.

pydantic's compiled validators do the work; the core's dataclasses stay plain. Their schemas need two changes before they are
compiled. A union of dataclasses gets a tag, the class name, because a bold word and a plain one have the same fields. And bytes
travel as base64, because a report in a change's head need not be UTF-8.

Reading is forgiving towards time: keys of a newer release are ignored and those of a later default are filled in.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import CoreSchema, PydanticSerializationError, SchemaSerializer, SchemaValidator, core_schema

if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Node: TypeAlias = dict[str, Any]  # a piece of a schema, of whatever kind

T = TypeVar("T")
TAG = "@"
"""Key that names the class of a union's member. No field can be called so."""
CHOICES = ("dataclass", "definition-ref")


def dump(value: object) -> bytes:
    """The JSON of a dataclass of the core. Equal values give equal bytes."""
    return dump_as(type(value), value)


def dump_as(kind: object, value: object) -> bytes:
    """The JSON of a value whose type has to be named, such as `tuple[Signal, ...]`."""
    compiled = _compile(kind)
    try:
        return compiled.serializer.to_json(value, by_alias=True)
    except PydanticSerializationError:
        # Half a surrogate pair: legal in a Python string, in no encoding. What a name loses there was never visible.
        plain = compiled.serializer.to_python(value, mode="json", by_alias=True)
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def load(kind: type[T], content: bytes) -> T:
    """Read what `dump` wrote. ValueError, which never quotes the content, if it was something else."""
    return cast(T, load_as(kind, content))


def load_as(kind: object, content: bytes | str) -> object:
    """Read what `dump_as` wrote."""
    try:
        return _compile(kind).validator.validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        name = getattr(kind, "__name__", str(kind))
        raise ValueError(f"stored {name} cannot be read: at {place}: {first['msg']}") from None


@dataclass(frozen=True, slots=True)
class _Compiled:
    validator: SchemaValidator
    serializer: SchemaSerializer


@cache
def _compile(kind: object) -> _Compiled:
    adapter: TypeAdapter[object] = TypeAdapter(cast("type[object]", kind))
    schema = cast("Node", adapter.core_schema)
    names = _class_names(schema)
    tagged = set(_tagged(schema, names))

    def reading(node: Node) -> Node:
        members = _members(node, names)
        if members:
            choices = dict(zip(members, node["choices"], strict=True))
            return {"type": "tagged-union", "discriminator": TAG, "choices": choices}
        return _with_bytes(node)

    def writing(node: Node) -> Node:
        if node.get("type") == "dataclass" and node["cls"].__name__ in tagged:
            node = {**node, "schema": {**node["schema"], "computed_fields": [_TAG_FIELD]}}
        return _in_order(_with_bytes(node))

    return _Compiled(
        SchemaValidator(cast(CoreSchema, _rewrite(schema, reading))),
        SchemaSerializer(cast(CoreSchema, _rewrite(schema, writing))),
    )


_TAG_FIELD = core_schema.computed_field(
    "__class__",
    core_schema.any_schema(serialization=core_schema.plain_serializer_function_ser_schema(lambda kind: kind.__name__)),
    alias=TAG,
)


def _in_order(node: Node) -> Node:
    """A set has no order of its own, and equal values give equal bytes."""
    if node.get("type") not in ("set", "frozenset"):
        return node
    items = core_schema.list_schema(node.get("items_schema"))
    return {**node, "serialization": core_schema.plain_serializer_function_ser_schema(sorted, return_schema=items)}


def _with_bytes(node: Node) -> Node:
    if node.get("type") != "dataclass":
        return node
    return {**node, "config": {**node.get("config", {}), "ser_json_bytes": "base64", "val_json_bytes": "base64"}}


def _class_names(schema: Node) -> dict[str, str]:
    """Class name of each schema that others refer to."""
    return {node["ref"]: node["cls"].__name__ for node in _walk(schema) if node.get("type") == "dataclass" and "ref" in node}


def _members(node: Node, names: dict[str, str]) -> list[str]:
    """Class names of a union whose every member is a dataclass; of anything else, none."""
    if node.get("type") != "union" or any(not isinstance(c, dict) or c.get("type") not in CHOICES for c in node["choices"]):
        return []
    return [names[c["schema_ref"]] if c["type"] == "definition-ref" else c["cls"].__name__ for c in node["choices"]]


def _tagged(schema: Node, names: dict[str, str]) -> list[str]:
    return [name for node in _walk(schema) for name in _members(node, names)]


def _walk(node: object) -> list[Node]:
    """Every piece of a schema. (A list, because a generator through ten levels is slower than the schema is large.)"""
    if isinstance(node, dict):
        return [node, *(piece for value in node.values() for piece in _walk(value))]
    if isinstance(node, list):
        return [piece for value in node for piece in _walk(value)]
    return []


def _rewrite(node: object, change: Callable[[Node], Node]) -> object:
    if isinstance(node, dict):
        return change({key: _rewrite(value, change) for key, value in node.items()})
    if isinstance(node, list):
        return [_rewrite(value, change) for value in node]
    return node
