"""The page on which a person chooses whom to sign in as, for providers that are played: one button each, and Cancel."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from starlette.responses import HTMLResponse, RedirectResponse, Response

from integrations.sandbox.oauth.application import parameters

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
CANCEL = "cancel"


def choosing(title: str, query: str, people: Iterable[tuple[str, str]]) -> Response:
    """A form a person; `people` are (what is posted as `as`, what the button says). The request travels along as `request`."""
    buttons = "".join(
        f'<p><button type="submit" name="as" value="{escape(value)}">Sign in as {escape(said)}</button></p>'
        for value, said in people
    )
    body = (
        f"<h1>Sign in to {escape(title)}</h1>"
        "<p>llmgate wants to know who you are. This is a stand-in: it asks for no password.</p>"
        f'<form method="post"><input type="hidden" name="request" value="{escape(query)}">{buttons}'
        f'<p><button type="submit" name="{CANCEL}" value="1">Cancel</button></p></form>'
    )
    return _page(f"Sign in to {title}", body, 200)


def refused(title: str, sentence: str, status: int) -> Response:
    """What a person sees where the provider sends the browser nowhere."""
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(sentence)}</p>", status)


def gone_on(url: str) -> Response:
    """A redirect after a form: the browser asks for the address with GET."""
    return RedirectResponse(url, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def chosen(body: bytes) -> tuple[str, str | None]:
    """The request's query and who was chosen; None for Cancel."""
    form = parameters(body.decode("utf-8", "replace"))
    return form.get("request", ""), None if CANCEL in form else form.get("as", "")


def _page(title: str, body: str, status: int) -> Response:
    shell = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    return HTMLResponse(f"{shell}<body><main>{body}</main></body></html>", status, HEADERS)
