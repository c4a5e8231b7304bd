"""`POST /api/graphql`: documents are parsed, validated and executed by graphql-core against `schema.graphql`."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import GraphQLError

from integrations.sandbox.faults import Faults
from integrations.sandbox.github.auth import Caller
from integrations.sandbox.github.graphql_repository import QueryView
from integrations.sandbox.github.graphql_view import Gaze
from integrations.sandbox.github.limits import RateLimits
from integrations.sandbox.github.refusal import Refusal
from integrations.sandbox.github.verbs import Verbs
from integrations.sandbox.graphql.documents import Documents, places, refused


@lru_cache(maxsize=1)
def documents() -> Documents:
    return Documents(Path(__file__).with_name("schema.graphql"))


class GraphQL:
    def __init__(self, verbs: Verbs, faults: Faults, limits: RateLimits) -> None:
        self._verbs = verbs
        self._faults = faults
        self._limits = limits
        documents()  # built now, not while the first query waits

    def answer(self, body: bytes, caller: Caller) -> dict[str, Any]:
        """GitHub answers 200 with `errors` for a document it understood as JSON; the caller holds the world's lock."""
        if caller.kind not in ("installation", "user"):
            raise Refusal(401, "This endpoint requires you to be authenticated.")
        text, variables, operation = _request(body)
        document, errors = documents().prepared(text)
        if document is None or errors:
            for error in errors:
                self._faults.log_unmodelled(f"GraphQL: {error.message}")
            return {"errors": [refused(error) for error in errors]}
        root = QueryView(Gaze(self._verbs, caller), self._limits)
        done = documents().run(document, root, variables, operation)
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


def _failed(error: GraphQLError) -> dict[str, Any]:
    """A refusal has its `type` beside the message; anything else is a fault of the sandbox, and raised as one."""
    kind = (error.extensions or {}).get("type")
    original = error.original_error
    if kind is None and original is not None and not isinstance(original, GraphQLError):
        raise RuntimeError(f"the sandbox cannot resolve {error.path}: {original!r}") from original
    told = {"path": error.path, "locations": places(error), "message": error.message}
    return {"type": kind, **told} if kind else told
