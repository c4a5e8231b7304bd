"""Where the pages of enrolment and signing are reached, and what their forms and the command line send."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from bot.handlers.identity.enrolment import Answer, begin_enrolment, enrol
from bot.handlers.identity.signing import Outcome, Slip, Taken, read_errand, take_assertion, take_bundle, take_login
from bot.handlers.identity.visits import Closed, find_visit
from bot.handlers.kit import Kit
from bot.ports.errors import WorldError
from bot.ports.identity import Visit
from bot.web.app import TooLarge, read_body
from bot.web.pages.caller import Caller, closed, is_secure, read_form, receive_form
from bot.web.pages.enrol import LABEL, show_enrolled
from bot.web.pages.passkey import ANSWER
from bot.web.pages.sign import show_outcome

MAX_BUNDLE = 1024 * 1024
STATEMENT = "application/vnd.in-toto+json"
BACK = "llmgate_back"
"""The cookie that says which errand to sign the person left to enrol a passkey first."""
Form = Annotated[dict[str, str], Depends(read_form)]
PLAIN = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}


def signing_routes(kit: Kit) -> APIRouter:
    """Everything below `/visit/TOKEN` of errands to enrol and to sign, but the pages that GET shows (`show_enrol`,
    `show_sign`) and the login step."""
    router = APIRouter()

    @router.post("/visit/{token}/passkey")
    def add_passkey(request: Request, token: str, form: Form) -> Response:
        return _add_passkey(kit, request, token, form)

    @router.post("/visit/{token}/enrol")
    def enrol_first(request: Request, token: str, form: Form) -> Response:
        caller = receive_form(kit, request, token, form, "sign")
        return caller if isinstance(caller, HTMLResponse) else _enrol_first(caller)

    @router.post("/visit/{token}/assertion")
    def assertion(request: Request, token: str, form: Form) -> Response:
        caller = receive_form(kit, request, token, form, "sign")
        return caller if isinstance(caller, HTMLResponse) else show_outcome(caller, _asserted(caller))

    @router.post("/visit/{token}/signed-in")
    def signed_in(request: Request, token: str, form: Form) -> Response:
        caller = receive_form(kit, request, token, form, "sign")
        return caller if isinstance(caller, HTMLResponse) else show_outcome(caller, _logged_in(caller))

    @router.get("/visit/{token}/statement")
    def statement(token: str) -> Response:
        visit = _open(kit, token)
        return _refused(visit) if isinstance(visit, Closed) else Response(visit.statement, 200, PLAIN, STATEMENT)

    @router.post("/visit/{token}/bundle")
    async def bundle(request: Request, token: str) -> Response:
        try:
            content = await read_body(request, MAX_BUNDLE)
        except TooLarge:
            words = f"Nothing was signed: saw a bundle of more than {MAX_BUNDLE:,} bytes; wanted a smaller one.\n"
            return Response(words, 413, PLAIN, "text/plain")
        return await run_in_threadpool(_take_bundle, kit, token, content)

    return router


def _open(kit: Kit, token: str) -> Visit | Closed:
    """The errand to sign behind this link, if the request it answers stands as it was."""
    visit = find_visit(kit, token, "sign")
    if isinstance(visit, Closed):
        return visit
    approval = read_errand(kit, visit)
    return approval if isinstance(approval, Closed) else visit


def _asserted(caller: Caller) -> Outcome:
    approval = read_errand(caller.kit, caller.visit)
    if isinstance(approval, Closed):
        return approval
    return take_assertion(caller.kit, caller.visit, caller.form.get(ANSWER, ""))


def _logged_in(caller: Caller) -> Outcome:
    approval = read_errand(caller.kit, caller.visit)
    if isinstance(approval, Closed):
        return approval
    if caller.signed_in is None:
        return Slip("saw nobody signed in in this browser; wanted a fresh sign-in; sign in first")
    try:
        return take_login(caller.kit, caller.visit, caller.signed_in)
    except WorldError as error:
        return Slip(f"{error}; nothing was signed; try again in a moment")


def _take_bundle(kit: Kit, token: str, content: bytes) -> Response:
    visit = _open(kit, token)
    if isinstance(visit, Closed):
        return _refused(visit)
    outcome = take_bundle(kit, visit, content)
    if isinstance(outcome, Closed):
        return _refused(outcome)
    if isinstance(outcome, Taken):
        return Response(f"Signed. The card of {outcome.change} shows it in a moment.\n", 200, PLAIN, "text/plain")
    return Response(f"Nothing was signed: {outcome.problem}.\n", 422, PLAIN, "text/plain")


def _refused(why: Closed) -> Response:
    return Response(f"{why.because} {why.cure}\n", 410, PLAIN, "text/plain")


def _enrol_first(caller: Caller) -> Response:
    """A new errand for the same person, and the way back in a cookie: the store keeps no token in clear."""
    person = next((one for one in caller.kit.people.people() if one.id == caller.visit.person), None)
    if person is None:
        return closed(Closed("Your chat account is tied to no forge account any more.", "Say `/llmgate link` in Slack."))
    answer = RedirectResponse(begin_enrolment(caller.kit, person, caller.visit.chat), 303, {"Cache-Control": "no-store"})
    answer.set_cookie(BACK, caller.token, max_age=600, path="/", secure=is_secure(caller.kit), httponly=True, samesite="lax")
    return answer


def _add_passkey(kit: Kit, request: Request, token: str, form: dict[str, str]) -> Response:
    caller = receive_form(kit, request, token, form, "enrol")
    if isinstance(caller, HTMLResponse):
        return caller
    sent = Answer(token, form.get(ANSWER, ""), form.get(LABEL, ""))
    try:
        outcome = enrol(kit, caller.visit, caller.signed_in, sent)
    except WorldError as error:
        outcome = Slip(f"{error}; no passkey was added; try again in a moment")
    back = request.cookies.get(BACK, "")
    waiting = find_visit(kit, back, "sign") if back else None
    onward = isinstance(waiting, Visit) and waiting.person == caller.visit.person
    return show_enrolled(caller, outcome, f"/visit/{back}" if onward else "")
