"""The one way out to Slack's Web API: slack_sdk's client over a shared pool of connections, errors translated.

slack_sdk opens a new TLS connection for every call. Its request hook is replaced here by a pooled client; without the hook
(a later slack_sdk) calls still work, only slower. Retries and waiting are the outbox's business, so the SDK's are off, and
its loggers are kept above DEBUG, where they would print message texts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request

import httpx
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.web import SlackResponse

from integrations.slack.faults import translated
from integrations.slack.payload import Payload

SLACK_API = "https://slack.com/api/"
_LOCAL = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """What an installation needs. Socket Mode uses `app_token`, HTTP the `signing_secret`; no secret is in the repr."""

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    api_url: str = SLACK_API
    timeout_s: float = 10.0

    @property
    def local(self) -> bool:
        """A stand-in on this machine: no proxy stands before it."""
        return urlsplit(self.api_url).hostname in _LOCAL


def quiet_logger(name: str) -> logging.Logger:
    """A logger for a library that prints payloads at DEBUG, and whole requests as warnings."""
    logger = logging.getLogger(f"llmgate.slack.{name}")
    logger.setLevel(logging.ERROR)
    return logger


class PooledClient(WebClient):
    """slack_sdk's client over httpx's connection pool. Safe to share among threads."""

    def __init__(self, settings: SlackSettings) -> None:
        super().__init__(
            token=settings.bot_token,
            base_url=settings.api_url,
            timeout=int(settings.timeout_s),
            retry_handlers=[],
            logger=quiet_logger("client"),
        )
        if settings.local:
            self.proxy = None
        limits = httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=15)
        self.pool = httpx.Client(timeout=settings.timeout_s, limits=limits, trust_env=not settings.local)

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        """slack_sdk's hook: status, headers and text of the answer, whatever the status."""
        content = req.data if isinstance(req.data, bytes) else b""
        answer = self.pool.request(req.get_method(), url, content=content, headers=dict(req.header_items()))
        return {"status": answer.status_code, "headers": dict(answer.headers), "body": answer.text}

    def close(self) -> None:
        self.pool.close()


class Connection:
    """Calls to the Web API by method name. Raises only `bot.ports.errors`."""

    def __init__(self, settings: SlackSettings) -> None:
        self.settings = settings
        self.client = PooledClient(settings)

    def call(self, method: str, **arguments: object) -> Payload:
        """Do something: the arguments travel as JSON."""
        given = {name: value for name, value in arguments.items() if value not in (None, "")}
        return self._perform(lambda: self.client.api_call(method, json=given), method)[0]

    def ask(self, method: str, **arguments: str) -> Payload:
        """Read something: Slack's reading methods take forms and overlook JSON."""
        return self.ask_with_headers(method, **arguments)[0]

    def ask_with_headers(self, method: str, **arguments: str) -> tuple[Payload, dict[str, str]]:
        """The body, and the headers by lower-case name."""
        given = {name: value for name, value in arguments.items() if value}
        return self._perform(lambda: self.client.api_call(method, params=given), method)

    def _perform(self, request: Callable[[], SlackResponse], method: str) -> tuple[Payload, dict[str, str]]:
        try:
            answer = request()
        except (SlackClientError, httpx.HTTPError, OSError, ValueError) as error:
            raise translated(error, method) from None
        return Payload(answer.data), {str(name).lower(): str(value) for name, value in answer.headers.items()}

    def close(self) -> None:
        self.client.close()
