"""A log somewhere else, read over HTTP as its static files (C2SP tlog-tiles). Nothing that it says is believed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx

from bot.core.tlog.note import MAX_BYTES
from bot.core.tlog.tiles import HEIGHT, TILE_WIDTH, Tile, tile_path
from bot.core.tlog.tree import HASH
from bot.ports.errors import Refused, Unavailable, WorldError
from bot.ports.failures import by_status

TIMEOUT_S = 20.0
MAX_TILE = TILE_WIDTH * HASH


class RemoteLog:
    """`url` is the prefix under which `checkpoint` and `tile/…` are served, as in https://gate.example/log."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._client = httpx.Client(timeout=TIMEOUT_S)

    def __enter__(self) -> RemoteLog:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def checkpoint(self) -> str:
        """The newest head as a note, unverified. Raises WorldError."""
        content = self._get("checkpoint", MAX_BYTES)
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise Refused(f"saw bytes that are no UTF-8 at {self._url}/checkpoint; wanted a signed note") from None

    def tiles_of(self, size: int, wanted: Sequence[Tile]) -> Mapping[Tile, bytes]:
        """Tiles as a tree of that size has them; one that the log does not serve as wide raises WorldError."""
        return {tile: self._tile(size, tile) for tile in wanted}

    def post_cosignature(self, note: str) -> None:
        """Give the log a checkpoint of its own under a witness's signature. Raises Refused where it does not take it."""
        answer = self._asked("POST", "cosignature", note.encode())
        if answer.status_code != 200:
            raise self._refused("cosignature", answer)

    def _tile(self, size: int, tile: Tile) -> bytes:
        width = min(TILE_WIDTH, (size >> HEIGHT * tile.level) - tile.index * TILE_WIDTH)
        path = tile_path(tile, width)
        content = self._get(path, MAX_TILE)
        if len(content) != width * HASH:
            raise Refused(f"saw {len(content):,} bytes at {self._url}/{path}; wanted {width * HASH:,}")
        return content

    def _get(self, path: str, limit: int) -> bytes:
        answer = self._asked("GET", path)
        if answer.status_code != 200:
            raise self._refused(path, answer)
        if len(answer.content) > limit:
            raise Refused(f"saw {len(answer.content):,} bytes at {self._url}/{path}; wanted at most {limit:,}")
        return answer.content

    def _asked(self, method: str, path: str, content: bytes | None = None) -> httpx.Response:
        try:
            return self._client.request(method, f"{self._url}/{path}", content=content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            saw = str(error) or type(error).__name__
            raise Unavailable(f"saw no answer from {self._url}/{path}: {saw}; wanted a log there") from None

    def _refused(self, path: str, answer: httpx.Response) -> WorldError:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        said = " ".join(answer.text[:200].split())
        return by_status(f"saw {answer.status_code} ({said}) at {self._url}/{path}", answer.status_code, headers)
