"""How the workspace speaks to the application: over Socket Mode, or as signed HTTP requests where a request URL is set.

Interactions and commands are said once: an acknowledgement that does not come in three seconds is a click that was lost.
Events are said again, at once, after one minute and after five, when they were not taken.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from integrations.sandbox.slack.refusal import Json
from integrations.sandbox.slack.sockets import Sockets
from integrations.sandbox.slack.workspace import APP, BOT_USER, TEAM, Workspace

RETRY_AFTER_S = (0, 60, 300)


@dataclass(frozen=True, slots=True)
class Ack:
    """The application's answer. `body` is what it wants shown; `status` 0 means that nothing came in time."""

    status: int
    body: Json
    no_retry: bool = False

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300


LOST = Ack(0, {})


@dataclass(slots=True)
class Untaken:
    """An event the application has not taken yet."""

    payload: Json
    attempt: int
    due: float
    reason: str


class Voice:
    """`signed_at` is the time signatures carry: the real one, since that is what request verifiers compare with."""

    def __init__(self, workspace: Workspace, sockets: Sockets, signing_secret: str) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self.signing_secret = signing_secret
        self.request_url = ""
        self.ack_limit_s = 3.0
        self.signed_at: Callable[[], float] = time.time
        self.untaken: list[Untaken] = []

    def interaction(self, payload: Json) -> Ack:
        return self._say("interactive", payload, urlencode({"payload": json.dumps(payload)}), {})

    def command(self, payload: Json) -> Ack:
        return self._say("slash_commands", payload, urlencode(payload), {})

    def event(self, event: Json) -> Ack:
        """Say an event; untaken, it is due again."""
        payload: Json = {
            "token": "unused",
            "team_id": TEAM,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{self._workspace.serial():08d}",
            "event_time": int(self._workspace.seconds()),
            "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
            "is_ext_shared_channel": False,
        }
        return self._say_event(Untaken(payload, 0, self._workspace.seconds(), ""))

    def retry_due(self) -> int:
        """Say again every event whose time has come; how many were said."""
        now = self._workspace.seconds()
        due = [one for one in self.untaken if one.due <= now]
        for one in due:
            self.untaken.remove(one)
            self._say_event(one)
        return len(due)

    def _say_event(self, one: Untaken) -> Ack:
        retry = {"x-slack-retry-num": str(one.attempt), "x-slack-retry-reason": one.reason} if one.attempt else {}
        ack = self._say("events_api", one.payload, json.dumps(one.payload), retry)
        if not ack.taken and not ack.no_retry and one.attempt < len(RETRY_AFTER_S):
            due = self._workspace.seconds() + RETRY_AFTER_S[one.attempt]
            reason = "http_error" if ack.status else "http_timeout"
            self.untaken.append(Untaken(one.payload, one.attempt + 1, due, reason))
        return ack

    def _say(self, kind: str, payload: Json, body: str, headers: dict[str, str]) -> Ack:
        if self.request_url:
            media = "application/json" if kind == "events_api" else "application/x-www-form-urlencoded"
            return self.post(body, {"Content-Type": media, **headers})
        more: Json = {}
        if kind == "events_api":
            attempt = int(headers.get("x-slack-retry-num", "0"))
            more = {"retry_attempt": attempt, "retry_reason": headers.get("x-slack-retry-reason", "")}
        answer = self._sockets.send(kind, payload, self.ack_limit_s, more)
        return LOST if answer is None else Ack(200, answer)

    def post(self, body: str, headers: dict[str, str]) -> Ack:
        """One signed request to the request URL."""
        stamp = str(int(self.signed_at()))
        digest = hmac.new(self.signing_secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        signed = {**headers, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
        address = urlsplit(self.request_url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=self.ack_limit_s)
        try:
            connection.request("POST", address.path or "/", body.encode(), signed)
            answer = connection.getresponse()
            return _heard(answer.status, answer.read(), answer.headers)
        except (OSError, http.client.HTTPException):
            return LOST
        finally:
            connection.close()


def _heard(status: int, content: bytes, headers: http.client.HTTPMessage) -> Ack:
    no_retry = headers.get("x-slack-no-retry") == "1"
    if not content:
        return Ack(status, {}, no_retry)
    if "json" in headers.get("content-type", ""):
        body = json.loads(content)
        return Ack(status, body if isinstance(body, dict) else {}, no_retry)
    return Ack(status, {"text": content.decode(errors="replace")}, no_retry)
