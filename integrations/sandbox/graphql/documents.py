"""GraphQL documents against a forge's schema: read from its SDL, parsed and validated once, run over plain objects.

Objects are views, which have an attribute or method for each field in Python's spelling, or dictionaries in the forge's.
Parsing and validating a document costs more than running it, so both are remembered by its text.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)

_OPERATION = re.compile(r"\b(?:query|mutation)\s+(\w+)")
_UNKNOWN_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")


@lru_cache(maxsize=512)
def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def operation(body: bytes) -> str:
    """What the document in a request calls itself; empty for anonymous or unreadable ones."""
    try:
        found = _OPERATION.search(json.loads(body)["query"])
    except (ValueError, KeyError, TypeError):
        return ""
    return found[1] if found else ""


def places(error: GraphQLError) -> list[dict[str, int]]:
    return [{"line": place.line, "column": place.column} for place in error.locations or ()]


def refused(error: GraphQLError) -> dict[str, Any]:
    """What the schema refuses, in the words of the library that both forges run."""
    unknown = _UNKNOWN_FIELD.search(error.message)
    if not unknown:
        return {"message": error.message, "locations": places(error)}
    return {
        "path": ["query", unknown[1]],
        "extensions": {"code": "undefinedField", "typeName": unknown[2], "fieldName": unknown[1]},
        "locations": places(error),
        "message": f"Field '{unknown[1]}' doesn't exist on type '{unknown[2]}'",
    }


class View:
    """The GraphQL type's name is `typename`, on the class or, where it depends on what is seen, on the object."""

    typename: str


class Documents:
    def __init__(self, sdl: Path) -> None:
        self.schema = _built(sdl)
        self._prepared = lru_cache(maxsize=256)(self._prepare)

    def prepared(self, text: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
        """The document and what is wrong with it; None where it cannot even be parsed."""
        return self._prepared(text)

    def run(self, document: DocumentNode, root: Any, variables: dict[str, Any], name: str | None) -> ExecutionResult:
        return execute_sync(
            self.schema, document, root, variable_values=variables, operation_name=name, field_resolver=_resolve,
            type_resolver=_type_of,
        )  # fmt: skip

    def _prepare(self, text: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
        try:
            document = parse(text)
        except GraphQLError as failed:
            return None, (failed,)
        return document, tuple(validate(self.schema, document))


@lru_cache(maxsize=4)
def _built(sdl: Path) -> GraphQLSchema:
    built = build_schema(sdl.read_text())
    for kind in built.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field in kind.fields.values():
                for name, argument in field.args.items():
                    argument.out_name = snake(name)
        elif isinstance(kind, GraphQLInputObjectType):
            for name, value in kind.fields.items():
                value.out_name = snake(name)
    return built


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    """A dictionary by the forge's name, a view by Python's; whatever can be called is."""
    found = source.get(info.field_name) if isinstance(source, dict) else getattr(source, snake(info.field_name))
    return found(**arguments) if callable(found) else found


def _type_of(source: Any, _info: Any, _abstract: Any) -> str:
    return str(source["typename"] if isinstance(source, dict) else source.typename)
