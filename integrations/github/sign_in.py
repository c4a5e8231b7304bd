"""How the app signs in: a JSON web token made by githubkit for the app itself, an installation token for everything else.

githubkit's own installation flow imports the generated schemas to read one answer (20 MB resident), takes a token anew in
every thread that finds none, and keeps one that was revoked. This flow has githubkit make the JWT and does the rest
itself: one lock an installation, lifetimes counted on this machine's monotonic clock from what GitHub says is its own
time, and one more try with a fresh token when a token is refused.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
from githubkit import GitHub
from githubkit.auth.app import AppAuth, AppAuthStrategy
from pydantic import BaseModel, ValidationError

from bot.ports.errors import Unavailable
from integrations.github.failures import from_answer

SPARE_S = 120.0
"""A token is given up this long before it ends, so that none ends on its way."""
UNDATED_LIFE_S = 1800.0


class TokenAnswer(BaseModel):
    """What is read of GitHub's answer to a token request."""

    token: str
    expires_at: datetime | None = None


class InstallationSignIn(httpx.Auth):
    """Adds the installation's token to each request. One object serves all threads."""

    def __init__(self, github: GitHub[AppAuthStrategy], app: AppAuthStrategy, installation: int) -> None:
        self._jwt = AppAuth(github, app.app_id, app.private_key)
        self._installation = installation
        self._url = github.config.base_url.join(f"app/installations/{installation}/access_tokens")
        self._lock = threading.Lock()
        self._token = ""
        self._ends = 0.0

    def __repr__(self) -> str:
        return f"InstallationSignIn({self._installation})"

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = yield from self._current("")
        request.headers["Authorization"] = f"token {token}"
        answer = yield request
        if answer.status_code == 401:
            answer.read()
            token = yield from self._current(refused=token)
            request.headers["Authorization"] = f"token {token}"
            yield request

    def _current(self, refused: str) -> Generator[httpx.Request, httpx.Response, str]:
        with self._lock:
            if not self._token or self._token == refused or time.monotonic() >= self._ends:
                yield from self._renew()
            return self._token

    def _renew(self) -> Generator[httpx.Request, httpx.Response, None]:
        self._token = ""
        call = f"POST /app/installations/{self._installation}/access_tokens"
        headers = {"Authorization": f"Bearer {self._jwt.get_jwt()}", "Accept": "application/vnd.github+json"}
        answer = yield httpx.Request("POST", self._url, headers=headers, json={})
        answer.read()
        if answer.is_error:
            raise from_answer(answer, call)
        try:
            told = TokenAnswer.model_validate_json(answer.content)
        except ValidationError:
            raise Unavailable(f"GitHub's answer to {call} holds no token; it is tried again") from None
        self._ends = time.monotonic() + _life_s(told.expires_at, answer.headers.get("date", "")) - SPARE_S
        self._token = told.token


class InstallationStrategy(AppAuthStrategy):
    """githubkit's hook for a way to sign in."""

    def __init__(self, app: AppAuthStrategy, installation: int) -> None:
        super().__init__(app.app_id, app.private_key)
        self._app = app
        self._installation = installation

    def get_auth_flow(self, github: GitHub[AppAuthStrategy]) -> httpx.Auth:  # type: ignore[override]  # core's generic
        return InstallationSignIn(github, self._app, self._installation)


def _life_s(expires_at: datetime | None, date: str) -> float:
    """How long from now, by GitHub's own clock on both ends; a skewed clock here does not matter."""
    try:
        now = parsedate_to_datetime(date)
        return (expires_at - now).total_seconds() if expires_at else UNDATED_LIFE_S
    except (ValueError, TypeError):
        return UNDATED_LIFE_S
