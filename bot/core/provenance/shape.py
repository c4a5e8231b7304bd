"""Does a value have the shape that a JSON Schema asks for: the handful of words that our own schema uses, and no others.

Kept here so that the core needs no library, and so that a refusal can name the place and what was wanted (the schema's own
description) without ever quoting the value. A test holds it to the answers of a full JSON Schema implementation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.core.provenance.leaks import join, safe_name
from bot.core.provenance.strict_json import Json

Schema = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Misfit:
    """One place where a value departs from the schema."""

    at: str
    saw: str
    wanted: str


def misfits(value: Json, schema: Schema, at: str = "") -> Iterator[Misfit]:
    """Every departure of `value` from `schema`, outermost first; nothing where it fits."""
    if "const" in schema:
        if value != schema["const"] or isinstance(value, bool):
            yield Misfit(at, kind(value), str(schema["description"]))
        return
    wanted = str(schema["type"])
    if not _TYPES[wanted](value):
        yield Misfit(at, kind(value), str(schema.get("description", f"an {wanted}")))
    elif isinstance(value, dict):
        yield from _object(value, schema, at)
    elif isinstance(value, list):
        yield from _array(value, schema, at)
    elif problem := _scalar(value, schema):
        yield Misfit(at, problem, str(schema["description"]))


def kind(value: Json) -> str:
    """What a value is, in words that quote nothing of it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return f"a text of {len(value)} characters"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return "an object"


def _object(value: dict[str, Json], schema: Schema, at: str) -> Iterator[Misfit]:
    properties = _mapping(schema["properties"])
    for key in _listing(schema["required"]):
        if key not in value:
            yield Misfit(join(at, str(key)), "nothing", f"`{key}`")
    for key, inner in value.items():
        if key in properties:
            yield from misfits(inner, _mapping(properties[key]), join(at, key))
        else:
            yield Misfit(at, f"the unknown key {_quoted(key)}", "only keys of the schema")


def _quoted(key: str) -> str:
    shown = safe_name(key)
    return f"`{shown}`" if shown == key else shown


def _array(value: list[Json], schema: Schema, at: str) -> Iterator[Misfit]:
    if not _number(schema.get("minItems", 0)) <= len(value) <= _number(schema["maxItems"]):
        yield Misfit(at, kind(value), str(schema["description"]))
        return
    for index, inner in enumerate(value):
        yield from misfits(inner, _mapping(schema["items"]), f"{at}[{index}]")


def _scalar(value: Json, schema: Schema) -> str:
    if isinstance(value, str):
        if len(value) > _number(schema["maxLength"]):
            return kind(value)
        return "" if re.search(str(schema["pattern"]), value) else f"{kind(value)} of another form"
    inside = _number(schema["minimum"]) <= _number(value) <= _number(schema["maximum"])
    return "" if inside else "a number out of range"


def _number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("the schema holds no number here")
    return value


def _mapping(value: Json) -> Schema:
    if not isinstance(value, dict):
        raise TypeError("the schema holds no object here")
    return value


def _listing(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError("the schema holds no list here")
    return value


_TYPES: dict[str, Callable[[Json], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
