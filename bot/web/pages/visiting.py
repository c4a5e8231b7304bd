"""The addresses of every errand: its page by its kind, and the way to a sign-in and back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.handlers.identity.logins import CALLBACK, begin_login, complete_login, give_up_login, token_of
from bot.handlers.identity.visits import Closed
from bot.handlers.kit import Kit
from bot.ports.errors import WorldError
from bot.web.pages.caller import Caller, VisitPages, back_to, carried, closed, read_form, receive, receive_form, trouble
from bot.web.pages.shell import Page, tag

Form = Annotated[dict[str, str], Depends(read_form)]
SAID_LIMIT = 60


def visit_router(kit: Kit, pages: VisitPages) -> APIRouter:
    """`GET /visit/TOKEN`, `POST /visit/TOKEN/login` and the address that providers send browsers back to."""
    router = APIRouter()

    @router.get("/visit/{token}")
    def visit(token: str, request: Request) -> Response:
        caller = receive(kit, request, token)
        if not isinstance(caller, Caller):
            return caller
        page = pages.get(caller.visit.kind)
        if page is None:
            return closed(Closed("This gate has no page for that errand.", "Ask an admin which version runs here."), 404)
        try:
            return page(caller)
        except WorldError as error:
            return trouble(caller, error)

    @router.post("/visit/{token}/login")
    def login(token: str, request: Request, form: Form) -> Response:
        caller = receive_form(kit, request, token, form)
        return _go_to_provider(caller) if isinstance(caller, Caller) else caller

    @router.get(CALLBACK)
    def callback(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
        cookie = carried(kit, request)
        if error or not code:
            return _came_back_without(kit, give_up_login(kit, state, cookie), cookie, error)
        done = complete_login(kit, state, code, cookie)
        return closed(done, 403) if isinstance(done, Closed) else back_to(kit, token_of(cookie))

    return router


def _go_to_provider(caller: Caller) -> HTMLResponse:
    """A page that leads on by itself: were it a redirect, the pages' own policy would have to let forms lead anywhere."""
    try:
        url = begin_login(caller.kit, caller.visit, caller.form.get("provider", ""), True, caller.cookie)
    except WorldError as error:
        return trouble(caller, error)
    if isinstance(url, Closed):
        return closed(url)
    way = tag("p", tag("a", "Go on to sign in", href=url, class_="button primary"))
    return caller.show(Page("One moment", (tag("p", "You are being taken to where you sign in."), way), onward=url))


def _came_back_without(kit: Kit, visit: object, cookie: str, error: str) -> HTMLResponse | RedirectResponse:
    if isinstance(visit, Closed):
        return closed(visit, 403)
    if error in ("access_denied", ""):
        return back_to(kit, token_of(cookie))
    because = f"The sign-in was not completed: saw {error[:SAID_LIMIT]!r} from where you were to sign in."
    return closed(Closed(because, "Open the link again, and choose again."), 403)
