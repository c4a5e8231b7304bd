"""The HTTP face of the identity provider: its document, its keys, its page, and what clients ask of it."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from integrations.sandbox.faults import Faults, LoggedCall
from integrations.sandbox.oauth import page
from integrations.sandbox.oauth.application import parameters
from integrations.sandbox.oidc.provider import AUTHORIZE, Provider, ProviderRefused

TITLE = "the identity provider"
FORM = "application/x-www-form-urlencoded"


class Face:
    """An ASGI app."""

    def __init__(self, provider: Provider, faults: Faults, lock: threading.RLock) -> None:
        self._provider = provider
        self._faults = faults
        self._lock = lock
        self._asked: Mapping[tuple[str, str], Callable[[dict[str, str]], Any]] = {
            ("GET", "/.well-known/openid-configuration"): lambda _: provider.discovery(),
            ("GET", "/jwks"): lambda _: {"keys": [provider.key.jwk]},
            ("POST", "/token"): provider.exchange,
            ("POST", "/revoke"): provider.revoke,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        with self._lock:
            response = self._answer(request, str(scope["path"]), body)
        await response(scope, receive, send)

    def _answer(self, request: Request, path: str, body: bytes) -> Response:
        fault = self._faults.take(request.method, path)
        if fault:
            response: Response = JSONResponse(fault.body or {}, fault.status, dict(fault.headers))
        elif path == AUTHORIZE and request.method in ("GET", "POST"):
            response = self._page(request, body)
        else:
            response = self._machine(request, path, body)
        self._faults.log(LoggedCall(request.method, path, path, response.status_code))
        return response

    def _page(self, request: Request, body: bytes) -> Response:
        try:
            if request.method == "GET":
                self._provider.asked(request.url.query)
                return page.choosing(TITLE, request.url.query, [(login, login) for login in sorted(self._provider.people)])
            query, login = page.chosen(body)
            return page.gone_on(self._provider.cancel(query) if login is None else self._provider.agree(query, login))
        except ProviderRefused as refused:
            return page.refused(TITLE, refused.description, refused.status)

    def _machine(self, request: Request, path: str, body: bytes) -> Response:
        asked = self._asked.get((request.method, path))
        if asked is None:
            self._faults.log_unmodelled(f"{request.method} {path}")
            return JSONResponse({"error": "not_found"}, 404)
        try:
            answer = asked(_sent(request, body) if request.method == "POST" else {})
        except ProviderRefused as refused:
            return JSONResponse({"error": refused.error, "error_description": refused.description}, refused.status)
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _sent(request: Request, body: bytes) -> dict[str, str]:
    """A form, with the client's own name and secret in it or in the header, and not in both (RFC 6749, 2.3)."""
    if request.headers.get("content-type", "").partition(";")[0] != FORM:
        raise ProviderRefused(400, "invalid_request", f"wanted {FORM}")
    form = parameters(body.decode("utf-8", "replace"))
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        return form
    if scheme.lower() != "basic" or "client_secret" in form:
        raise ProviderRefused(400, "invalid_request", "wanted one way to authenticate, and Basic if it is a header")
    try:
        name, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as wrong:
        raise ProviderRefused(401, "invalid_client", "that header cannot be read") from wrong
    return {**form, "client_id": unquote_plus(name), "client_secret": unquote_plus(secret)}
