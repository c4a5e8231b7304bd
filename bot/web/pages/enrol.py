"""The page of an errand to enrol a passkey: a fresh sign-in at the forge first, then a name, then the browser's dialogue."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from bot.handlers.identity.enrolment import LABEL_LIMIT, Enrolled, creation_options, places_to_sign_in, sign_in_problem
from bot.handlers.identity.signing import Slip
from bot.handlers.identity.visits import Closed
from bot.web.pages.caller import Caller, closed
from bot.web.pages.passkey import SCRIPT, ask_for_passkey, not_done, script_data, sentence
from bot.web.pages.shell import Html, Page, tag

LABEL = "label"
NO_PLACE = Closed(
    "Nobody can sign in here as you: a passkey is added behind a sign-in at the forge, and none is set up.",
    "Ask an admin to set `client_id` and `client_secret` of the forge in llmgate's settings.",
)
NO_PASSKEYS = Closed(
    "No passkey works at this gate's address: browsers want https and a name.",
    "Ask an admin to set `web.public_url` to an https address.",
)


def show_enrol(caller: Caller) -> HTMLResponse:
    """`GET /visit/TOKEN` of an errand to enrol."""
    options = creation_options(caller.kit, caller.visit, caller.token)
    if not options:
        return closed(NO_PASSKEYS)
    problem = sign_in_problem(caller.kit, caller.visit, caller.signed_in) if caller.signed_in else ""
    if caller.signed_in is None or problem:
        return _ask_to_sign_in(caller, problem)
    fields = (
        tag("label", "What do you call this device or key?", for_="label"),
        tag("input", type="text", id="label", name=LABEL, maxlength=str(LABEL_LIMIT), placeholder="work laptop"),
    )
    body = (
        tag(
            "p",
            f"You are signed in as {caller.signed_in.login}. From now on, whoever holds this passkey signs approvals as you.",
        ),
        tag("p", "The browser asks you to prove yourself to it: a finger, a face, or a PIN.", class_="soft"),
        *ask_for_passkey(caller, "passkey", "Add a passkey", *fields),
    )
    page = Page("Add a passkey", body, script=SCRIPT, data=script_data("create", options))
    return caller.show(page)


def _ask_to_sign_in(caller: Caller, problem: str) -> HTMLResponse:
    places = places_to_sign_in(caller.kit, caller.visit)
    if not places:
        return closed(NO_PLACE)
    told: tuple[Html, ...] = (tag("p", sentence(problem), class_="bad", role="alert"),) if problem else ()
    body = (
        tag(
            "p", f"This adds a passkey for {caller.visit.person}. First sign in at the forge, afresh, so that nobody else can."
        ),
        *told,
        *(caller.button("login", f"Sign in with {one.title}", "primary", provider=one.key).html() for one in places),
        tag("p", "If you did not ask for this, close the page.", class_="soft"),
    )
    return caller.show(Page("Add a passkey", body))


def show_enrolled(caller: Caller, outcome: Enrolled | Slip | Closed, back: str) -> HTMLResponse:
    """`back`: where the person was on the way to, empty where they came from the chat."""
    if isinstance(outcome, Closed):
        return closed(outcome)
    if isinstance(outcome, Slip):
        return caller.show(not_done(caller, "No passkey was added", outcome))
    onward = (
        tag("p", tag("a", "Back, to sign", href=back, class_="button primary"))
        if back
        else tag("p", "You can close this page; press the button on a card to sign with it.")
    )
    body = (tag("p", f"“{outcome.label}” is yours now. Slack tells you so, in private.", role="status"), onward)
    return caller.show(Page("Passkey added", body))
