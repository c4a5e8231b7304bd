"""The HTTP face: who calls, which route that is, and how answers look."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import Response

from integrations.sandbox.door import Door, unless_known
from integrations.sandbox.faults import Fault, Faults
from integrations.sandbox.github.auth import Caller, require, visible
from integrations.sandbox.github.call import Answer, Call, Route
from integrations.sandbox.github.faults import worded
from integrations.sandbox.github.graphql_face import GraphQL
from integrations.sandbox.github.limits import RateLimits
from integrations.sandbox.github.login_pages import LoginPages
from integrations.sandbox.github.refusal import Refusal, bad_credentials
from integrations.sandbox.github.routes import ROUTES
from integrations.sandbox.github.smart_http import SmartHttp
from integrations.sandbox.github.verbs import Verbs

REST = "/api/v3"
ETAG_DIGITS = 64


class Face(Door[Caller]):
    rest = REST
    media = "application/json; charset=utf-8"

    def __init__(self, verbs: Verbs, faults: Faults, limits: RateLimits) -> None:
        self._verbs = verbs
        super().__init__(verbs.world, faults, SmartHttp(verbs), Caller("nobody"))
        self._limits = limits
        self._graphql = GraphQL(verbs, faults, limits)
        self._login = LoginPages(verbs.sign_in)
        self._served = 0

    def _caller(self, request: Request, path: str) -> Caller:  # noqa: ARG002 - credentials are the same everywhere
        return self._verbs.tokens.caller(request.headers.get("authorization", ""))

    def _spend(self, caller: Caller, path: str) -> None:
        self._limits.spend(caller, path)

    def _graph(self, body: bytes, caller: Caller) -> dict[str, Any]:
        return self._graphql.answer(body, caller)

    def _route(self, request: Request, path: str, body: bytes, caller: Caller) -> tuple[str, Response] | None:
        found = ROUTES.find(request.method, path)
        if found is None:
            return None
        route, parts = found
        if route.client_only != (caller.kind == "client"):
            raise bad_credentials()
        call = self._call(route, parts, request, caller)
        call.body = _read(body) if request.method in ("POST", "PATCH", "PUT", "DELETE") else {}
        return route.template, self._rendered(request, route.handler(call))

    def _call(self, route: Route, parts: Mapping[str, str], request: Request, caller: Caller) -> Call:
        path = {name: unquote(value) for name, value in parts.items()}
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        call = Call(self._verbs, self._limits, caller, path, query)
        call.version = request.headers.get("x-github-api-version", call.version)
        if route.app_only:
            if caller.kind != "app":
                raise bad_credentials() if caller.kind == "nobody" else Refusal(401, "A JSON web token could not be decoded")
            return call
        if route.client_only:
            return call
        if caller.kind in ("app", "nobody"):
            require(self._verbs.world, caller, route.needs, None)
        if "repo" in path and "owner" in path:
            call.found = visible(self._verbs.world, caller, f"{path['owner']}/{path['repo']}")
        require(self._verbs.world, caller, route.needs, call.found)
        return call

    def _page(self, request: Request, path: str, body: bytes) -> Response | None:
        return self._login.answer(request, path, body)

    def _rendered(self, request: Request, answer: Answer) -> Response:
        """JSON with a `Link` header where there are pages, and 304 where the client has it already."""
        headers: dict[str, str] = {}
        if answer.page and answer.page.last > 1:
            headers["Link"] = _links(request, answer)
        if answer.links:
            plain = request.url.remove_query_params(["after", "before"])
            told = [f'<{plain.include_query_params(**given)}>; rel="{name}"' for name, given in answer.links.items()]
            headers["Link"] = ", ".join(told)
        if answer.status == 204:
            return Response(status_code=204)
        response = self._json(answer.body, answer.status, headers)
        return unless_known(request, response, ETAG_DIGITS) if request.method == "GET" and answer.status == 200 else response

    def _broken(self, fault: Fault) -> Response:
        return self._json(worded(fault), fault.status, fault.headers)

    def _lost(self, method: str, path: str) -> Response:
        return self._json({**Refusal(404, "Not Found").answer(), "sandbox": f"{method} {path} is not modelled"}, 404)

    def _dressed(self, response: Response, caller: Caller, path: str) -> Response:
        self._served += 1
        for name, value in self._limits.headers(caller, path, refund=response.status_code == 304).items():
            response.headers.setdefault(name, value)
        response.headers["X-GitHub-Request-Id"] = hashlib.sha256(str(self._served).encode()).hexdigest()[:16].upper()
        response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
        response.headers["Server"] = "github.com"
        return response


def _read(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        loaded = json.loads(body)
    except ValueError as failed:
        raise Refusal(400, "Problems parsing JSON") from failed
    if not isinstance(loaded, dict):
        raise Refusal(400, "Body should be a JSON object")
    return loaded


def _links(request: Request, answer: Answer) -> str:
    page = answer.page
    if page is None:
        return ""
    wanted: dict[str, int] = {}
    if page.number > 1:
        wanted |= {"prev": min(page.number - 1, page.last), "first": 1}
    if page.number < page.last:
        wanted |= {"next": page.number + 1, "last": page.last}
    order = ("prev", "next", "last", "first")
    urls = {name: request.url.include_query_params(page=number) for name, number in wanted.items()}
    return ", ".join(f'<{urls[name]}>; rel="{name}"' for name in order if name in urls)
