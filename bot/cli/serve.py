"""`llmgate serve`: the gate as a process, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable

import structlog
import typer
import uvicorn

from bot.cli.settings import loaded
from bot.core.forges import FORGES
from bot.core.messages.words import listed
from bot.main import Gate

SWITCH_S = 0.001
"""How long a thread may keep the interpreter while others wait: a fifth of Python's default, for short answers."""


def few_arenas() -> None:
    """Let the C library share its memory among threads: by default each thread of some fifty keeps a pool of its own.

    `mallopt(M_ARENA_MAX, 2)`, glibc's alone (malloc.h); elsewhere nothing is done.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(-8, 2)


def quiet_logs() -> None:
    """One line an event on standard error; libraries only from WARNING, since some print payloads below."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def run_server(listen: bool) -> None:
    quiet_logs()
    sys.setswitchinterval(SWITCH_S)
    few_arenas()
    gate = loaded()
    tell_connected(gate)
    gate.start(listen)
    try:
        if listen:
            _serve_http(gate)
        else:
            gate.request_sweep()
            _wait()
    finally:
        gate.close()


def tell_connected(gate: Gate) -> None:
    """What it works for: a section without its token is no connection, and a gate without a forge would wait for ever."""
    forges = [f"{FORGES[forge].name} at {host}" for forge, host in gate.kit.forges]
    chat = ["Slack"] if gate.kit.chat else []
    if forges:
        typer.echo(f"llmgate works for {listed([*forges, *chat], 12)}", err=True)
    else:
        typer.echo("llmgate works for no forge yet, so nothing will arrive; run `llmgate doctor`", err=True)


def _serve_http(gate: Gate) -> None:
    web = gate.settings.web
    typer.echo(f"llmgate listens on http://{web.host}:{web.port}", err=True)
    config = uvicorn.Config(gate.app, host=web.host, port=web.port, log_level="warning", access_log=False, lifespan="off")
    _Server(config, gate.request_sweep).run()


class _Server(uvicorn.Server):
    """Calls `listening` once the port is open."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The first sweep comes after the port is open: a webhook refused between the two would be missed until the next."""
        await super().startup(sockets)
        if self.started:
            await asyncio.to_thread(self._listening)


def _wait() -> None:
    stop = threading.Event()

    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: stop.set())
    typer.echo("llmgate works; no port is open", err=True)
    stop.wait()
