"""The routes of the workspace over HTTP: the Web API, Socket Mode's link and response addresses. They hold no state."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from integrations.sandbox.slack.arguments import Arguments
from integrations.sandbox.slack.faults import Faults
from integrations.sandbox.slack.methods import HISTORY, METHODS, SPECIAL, Method
from integrations.sandbox.slack.refusal import Json, Refusal, missing_scope
from integrations.sandbox.slack.responses import Responses
from integrations.sandbox.slack.sockets import Sockets
from integrations.sandbox.slack.triggers import Triggers
from integrations.sandbox.slack.workspace import BOT, BOT_USER, TEAM, Workspace


@dataclass(frozen=True, slots=True)
class Call:
    """One Web API call as it arrived, without its token; `answer` is `ok`, an error code, or an HTTP status."""

    method: str
    arguments: Json = field(hash=False)
    answer: str


class Tenant(Protocol):
    """What the face reads of the workspace's installation."""

    workspace: Workspace
    triggers: Triggers
    sockets: Sockets
    responses: Responses
    faults: Faults
    calls: list[Call]
    unmodelled: list[str]
    scopes: set[str]
    bot_token: str
    app_token: str
    revoked: bool
    rate_limits: bool
    latency_s: float

    @property
    def url(self) -> str: ...


class Face:
    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/{method:path}", self._web_api, methods=["GET", "POST"]),
                Route("/respond/{token}", self._respond, methods=["POST"]),
                WebSocketRoute("/link/", self._tenant.sockets.serve),
                Route("/{path:path}", self._elsewhere, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
            ]
        )

    async def _elsewhere(self, request: Request) -> Response:
        self._tenant.unmodelled.append(f"{request.method} {request.url.path}")
        return PlainTextResponse("no such page here", status_code=404)

    async def _respond(self, request: Request) -> Response:
        try:
            with self._tenant.workspace.lock:
                self._tenant.responses.take(request.path_params["token"], json.loads(await request.body()))
        except Refusal as refusal:
            return JSONResponse(refusal.body(), status_code=404)
        return PlainTextResponse("ok")

    async def _web_api(self, request: Request) -> Response:
        tenant, name = self._tenant, str(request.path_params["method"])
        given, token = await _read(request)
        if tenant.latency_s:
            await asyncio.sleep(tenant.latency_s)
        headers = {"x-oauth-scopes": ",".join(sorted(tenant.scopes)), "x-slack-req-id": "sandbox"}
        with tenant.workspace.lock:
            fault = tenant.faults.next_for(name)
            lost = fault is not None and fault.after
            body: Json = {"ok": True}
            if fault is None or lost:
                body, status, wait = self._answer(name, token, Arguments(given))
            if fault is not None:
                status = fault.error if isinstance(fault.error, int) else 200
                body = {"ok": False, "error": "ratelimited" if status == 429 else str(fault.error)}
                wait = fault.retry_after or (1 if status == 429 else 0)
            answer = "ok" if body["ok"] else str(body["error"])
            tenant.calls.append(Call(name, given, answer))
        if wait:
            headers["Retry-After"] = str(wait)
        return JSONResponse(body, status_code=status, headers=headers)

    def _answer(self, name: str, token: str, arguments: Arguments) -> tuple[Json, int, int]:
        """Body, status and seconds to wait."""
        try:
            self._let_in(name, token)
            special = self._special(name)
            if special is not None:
                return special, 200, 0
            method = self._allowed(name, arguments)
            wait = self._wait(name, method, arguments)
            if wait:
                return {"ok": False, "error": "ratelimited"}, 429, wait
            return method.perform(self._tenant.workspace, self._tenant.triggers, arguments), 200, 0
        except Refusal as refusal:
            return refusal.body(), 200, 0

    def _wait(self, name: str, method: Method, arguments: Arguments) -> int:
        if not self._tenant.rate_limits or method.per_minute == SPECIAL:
            return 0
        return self._tenant.faults.wait_s(name, method, arguments.text("channel"))

    def _let_in(self, name: str, token: str) -> None:
        tenant = self._tenant
        if name == "api.test":
            return
        if not token:
            raise Refusal("not_authed")
        if token not in (tenant.bot_token, tenant.app_token):
            raise Refusal("invalid_auth")
        if tenant.revoked:
            raise Refusal("token_revoked")
        if (token == tenant.app_token) != (name == "apps.connections.open"):
            raise Refusal("not_allowed_token_type")

    def _special(self, name: str) -> Json | None:
        """The methods about the installation itself, which no table row describes."""
        tenant = self._tenant
        if name == "api.test":
            return {"ok": True, "args": {}}
        if name == "apps.connections.open":
            return {"ok": True, "url": tenant.url.replace("http://", "ws://") + tenant.sockets.ticket()}
        if name == "auth.test":
            bot = tenant.workspace.members[BOT_USER].name
            whose = {"url": "https://sandbox.slack.com/", "team": "Sandbox", "user": bot, "team_id": TEAM, "user_id": BOT_USER}
            return {"ok": True, **whose, "bot_id": BOT, "is_enterprise_install": False}
        return None

    def _allowed(self, name: str, arguments: Arguments) -> Method:
        tenant = self._tenant
        if name in HISTORY:
            raise missing_scope(HISTORY[name], frozenset(tenant.scopes))
        method = METHODS.get(name)
        if method is None:
            tenant.unmodelled.append(name)
            raise Refusal("unknown_method", req_method=name)
        if method.scopes and not tenant.scopes & set(method.scopes):
            raise missing_scope(method.scopes[0], frozenset(tenant.scopes))
        for argument in arguments.given:
            if argument not in method.arguments:
                tenant.unmodelled.append(f"{name}: {argument}")
        return method


async def _read(request: Request) -> tuple[Json, str]:
    """The arguments and the token, wherever they stand."""
    given: Json = dict(request.query_params)
    body = (await request.body()).decode()
    if request.headers.get("content-type", "").startswith("application/json"):
        given |= json.loads(body or "{}")
    else:
        given |= dict(parse_qsl(body, keep_blank_values=True))
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    return given, str(given.pop("token", "")) or bearer
