"""What anybody may ask of the log over HTTP: the paths, the answers, and how much a stranger can send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import httpx
import pytest
from fastapi import FastAPI

from bot.core.tlog.tiles import Tile, TilePath
from bot.ports.errors import Unavailable
from bot.web.log_pages import MAX_NOTE, PublishedLog, log_pages
from integrations.sandbox.serve import Served

T = TypeVar("T")


class Shelf:
    """A log of one full tile and a partial one. `down`: its database does not answer."""

    down = False

    def __init__(self) -> None:
        self.taken: list[str] = []

    def checkpoint(self) -> str | None:
        return self._answer("log\n300\nroot\n\n— log sig\n")

    def tile(self, asked: TilePath) -> bytes | None:
        return self._answer(b"hashes") if asked in (TilePath(Tile(0, 0)), TilePath(Tile(0, 1), 44)) else None

    def take(self, text: str) -> str:
        self.taken.append(text)
        return self._answer("" if text == "good" else "saw nothing good")

    def _answer(self, value: T) -> T:
        if self.down:
            raise Unavailable("saw a secret place; wanted the database")
        return value


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def url(shelf: Shelf) -> Iterator[str]:
    app = FastAPI()
    app.include_router(log_pages(PublishedLog(shelf.checkpoint, shelf.tile, shelf.take)))
    served = Served(app)
    yield f"{served.url}/log"
    served.close()


def get(url: str, method: str = "GET") -> httpx.Response:
    return httpx.request(method, url, trust_env=False)


def post(url: str, content: bytes) -> httpx.Response:
    return httpx.post(f"{url}/cosignature", content=content, trust_env=False)


def test_full_and_partial_tiles_are_kept_for_ever_and_the_head_is_not(url: str) -> None:
    for path in ("tile/0/000", "tile/0/001.p/44"):
        assert "immutable" in get(f"{url}/{path}").headers["cache-control"]
    assert get(f"{url}/checkpoint").headers["cache-control"] == "no-cache"
    assert get(f"{url}/tile/0/002").headers["cache-control"] == "no-cache", "what is not there yet may be there soon"


def test_the_head_of_each_page_can_be_asked_for_alone(url: str) -> None:
    assert get(f"{url}/tile/0/000", "HEAD").status_code == get(f"{url}/checkpoint", "HEAD").status_code == 200


@pytest.mark.parametrize("path", ["tile/0/000/", "tile/0/0", "tile/../checkpoint/x", "tile/0/000.p/256", "tile/64/000"])
def test_another_spelling_is_no_path(url: str, path: str) -> None:
    assert get(f"{url}/{path}").status_code == 404


def test_a_database_that_does_not_answer_is_said_without_its_words(url: str, shelf: Shelf) -> None:
    shelf.down = True
    for answer in (get(f"{url}/checkpoint"), get(f"{url}/tile/0/000"), post(url, b"good")):
        assert answer.status_code == 503
        assert "secret place" not in answer.text


def test_a_cosignature_is_taken_or_refused_with_its_reason(url: str, shelf: Shelf) -> None:
    assert (post(url, b"good").status_code, post(url, b"bad").status_code) == (200, 400)
    assert post(url, b"bad").text == "saw nothing good\n"


def test_what_is_too_long_or_no_text_is_refused_unread(url: str, shelf: Shelf) -> None:
    assert post(url, b"x" * (MAX_NOTE + 1)).status_code == 413
    assert post(url, b"\xff").status_code == 400
    assert shelf.taken == []
