"""The HTTP face: who calls and what they may, which route that is, and how answers look."""

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
from integrations.sandbox.gitlab.auth import NOBODY, Caller, insufficient_scope
from integrations.sandbox.gitlab.call import Answer, Call, Renderers, Route
from integrations.sandbox.gitlab.graphql_face import GraphQL, graphql_refusal
from integrations.sandbox.gitlab.limits import RateLimits
from integrations.sandbox.gitlab.login_pages import LoginPages
from integrations.sandbox.gitlab.parameters import Unmodelled, checked
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import Refusal, forbidden, unauthorized
from integrations.sandbox.gitlab.render import Renderer
from integrations.sandbox.gitlab.render_merge_request import MergeRequestRenderer
from integrations.sandbox.gitlab.render_pipeline import PipelineRenderer
from integrations.sandbox.gitlab.routes import ROUTES
from integrations.sandbox.gitlab.smart_http import SmartHttp
from integrations.sandbox.gitlab.verbs import Verbs
from integrations.sandbox.stage import ForgeRefused

REST = "/api/v4"
ETAG_DIGITS = 32
READING = ("api", "read_api")
WRITING = ("api",)
_WORDS = {
    401: "401 Unauthorized",
    403: "403 Forbidden",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    409: "409 Conflict",
    429: "This endpoint has been requested too many times. Try again later.",
}


class Face(Door[Caller]):
    rest = REST
    media = "application/json"

    def __init__(self, verbs: Verbs, faults: Faults, limits: RateLimits) -> None:
        self._verbs = verbs
        super().__init__(verbs.world, faults, SmartHttp(verbs), NOBODY)
        self._limits = limits
        self._graphql = GraphQL(verbs, faults)
        self._login = LoginPages(verbs.sign_in)
        world = verbs.world
        self._render = Renderers(Renderer(world), MergeRequestRenderer(verbs), PipelineRenderer(world))
        self._served = 0

    def _caller(self, request: Request, path: str) -> Caller:
        """Who calls. GraphQL says no more of a bad token than that it is bad."""
        if path != "/graphql":
            return self._verbs.tokens.caller(request.headers)
        try:
            caller = self._verbs.tokens.caller(request.headers)
        except Refusal as refused:
            raise graphql_refusal("Invalid token", 401) from refused
        if caller.token and not caller.holds(READING):
            raise graphql_refusal("Invalid token", 401)
        return caller

    def _spend(self, caller: Caller, path: str) -> None:  # noqa: ARG002 - one limit for everything
        self._limits.spend(caller)

    def _graph(self, body: bytes, caller: Caller) -> dict[str, Any]:
        return self._graphql.answer(body, caller)

    def _route(self, request: Request, path: str, body: bytes, caller: Caller) -> tuple[str, Response] | None:
        found = ROUTES.find(request.method, path)
        if found is None:
            return None
        route, parts = found
        call = Call(self._verbs, self._render, self._limits, caller, _decoded(route, parts))
        self._admit(route, call)
        sent = _sent(request, body)
        # a link to the next page repeats what the path says already
        call.given = checked({name: value for name, value in sent.items() if name not in parts}, route.takes)
        call.raw = body
        return route.template, self._rendered(request, call, route.handler(call))

    def _page(self, request: Request, path: str, body: bytes) -> Response | None:
        return self._login.answer(request, path, body)

    def _admit(self, route: Route, call: Call) -> None:
        """The token's scope, the project if the caller may know of it, the licence, and the caller's role, in that order."""
        scopes = WRITING if route.writes else (*READING, *route.scopes)
        if call.caller.token and not call.caller.holds(scopes):
            raise insufficient_scope(scopes)
        if not route.template.startswith("/projects/{id}"):
            if call.caller.user is None:
                raise unauthorized()
            return
        project = self._verbs.world.project(call.path["id"])
        call.found = project if self._verbs.world.visible(project, call.caller.user) else None
        held = self._verbs.world.access(call.project, call.caller.user)
        if not self._verbs.world.licensed(route.tier):
            raise unauthorized() if route.tier == "ultimate" else forbidden()
        public = not project.private and not route.writes and route.needs <= Access.REPORTER
        if held < route.needs and not public:
            raise forbidden() if call.caller.user else unauthorized()
        if project.archived and route.writes:
            raise forbidden()

    def _rendered(self, request: Request, call: Call, answer: Answer) -> Response:
        """JSON or bytes with the headers of its page, and 304 where the client has it already."""
        headers = dict(answer.headers)
        if answer.window:
            headers |= answer.window.headers
            given = {**call.path, **{name: value for name, value in parse_qsl(request.url.query) if name not in call.path}}
            if link := answer.window.link(f"{self._verbs.world.url}{request.url.path}", given):
                headers["Link"] = link
        if answer.status == 204:
            return Response(status_code=204, headers=headers)
        if isinstance(answer.body, bytes):
            response = Response(answer.body, answer.status, headers, headers.get("Content-Type", "application/octet-stream"))
        else:
            response = self._json(answer.body, answer.status, headers)
        if request.method == "GET" and answer.status == 200 and "Cache-Control" not in headers:
            return unless_known(request, response, ETAG_DIGITS)
        return response

    def _refused(self, refused: ForgeRefused, call: str) -> Response:
        if isinstance(refused, Unmodelled):
            self._faults.log_unmodelled(f"{call}: {refused.answer()['error']}")
        if refused.headers.get("Content-Type") == "text/plain":
            return Response(refused.message, refused.status, dict(refused.headers))
        return super()._refused(refused, call)

    def _broken(self, fault: Fault) -> Response:
        """GitLab's proxy answers for it with 502 and above, in HTML."""
        if fault.body is not None:
            return self._json(dict(fault.body), fault.status, fault.headers)
        if fault.status > 500:
            page = f"<html><head><title>GitLab is not responding ({fault.status})</title></head></html>"
            return Response(page, fault.status, dict(fault.headers), "text/html")
        return self._json({"message": _WORDS.get(fault.status, "500 Internal Server Error")}, fault.status, fault.headers)

    def _lost(self, method: str, path: str) -> Response:
        return self._json({"error": "404 Not Found", "sandbox": f"{method} {path} is not modelled"}, 404)

    def _dressed(self, response: Response, caller: Caller, path: str) -> Response:  # noqa: ARG002 - alike everywhere
        self._served += 1
        for name, value in self._limits.headers(caller).items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "max-age=0, private, must-revalidate")
        response.headers["X-Request-Id"] = hashlib.sha256(str(self._served).encode()).hexdigest()[:26].upper()
        response.headers["X-Gitlab-Meta"] = json.dumps({"correlation_id": response.headers["X-Request-Id"], "version": "1"})
        return response


def _decoded(route: Route, parts: Mapping[str, str]) -> dict[str, str]:
    """The parts of the path. Where folders are parts of their own, an encoded slash is in a name, and no name may have one."""
    for name, part in parts.items():
        if f"{{{name}*}}" in route.template and "%2f" in part.lower():
            raise Refusal(400, "", body={"error": f"{name}_name is invalid"})
    return {name: unquote(part) for name, part in parts.items()}


def _sent(request: Request, body: bytes) -> dict[str, Any]:
    """Parameters of the query and of a JSON or form body together; `name[]` gathers a list."""
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind == "application/x-www-form-urlencoded":
        pairs += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            values.setdefault(name[:-2], []).append(value)
        else:
            values[name] = value
    return {**values, **_loaded(body)} if kind == "application/json" and body else values


def _loaded(body: bytes) -> dict[str, Any]:
    try:
        loaded = json.loads(body)
    except ValueError as failed:
        raise Refusal(400, "", body={"error": "The message body does not match the declared format"}) from failed
    if not isinstance(loaded, dict):
        raise Refusal(400, "", body={"error": "The message body does not match the declared format"})
    return loaded
