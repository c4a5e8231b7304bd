"""One ASGI app on a loopback port, in a thread of this process.

Answers leave in one piece and `TCP_NODELAY` is set: without both, delayed acknowledgements add 40 to 130 ms to each call
and every measurement is of the stand-in.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import uvicorn

CLOSING_S = 1.0


class _Prompt(uvicorn.Server):
    """uvicorn looks ten times a second whether it should stop, and then waits a tenth of a second more: half of what a
    small test takes. This one is woken, and looks every few milliseconds whether its connections are gone.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    def stop(self) -> None:
        """From any thread."""
        self.should_exit = True
        if self._loop and self._stop:
            with contextlib.suppress(RuntimeError):  # it stopped by itself
                self._loop.call_soon_threadsafe(self._stop.set)

    async def main_loop(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        tick = 0
        while not await self.on_tick(tick):
            tick += 10
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Nothing of a connection may outlive the loop: one that was accepted a moment ago is not among them yet, and one that
        was told to close closes with the loop's next turn.
        """
        for each in [*self.servers, *(sockets or ())]:
            each.close()
        until = time.monotonic() + CLOSING_S
        told: set[object] = set()
        while time.monotonic() < until:
            for connection in [one for one in self.server_state.connections if one not in told]:
                connection.shutdown()
                told.add(connection)
            await asyncio.sleep(0.005)
            if not (self.server_state.connections or self.server_state.tasks):
                break
        for task in self.server_state.tasks:
            task.cancel()
        for connection in list(self.server_state.connections):
            if transport := getattr(connection, "transport", None):
                transport.abort()
        await asyncio.sleep(0)


class Served:
    """A running server. `url` has no trailing slash."""

    def __init__(self, app: Callable[..., Any], port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen(512)  # at once: whoever is told the address may connect before the thread runs
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(app, interface="asgi3", log_level="warning", access_log=False, lifespan="off")
        self._server = _Prompt(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True, name=f"serve-{self.port}")
        self._thread.start()

    def close(self) -> None:
        """Stop and wait for the thread."""
        self._server.stop()
        self._thread.join(timeout=5)
        self._socket.close()
