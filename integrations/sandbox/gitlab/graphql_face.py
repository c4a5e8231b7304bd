"""`POST /api/graphql`: documents are parsed, validated, priced and run by graphql-core against `schema.graphql`."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import GraphQLError

from integrations.sandbox.faults import Faults
from integrations.sandbox.gitlab.auth import Caller
from integrations.sandbox.gitlab.graphql_cost import cost_of
from integrations.sandbox.gitlab.graphql_query import QueryView
from integrations.sandbox.gitlab.graphql_view import Gaze
from integrations.sandbox.gitlab.refusal import Refusal
from integrations.sandbox.gitlab.verbs import Verbs
from integrations.sandbox.graphql.documents import Documents, places, refused

MAX_QUERY = 10_000
"""Characters of one document. Its variables do not count."""


@lru_cache(maxsize=1)
def documents() -> Documents:
    return Documents(Path(__file__).with_name("schema.graphql"))


class GraphQL:
    def __init__(self, verbs: Verbs, faults: Faults) -> None:
        self._verbs = verbs
        self._faults = faults
        documents()  # built now, not while the first query waits

    def answer(self, body: bytes, caller: Caller) -> dict[str, Any]:
        """GitLab answers 200 with `errors` for a document it could read; the caller holds the world's lock."""
        text, variables, operation = _request(body)
        document, errors = documents().prepared(text)
        if document is None or errors:
            for error in errors:
                self._faults.log_unmodelled(f"GraphQL: {error.message}")
            return {"errors": [refused(error) for error in errors]}
        cost = cost_of(documents().schema, document, variables, operation)
        if too_much := cost.refusal():
            return {"errors": [{"message": too_much}]}
        done = documents().run(document, QueryView(Gaze(self._verbs, caller), cost), variables, operation)
        told: dict[str, Any] = {"data": done.data}
        return {**told, "errors": [_failed(error) for error in done.errors]} if done.errors else told


def graphql_refusal(message: str, status: int) -> Refusal:
    """What is said before any document is looked at has the shape of GraphQL's errors, too."""
    return Refusal(status, message, body={"errors": [{"message": message}]})


def _request(body: bytes) -> tuple[str, dict[str, Any], str | None]:
    try:
        loaded = json.loads(body)
    except ValueError as failed:
        raise Refusal(400, "400 Bad Request") from failed
    if not isinstance(loaded, dict) or not isinstance(loaded.get("query"), str):
        raise graphql_refusal("No query string was present", 200)
    variables = loaded.get("variables")
    if not isinstance(variables, dict | None):
        raise graphql_refusal("Unexpected variables", 422)
    if len(loaded["query"]) > MAX_QUERY:
        raise graphql_refusal("Query too large", 422)
    return loaded["query"], variables or {}, loaded.get("operationName")


def _failed(error: GraphQLError) -> dict[str, Any]:
    """Anything but a refusal is a fault of the sandbox, and raised as one."""
    original = error.original_error
    if original is not None and not isinstance(original, GraphQLError):
        raise RuntimeError(f"the sandbox cannot resolve {error.path}: {original!r}") from original
    told = {"message": error.message, "locations": places(error)}
    return {**told, "path": error.path} if error.path else told
