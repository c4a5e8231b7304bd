"""Socket Mode: the application's connections, and envelopes that each go to one of them and are acknowledged.

Connections live on the server's event loop; people act on other threads and wait here for the acknowledgement.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import uuid
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from integrations.sandbox.slack.refusal import Json, Refusal
from integrations.sandbox.slack.workspace import APP, Workspace

MOST = 10


class Sockets:
    """All open connections of the application."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._tickets: set[str] = set()
        self._open: list[tuple[WebSocket, asyncio.AbstractEventLoop]] = []
        self._waiting: dict[str, Future[Json]] = {}
        self._turn = 0
        self.delivered: list[int] = []
        """Which connection each envelope went to, by its place in the list at that time."""

    @property
    def count(self) -> int:
        return len(self._open)

    def ticket(self) -> str:
        """A path to connect to, good for one connection."""
        if self.count >= MOST:
            raise Refusal("too_many_connections")
        ticket = secrets.token_urlsafe(12)
        self._tickets.add(ticket)
        return f"/link/?ticket={ticket}&app_id={APP}"

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from its greeting to its end."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(code=1008)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        entry = (socket, asyncio.get_running_loop())
        hello = {"type": "hello", "num_connections": self.count + 1, "connection_info": {"app_id": APP}}
        await socket.send_text(json.dumps({**hello, "debug_info": {"host": "sandbox", "approximate_connection_time": 3600}}))
        with self._workspace.lock:
            self._open.append(entry)
            self._workspace.touch()
        try:
            while True:
                self._acknowledged(json.loads(await socket.receive_text()))
        except WebSocketDisconnect:
            pass
        finally:
            with self._workspace.lock:
                if entry in self._open:
                    self._open.remove(entry)
                self._workspace.touch()

    def _acknowledged(self, message: Json) -> None:
        with self._workspace.lock:
            waiting = self._waiting.pop(str(message.get("envelope_id", "")), None)
        if waiting is not None:
            waiting.set_result(message.get("payload") or {})

    def send(self, kind: str, payload: Json, within_s: float, more: Json) -> Json | None:
        """Deliver to one connection in turn and wait. None: nobody is connected, or no acknowledgement came in time."""
        envelope = str(uuid.uuid4())
        answer: Future[Json] = Future()
        with self._workspace.lock:
            if not self._open:
                return None
            self._turn += 1
            place = self._turn % len(self._open)
            socket, loop = self._open[place]
            self.delivered.append(place)
            self._waiting[envelope] = answer
        accepts = kind in ("interactive", "slash_commands")
        body = {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": accepts, **more}
        try:
            asyncio.run_coroutine_threadsafe(socket.send_text(json.dumps(body)), loop).result(timeout=within_s)
            return answer.result(timeout=within_s)
        except (LateError, WebSocketDisconnect, WebSocketDisconnected):  # the latter: its end was not noticed here yet
            with self._workspace.lock:
                self._waiting.pop(envelope, None)
            return None

    def refresh(self) -> None:
        """Ask every connection to reconnect, as Slack does every few hours, and hang up."""
        self._hang_up(json.dumps({"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "sandbox"}}))

    def drop(self) -> None:
        """Cut every connection without a word."""
        self._hang_up("")

    def _hang_up(self, farewell: str) -> None:
        with self._workspace.lock:
            leaving, self._open = list(self._open), []
            self._workspace.touch()
        for socket, loop in leaving:
            asyncio.run_coroutine_threadsafe(_close(socket, farewell), loop).result(timeout=2)


async def _close(socket: WebSocket, farewell: str) -> None:
    """Hang up on whoever is still there: an application that ends at the same moment has hung up itself."""
    with contextlib.suppress(WebSocketDisconnect, WebSocketDisconnected):
        if farewell:
            await socket.send_text(farewell)
        await socket.close()
