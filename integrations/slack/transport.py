"""Both ways in from Slack over the same listeners: a WebSocket that we open, or HTTP requests that Slack sends."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.socket_mode.builtin import SocketModeClient

from bot.ports.chat import ChatDesk
from bot.ports.clock import Clock
from bot.ports.errors import Refused
from integrations.slack.chat import SlackChat
from integrations.slack.connection import Connection, quiet_logger
from integrations.slack.desk import PATIENCE_S, FrontDesk, Surface
from integrations.slack.door import Door, Turned
from integrations.slack.faults import translated
from integrations.slack.installation import Installation, read_installation, require_scopes
from integrations.slack.listeners import build_app

CHECK_EVERY_S = 3.0
"""How often a Socket Mode connection is looked at: a lost one is replaced within this time, a silent one within four."""

Answer = tuple[int, dict[str, str], bytes]
_READ_BY_BOLT = ("content-type", "x-slack-retry-num", "x-slack-retry-reason")
_JSON = {"content-type": "application/json; charset=utf-8"}


class SlackInbound:
    """The listeners, and what they run on. Start one transport over it, or both."""

    def __init__(self, connection: Connection, chat: SlackChat, desk: ChatDesk, patience_s: float = PATIENCE_S) -> None:
        """Asks Slack who we are; raises Refused where a permission is missing, Unavailable where Slack does not answer."""
        self.connection = connection
        self.installation: Installation = read_installation(connection)
        require_scopes(self.installation)
        self._desk = FrontDesk(desk, Surface(connection, chat), patience_s)
        self._workers = ThreadPoolExecutor(max_workers=16, thread_name_prefix="slack-listener")
        self.app: App = build_app(connection, self.installation, self._desk, self._workers)

    def close(self) -> None:
        """Finish what is being answered. Stop the transports first."""
        self._workers.shutdown(wait=True)
        self._desk.close()


class SocketMode:
    """A connection that we open: nothing of ours is exposed. The SDK reconnects by itself."""

    def __init__(self, inbound: SlackInbound, check_every_s: float = CHECK_EVERY_S) -> None:
        settings = inbound.connection.settings
        if not settings.app_token.startswith("xapp-"):
            raise Refused(
                "the Slack app token was expected to begin with xapp-; make one with connections:write for Socket Mode"
            )
        self._inbound = inbound
        self._check_every_s = check_every_s
        self._client: SocketModeClient | None = None

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected()

    def start(self) -> None:
        """Open the connection; returns once it stands. Raises a port error where Slack refuses."""
        connection = self._inbound.connection
        handler = SocketModeHandler(
            self._inbound.app,
            connection.settings.app_token,
            logger=quiet_logger("socket"),
            web_client=connection.client,
            ping_interval=self._check_every_s,
        )
        if connection.settings.local:
            handler.client.proxy = None
        self._client = handler.client
        try:
            handler.client.connect()
        except Exception as error:
            self.stop()
            raise translated(error, "apps.connections.open") from None

    def stop(self) -> None:
        """Close the connection and its threads."""
        client, self._client = self._client, None
        if client is None:
            return
        client.auto_reconnect_enabled = False
        client.current_session_state.terminated = True
        client.closed = True
        client.enqueue_message("")  # its worker waits a second for a message before it looks at `closed`
        session = client.current_session
        if session is not None and session.sock is not None:
            with contextlib.suppress(OSError):  # already gone
                session.sock.shutdown(socket.SHUT_RDWR)  # its reader waits three seconds for bytes, holding the lock
        client.close()


class HttpDoor:
    """Requests that Slack sends. Mount `handle_http` at the request URL of events, interactivity and the command."""

    def __init__(self, inbound: SlackInbound, clock: Clock) -> None:
        self._inbound = inbound
        self._door = Door(inbound.connection.settings.signing_secret, clock)

    def handle_http(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """(status, headers, body). Blocks for up to three seconds: call it from a thread of its own."""
        named = {name.lower(): value for name, value in headers.items()}
        turned = self._door.turn_away(body, named)
        if turned is not None:
            return _turned(turned)
        request = _request(body, named)
        if request is None:
            return _turned(Turned(400, "neither JSON nor a form"))
        answer = self._inbound.app.dispatch(request)
        if answer.status >= 400:
            self._door.forget(named)
        return answer.status, answer.first_headers(), answer.body.encode()


def _request(body: bytes, headers: Mapping[str, str]) -> BoltRequest | None:
    known = {name: headers[name] for name in _READ_BY_BOLT if name in headers}  # headers are not signed: pass on few
    try:
        return BoltRequest(body=body.decode(), headers={**known})
    except (ValueError, AttributeError, TypeError, LookupError, RecursionError):
        return None


def _turned(turned: Turned) -> Answer:
    return turned.status, dict(_JSON), json.dumps({"error": turned.error}).encode() if turned.error else b""
