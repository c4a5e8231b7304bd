"""The site's part of signing in: the page, its buttons, and what an application asks of the site itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.sandbox.gitlab.refusal import Refusal
from integrations.sandbox.gitlab.sign_in import AUTHORIZE, SignIn
from integrations.sandbox.oauth import page
from integrations.sandbox.oauth.application import sent

TITLE = "GitLab"


class LoginPages:
    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in
        self._asked: Mapping[tuple[str, str], Callable[[dict[str, str]], Any]] = {
            ("POST", "/oauth/token"): sign_in.exchange,
            ("POST", "/oauth/revoke"): self._revoke,
            ("GET", "/oauth/discovery/keys"): lambda _: {"keys": [sign_in.key.jwk]},
            ("GET", "/.well-known/openid-configuration"): lambda _: sign_in.discovery(),
        }

    def answer(self, request: Request, path: str, body: bytes) -> Response | None:
        """None where there is no such page."""
        if path == AUTHORIZE and request.method in ("GET", "POST"):
            return self._shown(request, body)
        asked = self._asked.get((request.method, path))
        if asked is None:
            return None
        try:
            return JSONResponse(asked(sent(request.headers.get("content-type", ""), body)))
        except Refusal as refused:
            return JSONResponse(refused.answer(), refused.status)

    def _shown(self, request: Request, body: bytes) -> Response:
        try:
            if request.method == "GET":
                self._sign_in.asked(request.url.query)
                people = [(each.username, each.username) for each in self._sign_in.people]
                return page.choosing(TITLE, request.url.query, people)
            query, username = page.chosen(body)
            return page.gone_on(self._sign_in.cancel(query) if username is None else self._sign_in.agree(query, username))
        except Refusal as refused:
            return page.refused(TITLE, refused.message, refused.status)

    def _revoke(self, given: dict[str, str]) -> dict[str, str]:
        self._sign_in.revoke(given)
        return {}
