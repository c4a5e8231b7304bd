"""One ASGI app on a loopback port, in a thread of this process.

Answers leave in one piece and `TCP_NODELAY` is set: without both, delayed acknowledgements add 40 to 130 ms to each call
and every measurement is of the stand-in.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn


class Served:
    """A running server. `url` has no trailing slash."""

    def __init__(self, app: Callable[..., Any], port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True, name=f"serve-{self.port}")
        self._thread.start()

    def close(self) -> None:
        """Stop and wait for the thread."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()
