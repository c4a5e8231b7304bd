"""A browser at the page of an errand: which errand it is, what the browser carries, and who signed in in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.handlers.identity.logins import browser_cookie, cookie_name, form_word, is_form_word, signed_in
from bot.handlers.identity.visits import Closed, find_visit
from bot.handlers.kit import Kit
from bot.ports.errors import WorldError
from bot.ports.identity import Visit, VisitKind
from bot.ports.login import SignedIn
from bot.web.app import TooLarge, read_body
from bot.web.pages.shell import Button, Page, show, tag

FORM_LIMIT = 64 * 1024
WORD = "word"
"""The field of every form that says that it is a form of ours, in this browser."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is at the page. `signed_in` is who completed a sign-in for this errand in this very browser."""

    kit: Kit
    token: str
    visit: Visit
    cookie: str
    signed_in: SignedIn | None = None
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/visit/{self.token}"

    def button(self, step: str, label: str, style: str = "", **fields: str) -> Button:
        """A form that leads to `/visit/TOKEN/STEP`."""
        return Button(f"{self.path}/{step}", label, {WORD: form_word(self.cookie), **fields}, style)

    def show(self, page: Page) -> HTMLResponse:
        return show(page, self.cookie, is_secure(self.kit))


VisitPages = Mapping[VisitKind, Callable[[Caller], HTMLResponse]]
"""What `GET /visit/TOKEN` shows, by the kind of the errand."""


def receive(kit: Kit, request: Request, token: str, kind: VisitKind | None = None) -> Caller | HTMLResponse:
    """The caller of a page that only shows; a page that says why not, where the link leads nowhere any more."""
    visit = find_visit(kit, token, kind)
    if isinstance(visit, Closed):
        return closed(visit)
    cookie = browser_cookie(token, carried(kit, request))
    return Caller(kit, token, visit, cookie, signed_in(kit, visit, cookie))


def receive_form(
    kit: Kit, request: Request, token: str, form: Mapping[str, str], kind: VisitKind | None = None
) -> Caller | HTMLResponse:
    """The caller of a page that does something: it must come from a form of ours in the browser that it was shown in."""
    visit = find_visit(kit, token, kind)
    if isinstance(visit, Closed):
        return closed(visit)
    cookie = carried(kit, request)
    if browser_cookie(token, cookie) != cookie or not is_form_word(cookie, form.get(WORD, "")):
        because = "This press did not come from the gate's own page in this browser, so nothing was done."
        return closed(Closed(because, "Open the link again; the browser has to take the gate's cookie."), 403)
    return Caller(kit, token, visit, cookie, signed_in(kit, visit, cookie), form)


def carried(kit: Kit, request: Request) -> str:
    """What this browser carries; nothing where it was at no errand yet."""
    return request.cookies.get(cookie_name(is_secure(kit)), "")


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, as a dependency of a route. Too large a one reads as empty, and is then no form of ours."""
    try:
        body = await read_body(request, FORM_LIMIT)
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=64))
    except (TooLarge, ValueError):
        return {}


def closed(why: Closed, status: int = 410) -> HTMLResponse:
    """A page that leads nowhere: what was seen, and what to do."""
    return show(Page("This leads nowhere", (tag("p", why.because, class_="bad"), tag("p", why.cure)), status))


def trouble(caller: Caller, error: WorldError) -> HTMLResponse:
    """What is outside the gate did not answer, or refused: nothing happened, and the errand goes on."""
    again = tag("p", tag("a", "Try again", href=caller.path, class_="button"))
    return caller.show(Page("That did not work", (tag("p", f"{error}.", class_="bad"), again), 503))


def back_to(kit: Kit, token: str) -> RedirectResponse:
    """After a deed: the browser asks for the errand's page with GET."""
    return RedirectResponse(f"{kit.settled.public_url.rstrip('/')}/visit/{token}", 303, {"Cache-Control": "no-store"})


def is_secure(kit: Kit) -> bool:
    return kit.settled.public_url.startswith("https:")
