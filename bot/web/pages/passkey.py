"""The step of a page at which the browser asks for a passkey: one button, one script, one form that carries the answer."""

from __future__ import annotations

import json
from pathlib import Path

from bot.handlers.identity.logins import form_word
from bot.handlers.identity.signing import Slip
from bot.web.pages.caller import WORD, Caller
from bot.web.pages.shell import Html, Page, tag

SCRIPT = (Path(__file__).parent / "passkey.js").read_text()
ANSWER = "answer"
"""The field of the form that the browser's answer comes back in, as JSON."""


def said() -> Html:
    """Where the script says how it goes, also to who cannot see it."""
    return tag("p", id="said", role="status", aria_live="polite")


def ask_for_passkey(caller: Caller, step: str, label: str, *fields: Html) -> tuple[Html, ...]:
    """The button, asleep until the script wakes it; the form goes to `/visit/TOKEN/STEP`."""
    form = tag(
        "form",
        *fields,
        tag("input", type="hidden", name=WORD, value=form_word(caller.cookie)),
        tag("input", type="hidden", name=ANSWER, value=""),
        id="answer",
        method="post",
        action=f"{caller.path}/{step}",
    )
    button = tag("button", label, type="button", id="use-passkey", class_="primary", disabled="")
    without = "This step needs JavaScript: browsers lend passkeys to scripts alone."
    return (form, button, said(), tag("noscript", tag("p", without, class_="bad")))


def script_data(ceremony: str, options: str, statement: bytes = b"") -> dict[str, object]:
    """What the script is handed: `create` or `get`, the options, and for a signature the very text that is signed."""
    return {"ceremony": ceremony, "options": json.loads(options), "statement": statement.decode("utf-8", "replace")}


def sentence(problem: str) -> str:
    """A refusal, which begins small and has no end, as a sentence of its own."""
    return f"{problem[:1].upper()}{problem[1:]}".rstrip(".") + "."


def not_done(caller: Caller, title: str, slip: Slip) -> Page:
    """Nothing happened, and the link still serves."""
    again = tag("p", tag("a", "Back, to try again", href=caller.path, class_="button primary"))
    return Page(title, (tag("p", sentence(slip.problem), class_="bad", role="alert"), again), 422)
