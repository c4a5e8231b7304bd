"""The sandbox's page: one ASGI app that shows the Slack and the forge stand-in side by side and lets a person act in both.

The server draws every part; the browser swaps the parts that changed and sends what is pressed and typed. Nothing is
loaded from elsewhere, and a content policy forbids it, since titles and comments are other people's texts.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.core.forges import FORGES
from integrations.sandbox.page import change_pane, panes
from integrations.sandbox.page.acts import Acts
from integrations.sandbox.page.forge_view import ForgeView
from integrations.sandbox.page.guide import Guide, steps_html
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.slack.refusal import Json

HERE = Path(__file__).parent
LOOK_EVERY_S = 0.15
HOLD_S = 2.0


class SandboxPage:
    """An ASGI app. `Served(SandboxPage(slack, forge))` puts it on a port."""

    def __init__(self, slack: FakeSlack, forge: ForgeView, guide: Guide | None = None) -> None:
        self._slack = slack
        self._guide = guide or Guide()
        self._forge = forge
        self._acts = Acts(slack, forge)
        self._style = (HERE / "page.css").read_text()
        self._script = (HERE / "page.js").read_text()
        self._shell = (HERE / "page.html").read_text()
        self._app = Starlette(
            routes=[
                Route("/", self._index),
                Route("/state", self._state),
                Route("/act", self._act, methods=["POST"]),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def parts(self, asked: dict[str, str]) -> dict[str, str]:
        """Every part of the page as HTML, by the id of its place."""
        with self._slack.workspace.lock:
            at = panes.glance(self._slack, asked)
            drawn: dict[str, Callable[[FakeSlack, panes.Glance], str]] = {
                "people": partial(panes.people_html, self._guide),
                "channels": panes.channels_html,
                "heading": panes.heading_html,
                "stream": panes.stream_html,
                "thread": panes.thread_html,
                "dialog": panes.dialog_part,
            }
            found = {name: draw(self._slack, at) for name, draw in drawn.items()}
        return {**found, "change": change_pane.change_html(self._forge, at)}

    async def _index(self, request: Request) -> Response:
        asked = dict(request.query_params)
        with self._slack.workspace.lock:
            at = panes.glance(self._slack, asked)
        parts = await run_in_threadpool(self.parts, asked)
        nonce = secrets.token_urlsafe(12)
        looks = " ".join(name for name, on in (("has-thread", at.thread), ("is-home", at.place == panes.HOME)) if on)
        ways = FORGES[self._forge.forge]
        filled = {
            **parts,
            "what": ways.change.capitalize(),
            "forge": ways.name,
            "nonce": nonce,
            "style": self._style,
            "script": self._script,
            "looks": looks,
            "steps": steps_html(self._guide),
            "seen": escape(json.dumps({"user": at.user, "place": at.place, "thread": at.thread, "etag": _etag(parts)})),
            "close-thread": at.link(thread=""),
        }
        html = self._shell
        pieces = html.split("{{")
        html = pieces[0] + "".join(_filled(piece, filled) for piece in pieces[1:])
        return HTMLResponse(html, headers=_policy(nonce))

    async def _state(self, request: Request) -> Response:
        """The parts as soon as they differ from those with `since`, or after a moment without them."""
        asked = dict(request.query_params)
        since = asked.pop("since", "")
        for _ in range(int(HOLD_S / LOOK_EVERY_S)):
            parts = await run_in_threadpool(self.parts, asked)
            etag = _etag(parts)
            if etag != since:
                return JSONResponse({"etag": etag, "parts": parts}, headers={"Cache-Control": "no-store"})
            try:
                await asyncio.sleep(LOOK_EVERY_S)
            except asyncio.CancelledError:  # the server ends: a page that still looks is no fault to report
                break
            if await request.is_disconnected():
                break
        return Response(status_code=204)

    async def _act(self, request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("application/json"):
            return JSONResponse({"said": "saw no JSON; send application/json"}, status_code=415)
        try:
            body = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"said": "the body is not JSON"}, status_code=400)
        if not isinstance(body, dict):
            return JSONResponse({"said": "the body must be an object"}, status_code=400)
        answer: Json = await run_in_threadpool(self._acts.perform, body)
        return JSONResponse(answer, status_code=400 if answer.get("refused") else 200)


def _filled(piece: str, values: dict[str, str]) -> str:
    """One piece of the shell after a `{{`: the value named before `}}`, then the rest. Values are never searched again."""
    name, _, rest = piece.partition("}}")
    return values[name] + rest


def _etag(parts: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _policy(nonce: str) -> dict[str, str]:
    sources = f"default-src 'none'; connect-src 'self'; img-src data:; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'"
    return {
        "Content-Security-Policy": f"{sources}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
