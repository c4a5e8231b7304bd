"""The site's part of signing in: the page, its buttons, and the address at which codes are exchanged."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.sandbox.github.refusal import Refusal
from integrations.sandbox.github.sign_in import AUTHORIZE, SignIn
from integrations.sandbox.oauth import page
from integrations.sandbox.oauth.application import parameters, sent

EXCHANGE = "/login/oauth/access_token"
TITLE = "GitHub"


class LoginPages:
    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in

    def answer(self, request: Request, path: str, body: bytes) -> Response | None:
        """None where there is no such page."""
        called = (request.method, path)
        try:
            if called == ("GET", AUTHORIZE):
                return self._shown(request.url.query)
            if called == ("POST", AUTHORIZE):
                return self._pressed(body)
        except Refusal as refused:
            return page.refused(TITLE, refused.message, refused.status)
        return self._exchanged(request, body) if called == ("POST", EXCHANGE) else None

    def _shown(self, query: str) -> Response:
        self._sign_in.asked(query)
        return page.choosing(TITLE, query, [(each.login, each.login) for each in self._sign_in.people])

    def _pressed(self, body: bytes) -> Response:
        query, login = page.chosen(body)
        return page.gone_on(self._sign_in.cancel(query) if login is None else self._sign_in.agree(query, login))

    def _exchanged(self, request: Request, body: bytes) -> Response:
        """JSON for who asks for it, else a form, as GitHub always did."""
        try:
            told = self._sign_in.exchange(
                {**parameters(request.url.query), **sent(request.headers.get("content-type", ""), body)}
            )
        except Refusal as refused:
            return JSONResponse({"error": refused.message}, refused.status)
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse(told)
        return Response(urlencode(told), media_type="application/x-www-form-urlencoded")
