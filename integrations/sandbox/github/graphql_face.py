"""`POST /api/graphql`: documents are parsed, validated and executed by graphql-core against `schema.graphql`.

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

from integrations.sandbox.faults import Faults
from integrations.sandbox.github.auth import Caller
from integrations.sandbox.github.graphql_repository import QueryView
from integrations.sandbox.github.graphql_view import Gaze
from integrations.sandbox.github.limits import RateLimits
from integrations.sandbox.github.refusal import Refusal
from integrations.sandbox.github.verbs import Verbs

_OPERATION = re.compile(r"\b(?:query|mutation)\s+(\w+)")
_UNKNOWN = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")


@lru_cache(maxsize=512)
def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    built = build_schema(Path(__file__).with_name("schema.graphql").read_text())
    for kind in built.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field in kind.fields.values():
                for name, argument in field.args.items():
                    argument.out_name = snake(name)
        elif isinstance(kind, GraphQLInputObjectType):
            for name, value in kind.fields.items():
                value.out_name = snake(name)
    return built


@lru_cache(maxsize=256)
def _prepared(text: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    try:
        document = parse(text)
    except GraphQLError as failed:
        return None, (failed,)
    return document, tuple(validate(schema(), document))


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    """A dictionary by GitHub's name, a view by Python's; whatever can be called is."""
    found = source.get(info.field_name) if isinstance(source, dict) else getattr(source, snake(info.field_name))
    return found(**arguments) if callable(found) else found


def _type_of(source: Any, _info: Any, _abstract: Any) -> str:
    return str(source["typename"] if isinstance(source, dict) else source.typename)


class GraphQL:
    def __init__(self, verbs: Verbs, faults: Faults, limits: RateLimits) -> None:
        self._verbs = verbs
        self._faults = faults
        self._limits = limits
        schema()  # built now, not while the first query waits

    @staticmethod
    def operation(body: bytes) -> str:
        """What the document calls itself; empty for anonymous or unreadable ones."""
        try:
            found = _OPERATION.search(json.loads(body)["query"])
        except (ValueError, KeyError, TypeError):
            return ""
        return found[1] if found else ""

    def answer(self, body: bytes, caller: Caller) -> dict[str, Any]:
        """GitHub answers 200 with `errors` for a document it understood as JSON; the caller holds the world's lock."""
        if caller.kind not in ("installation", "user"):
            raise Refusal(401, "This endpoint requires you to be authenticated.")
        text, variables, operation = _request(body)
        document, errors = _prepared(text)
        if document is None or errors:
            for error in errors:
                self._faults.log_unmodelled(f"GraphQL: {error.message}")
            return {"errors": [_invalid(error) for error in errors]}
        root = QueryView(Gaze(self._verbs, caller), self._limits)
        done = execute_sync(
            schema(), document, root, variable_values=variables, operation_name=operation, field_resolver=_resolve,
            type_resolver=_type_of,
        )  # fmt: skip
        told: dict[str, Any] = {"data": done.data}
        return {**told, "errors": [_failed(error) for error in done.errors]} if done.errors else told


def _request(body: bytes) -> tuple[str, dict[str, Any], str | None]:
    try:
        loaded = json.loads(body)
    except ValueError as failed:
        raise Refusal(400, "Problems parsing JSON") from failed
    if not isinstance(loaded, dict) or not isinstance(loaded.get("query"), str):
        raise Refusal(400, "A query attribute must be specified and must be a string.")
    variables = loaded.get("variables")
    if not isinstance(variables, dict | None):
        raise Refusal(400, "Variables are invalid: a JSON object is wanted.")
    return loaded["query"], variables or {}, loaded.get("operationName")


def _invalid(error: GraphQLError) -> dict[str, Any]:
    unknown = _UNKNOWN.search(error.message)
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    if not unknown:
        return {"message": error.message, "locations": places}
    extensions = {"code": "undefinedField", "typeName": unknown[2], "fieldName": unknown[1]}
    return {
        "path": ["query", unknown[1]],
        "extensions": extensions,
        "locations": places,
        "message": f"Field '{unknown[1]}' doesn't exist on type '{unknown[2]}'",
    }


def _failed(error: GraphQLError) -> dict[str, Any]:
    """A refusal has its `type` beside the message; anything else is a fault of the sandbox, and raised as one."""
    kind = (error.extensions or {}).get("type")
    original = error.original_error
    if kind is None and original is not None and not isinstance(original, GraphQLError):
        raise RuntimeError(f"the sandbox cannot resolve {error.path}: {original!r}") from original
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    told = {"path": error.path, "locations": places, "message": error.message}
    return {"type": kind, **told} if kind else told
