"""The log as anybody may read it: static files by their paths (C2SP tlog-tiles), and the door for witnesses.

Only what a signed head covers is served, so that whoever reads twice can never see two logs by accident. Nobody is named: an
entry is the SHA-256 of a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from bot.core.tlog.tiles import TilePath, parse_tile_path
from bot.ports.errors import WorldError
from bot.web.app import TooLarge, read_body

T = TypeVar("T")
NOTE, TILE, WORDS = "text/plain; charset=utf-8", "application/octet-stream", "text/plain"
KEPT = {"cache-control": "public, max-age=31536000, immutable"}
"""A tile of a width never changes (tlog-tiles, "Merkle Tree"), and a partial one is another path than the full one."""
FRESH = {"cache-control": "no-cache"}
MAX_NOTE = 64 * 1024


@dataclass(frozen=True, slots=True)
class PublishedLog:
    """Where the pages get what they show."""

    checkpoint: Callable[[], str | None]
    """The newest signed head, as a note."""
    tile: Callable[[TilePath], bytes | None]
    take_cosignature: Callable[[str], str]
    """What is wrong with a note under a witness's signature; nothing where it was taken."""


def log_pages(log: PublishedLog) -> APIRouter:
    """`/log/checkpoint`, `/log/tile/…` and `/log/cosignature`."""
    router = APIRouter(prefix="/log")

    @router.api_route("/checkpoint", methods=["GET", "HEAD"])
    def checkpoint() -> Response:
        return _answer(log.checkpoint, lambda note: Response(note, media_type=NOTE, headers=FRESH))

    @router.api_route("/tile/{rest:path}", methods=["GET", "HEAD"])
    def tile(rest: str) -> Response:
        asked = parse_tile_path(f"tile/{rest}")
        if asked is None:
            return _words(404, "saw a path that no tile has; wanted /log/tile/<L>/<N>[.p/<W>] as in c2sp.org/tlog-tiles")
        return _answer(lambda: log.tile(asked), lambda content: Response(content, media_type=TILE, headers=KEPT))

    @router.post("/cosignature")
    async def cosignature(request: Request) -> Response:
        try:
            text = (await read_body(request, MAX_NOTE)).decode()
        except TooLarge:
            return _words(413, f"saw a note of more than {MAX_NOTE:,} bytes; wanted it smaller")
        except UnicodeDecodeError:
            return _words(400, "saw bytes that are no UTF-8; wanted a checkpoint with a cosignature under it")
        return await run_in_threadpool(_taken, log, text)

    return router


def _taken(log: PublishedLog, text: str) -> Response:
    try:
        problem = log.take_cosignature(text)
    except WorldError:
        return _unavailable()
    return _words(400, problem) if problem else _words(200, "taken")


def _answer(find: Callable[[], T | None], show: Callable[[T], Response]) -> Response:
    try:
        found = find()
    except WorldError:
        return _unavailable()
    return _words(404, "the newest signed head does not cover that") if found is None else show(found)


def _unavailable() -> Response:
    return _words(503, "the log cannot be read now", {"retry-after": "30"})


def _words(status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(f"{words}\n", status, headers={**FRESH, **(headers or {})}, media_type=WORDS)
