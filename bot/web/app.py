"""HTTP in: read the body within its limit, hand it to the receiver, answer. No decision is taken here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

MAX_BODY = 8 * 1024 * 1024
"""Deliveries of GitHub may reach 25 MB; those with code review events stay far below this."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `body` never quotes what was sent."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Receiver = Callable[[Mapping[str, str], bytes], Answer]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the process can do its work, and how much waits, as Prometheus text."""

    ready: Callable[[], str]
    """The problem, or nothing."""
    metrics: Callable[[], str]


class TooLarge(Exception):
    """The body passed the limit while it was read."""


async def read_body(request: Request, limit: int) -> bytes:
    """The raw body, read no further than the limit. Raises TooLarge."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge
    return bytes(body)


def build_app(
    receivers: Mapping[str, Receiver], health: Health, limit: int = MAX_BODY, pages: Sequence[APIRouter] = ()
) -> FastAPI:
    """The application: one POST route a receiver, by path, the pages for people, and the health pages."""
    app = FastAPI(title="llmgate", docs_url=None, redoc_url=None, openapi_url=None)
    for router in pages:
        app.include_router(router)
    for path, receiver in receivers.items():
        app.add_api_route(path, _route(receiver, limit), methods=["POST"])

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", media_type="text/plain")

    @app.get("/readyz")
    def readyz() -> Response:
        problem = health.ready()
        return Response(f"{problem or 'ready'}\n", 503 if problem else 200, media_type="text/plain")

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(health.metrics(), media_type="text/plain; version=0.0.4")

    return app


def _route(receiver: Receiver, limit: int) -> Callable[[Request], object]:
    async def receive(request: Request) -> Response:
        try:
            body = await read_body(request, limit)
        except TooLarge:
            message = f"saw a body larger than {limit:,} bytes; wanted it smaller; nothing was stored\n"
            return Response(message, 413, media_type="text/plain")
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = await run_in_threadpool(receiver, headers, body)
        return Response(answer.body, answer.status, dict(answer.headers))

    return receive
