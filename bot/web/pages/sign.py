"""The page of an errand to sign: the statement in words and in bytes, and the one step that the policy asks for.

The words are read out of the bytes that are signed, on this request; nothing else that the gate knows is shown beside them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi.responses import HTMLResponse

from bot.core.approval import Approval, Strength
from bot.core.messages.statement_words import bytes_words, hides, statement_rows
from bot.core.proof import challenge_of
from bot.handlers.identity.enrolment import places_to_sign_in
from bot.handlers.identity.signing import Outcome, Slip, Taken, keys_of, login_age_of, login_refusal, read_errand
from bot.handlers.identity.visits import Closed
from bot.ports.identity import Visit
from bot.ports.login import LoginProvider
from bot.ports.trust import Passkeys
from bot.web.pages.caller import Caller, closed
from bot.web.pages.passkey import SCRIPT, ask_for_passkey, not_done, said, script_data, sentence
from bot.web.pages.shell import Html, Page, joined, tag

LEAD = "This is what your signature will say, for ever and to anybody. Read it; sign only what you decided."
UNREADABLE = "Characters that cannot be seen are written as \\u…; the bytes below, opened or copied, are the exact ones."


def show_sign(caller: Caller) -> HTMLResponse:
    """`GET /visit/TOKEN` of an errand to sign."""
    approval = read_errand(caller.kit, caller.visit)
    if isinstance(approval, Closed):
        return closed(approval)
    statement = caller.visit.statement
    step = _STEPS[approval.strength](caller, approval)
    notice = (tag("p", sentence(step.problem), class_="bad", role="alert"),) if step.problem else ()
    onward = tag("p", tag("a", "On to the signature", href="#step"))
    here = tag("section", *step.parts, id="step", aria_label="Signature")
    body = (tag("p", LEAD), *notice, onward, words(statement), here, *the_bytes(caller, statement))
    return caller.show(Page(f"Approve {approval.change}", body, script=SCRIPT, data=step.data))


def words(statement: bytes) -> Html:
    rows = (joined(tag("dt", name), *(tag("dd", line) for line in lines)) for name, lines in statement_rows(statement))
    return tag("dl", *rows)


def the_bytes(caller: Caller, statement: bytes) -> tuple[Html, ...]:
    """The canonical JSON to read, its digest, and two ways to have it to the letter."""
    note = (tag("p", UNREADABLE, class_="soft"),) if hides(statement) else ()
    return (
        tag("h2", "The very bytes"),
        tag("pre", bytes_words(statement), tabindex="0", role="region", aria_label="The statement as JSON"),
        *note,
        tag("p", f"{len(statement):,} bytes, SHA-256:", tag("br"), tag("code", hashlib.sha256(statement).hexdigest())),
        tag("button", "Copy the bytes", type="button", id="copy", aria_live="polite"),
        tag("p", tag("a", "Open the bytes as they are", href=f"{caller.path}/statement")),
    )


def show_outcome(caller: Caller, outcome: Outcome) -> HTMLResponse:
    """What a step came to."""
    if isinstance(outcome, Taken):
        said_so = f"Your approval is on its way: the card of {outcome.change} shows it in a moment."
        return caller.show(Page("Signed", (tag("p", said_so, role="status"), tag("p", "You can close this page."))))
    if isinstance(outcome, Slip):
        return caller.show(not_done(caller, "Not signed", outcome))
    return closed(outcome)


@dataclass(frozen=True, slots=True)
class Step:
    """What stands between words and bytes, what the script is handed, and what was wrong with the last try, if anything."""

    parts: tuple[Html, ...]
    data: object
    problem: str = ""


def _with_passkey(caller: Caller, _approval: Approval) -> Step:
    passkeys, keys = caller.kit.trust.passkeys, keys_of(caller.kit, caller.visit)
    if passkeys is None:
        problem = "No passkey works at this gate's address: ask an admin to set `web.public_url` to an https address."
        return Step((tag("p", problem, class_="bad"), said()), _plain(caller.visit))
    if not keys:
        why = "You have no passkey here yet. Add one first: it takes a sign-in at the forge. Then come back here."
        parts = (tag("p", why), caller.button("enrol", "Add a passkey first", "primary").html(), said())
        return Step(parts, _plain(caller.visit))
    data = _request(caller.visit, passkeys, [key.id for key in keys])
    return Step(ask_for_passkey(caller, "assertion", "Sign with passkey"), data)


def _request(visit: Visit, passkeys: Passkeys, credentials: list[str]) -> object:
    options = passkeys.request_options(credentials, challenge_of(visit.statement))
    return script_data("get", options, visit.statement)


def _with_login(caller: Caller, _approval: Approval) -> Step:
    minutes = int(login_age_of(caller.visit).total_seconds() // 60)
    ask = tag("p", f"The policy wants a sign-in of at most {minutes} minutes ago behind this approval.")
    problem = login_refusal(caller.kit, caller.visit, caller.signed_in) if caller.signed_in else ""
    if caller.signed_in and not problem:
        who = f"Signed in as {caller.signed_in.login} at {caller.signed_in.at:%H:%M} UTC."
        return Step((tag("p", who), caller.button("signed-in", "Approve", "primary").html(), said()), _plain(caller.visit))
    places = [*places_to_sign_in(caller.kit, caller.visit), *(one for one in caller.kit.logins.values() if one.forge is None)]
    buttons = [_sign_in_button(caller, one) for one in places]
    return Step((ask, *buttons, said()), _plain(caller.visit), problem)


def _sign_in_button(caller: Caller, login: LoginProvider) -> Html:
    title = login.title if login.forge else "your organisation"
    return caller.button("login", f"Sign in with {title}", "primary", provider=login.key).html()


def _with_identity(caller: Caller, approval: Approval) -> Step:
    issuer, identity = approval.identity or ("", "")
    url = f"{caller.kit.settled.public_url.rstrip('/')}{caller.path}"
    command = f"llmgate approve '{approval.change}' --keyless --link {url}"
    lines = (
        tag("p", f"Sign on your own machine as {identity}, as {issuer} knows you:"),
        tag("pre", command, tabindex="0", role="region", aria_label="The command to run"),
        tag("p", "It shows this statement once more, has you sign in there, and sends the signature here.", class_="soft"),
    )
    return Step((*lines, said()), _plain(caller.visit))


def _witnessed(caller: Caller, _approval: Approval) -> Step:
    problem = "This statement asks for no signature of yours: its record is made without this page."
    return Step((tag("p", problem, class_="bad"), said()), _plain(caller.visit))


def _plain(visit: Visit) -> object:
    return {"statement": visit.statement.decode("utf-8", "replace")}


_STEPS: Mapping[Strength, Callable[[Caller, Approval], Step]] = {
    "witnessed": _witnessed,
    "reauthenticated": _with_login,
    "passkey": _with_passkey,
    "keyless": _with_identity,
}
