"""The HTTP face: one ASGI application that knows who calls, what goes wrong on purpose, and how answers look.

Routes run in the server's own thread, one at a time under the world's lock: reading memory and git's open process is
quick, and a thread hop would cost more than most answers. Only pushes over HTTP, which run git, wait in another thread.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import Response

from integrations.sandbox.door import GRAPHQL, Door
from integrations.sandbox.faults import Fault, Faults, LoggedCall
from integrations.sandbox.github.auth import Caller, require, visible
from integrations.sandbox.github.call import Answer, Call, Route
from integrations.sandbox.github.faults import worded
from integrations.sandbox.github.graphql_face import GraphQL
from integrations.sandbox.github.limits import RateLimits
from integrations.sandbox.github.refusal import Refusal, bad_credentials
from integrations.sandbox.github.routes import ROUTES
from integrations.sandbox.github.smart_http import SmartHttp
from integrations.sandbox.github.verbs import Verbs
from integrations.sandbox.graphql.documents import operation as operation_of

REST = "/api/v3"


class Face(Door):
    rest = REST

    def __init__(self, verbs: Verbs, faults: Faults, limits: RateLimits) -> None:
        self._verbs = verbs
        super().__init__(faults, SmartHttp(verbs))
        self._limits = limits
        self._graphql = GraphQL(verbs, faults, limits)
        self._served = 0

    def _api(self, request: Request, path: str, body: bytes) -> Response:
        short = "/graphql" if path == GRAPHQL else path.removeprefix(REST)
        operation = operation_of(body) if short == "/graphql" else ""
        fault = self._faults.take(request.method, short, operation)
        route, caller = short, Caller("nobody")
        if fault and not fault.after:
            response = self._broken(fault)
        else:
            try:
                caller = self._verbs.tokens.caller(request.headers.get("authorization", ""))
                self._limits.spend(caller, short)
                route, response = self._carry_out(request, short, body, caller)
            except Refusal as refused:
                response = _json(refused.body(), refused.status, refused.headers)
            except Exception as failed:  # a fault of the sandbox: recorded, and no 5xx, which clients would retry
                self._faults.log_unmodelled(f"{request.method} {short} failed: {failed!r}")
                response = _json({"message": f"The sandbox failed: {failed!r}"}, 400)
            if fault:
                response = self._broken(fault)
        self._faults.log(LoggedCall(request.method, short, route, response.status_code, operation))
        return self._dressed(response, caller, short)

    def _carry_out(self, request: Request, path: str, body: bytes, caller: Caller) -> tuple[str, Response]:
        if path == "/graphql":
            if request.method != "POST":
                return path, self._unmodelled(request.method, path)
            with self._verbs.world.lock:
                return path, _json(self._graphql.answer(body, caller))
        raw = request.scope.get("raw_path", path.encode()).decode().split("?")[0].removeprefix(REST)
        found = ROUTES.find(request.method, raw)
        if found is None:
            return path, self._unmodelled(request.method, path)
        route, parts = found
        with self._verbs.world.lock:
            call = self._call(route, parts, request, caller)
            call.body = _read(body) if request.method in ("POST", "PATCH", "PUT", "DELETE") else {}
            return route.template, self._rendered(request, route.handler(call))

    def _call(self, route: Route, parts: Mapping[str, str], request: Request, caller: Caller) -> Call:
        path = {name: unquote(value) for name, value in parts.items()}
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        call = Call(self._verbs, self._limits, caller, path, query)
        if route.app_only:
            if caller.kind != "app":
                raise bad_credentials() if caller.kind == "nobody" else Refusal(401, "A JSON web token could not be decoded")
            return call
        if caller.kind in ("app", "nobody"):
            require(self._verbs.world, caller, route.needs, None)
        if "repo" in path and "owner" in path:
            call.found = visible(self._verbs.world, caller, f"{path['owner']}/{path['repo']}")
        require(self._verbs.world, caller, route.needs, call.found)
        return call

    def _rendered(self, request: Request, answer: Answer) -> Response:
        """JSON with a `Link` header where there are pages, and 304 where the client has it already."""
        headers: dict[str, str] = {}
        if answer.page and answer.page.last > 1:
            headers["Link"] = _links(request, answer)
        if answer.status == 204:
            return Response(status_code=204)
        response = _json(answer.body, answer.status, headers)
        if request.method == "GET" and answer.status == 200:
            tag = f'W/"{hashlib.sha256(bytes(response.body)).hexdigest()}"'
            response.headers["ETag"] = tag
            if tag in (each.strip() for each in request.headers.get("if-none-match", "").split(",")):
                return Response(status_code=304, headers={"ETag": tag})
        return response

    def _broken(self, fault: Fault) -> Response:
        return _json(worded(fault), fault.status, fault.headers)

    def _unmodelled(self, method: str, path: str) -> Response:
        self._faults.log_unmodelled(f"{method} {path}")
        told = Refusal(404, "Not Found")
        return _json({**told.body(), "sandbox": f"{method} {path} is not modelled"}, 404)

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


def _json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(raw, status, dict(headers or {}), "application/json; charset=utf-8")


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
