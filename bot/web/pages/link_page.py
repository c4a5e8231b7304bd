"""The page on which a person ties their chat account to their forge account: it names both, and asks.

Whoever is sent somebody else's link must see it here before anything else: in whose name it was begun comes first, and the way
out is as large as the way on.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from bot.core.forges import FORGES
from bot.core.ids import ForgeAccount
from bot.handlers.identity.linking import Proof, confirm_link, greet, proof_of
from bot.handlers.identity.visits import Closed
from bot.handlers.kit import Kit
from bot.ports.chat import ChatProfile
from bot.ports.errors import WorldError
from bot.web.pages.caller import Caller, closed, read_form, receive_form, trouble
from bot.web.pages.shell import Html, Page, facts, tag

Form = Annotated[dict[str, str], Depends(read_form)]
WARNING = (
    "If you did not come here from Slack yourself just now, by a word of llmgate's that only you could see, stop: "
    "somebody may have sent you their own link, and would then decide in your name."
)


def show_link(caller: Caller) -> HTMLResponse:
    """The choice of where to sign in; after that, both accounts and the question."""
    profile = greet(caller.kit, caller.visit)
    if isinstance(profile, Closed):
        return closed(profile, 403)
    if caller.signed_in is None:
        return _choice(caller, profile)
    proof = proof_of(caller.kit, caller.signed_in)
    return _choice(caller, profile, proof) if isinstance(proof, Closed) else _question(caller, profile, proof)


def link_router(kit: Kit) -> APIRouter:
    """What the page's buttons do."""
    router = APIRouter()

    @router.post("/visit/{token}/link")
    def confirm(token: str, request: Request, form: Form) -> Response:
        caller = receive_form(kit, request, token, form, "link")
        if not isinstance(caller, Caller):
            return caller
        try:
            return _confirmed(caller)
        except WorldError as error:
            return trouble(caller, error)

    @router.post("/visit/{token}/decline")
    def decline(token: str, request: Request, form: Form) -> Response:
        caller = receive_form(kit, request, token, form, "link")
        return _declined(caller) if isinstance(caller, Caller) else caller

    return router


def _choice(caller: Caller, profile: ChatProfile, problem: Closed | None = None) -> HTMLResponse:
    said: list[Html] = [tag("p", f"{problem.because} {problem.cure}", class_="bad", role="alert")] if problem else []
    said += [
        tag("p", "This was begun in Slack by:"),
        facts({"In Slack": _in_slack(profile)}),
        tag("p", WARNING, class_="bad"),
        tag("p", "If it is you, sign in to the account that you review with. llmgate learns who you are there, and no more."),
    ]
    for key, login in caller.kit.logins.items():
        if login.forge or caller.kit.settled.identity_claims:
            title = login.title if login.forge else "your organisation"
            said.append(caller.button("login", f"Sign in with {title}", "primary", provider=key).html())
    said.append(_way_out(caller))
    return caller.show(Page("Link your forge account", tuple(said)))


def _question(caller: Caller, profile: ChatProfile, proof: Proof) -> HTMLResponse:
    accounts = {
        f"On {FORGES[account.forge].name}{_at(account)}": f"{account.login} (id {account.id})" for account in proof.accounts
    }
    names = " and ".join(f"@{account.login}" for account in proof.accounts)
    said = [
        facts({"In Slack": _in_slack(profile), **accounts}),
        tag("p", f"From then on, what {profile.name} decides in Slack counts as decided by {names}."),
        tag("p", WARNING, class_="bad"),
        caller.button("link", "Yes, both are me: link them", "primary", accounts=_keys(proof)).html(),
        _way_out(caller),
    ]
    return caller.show(Page("Are both of these you?", tuple(said)))


def _confirmed(caller: Caller) -> HTMLResponse:
    if caller.signed_in is None:
        because = "Nobody has signed in for this link in this browser, so there is nothing to confirm."
        return closed(Closed(because, "Open the link again and sign in here."), 403)
    proof = proof_of(caller.kit, caller.signed_in)
    if isinstance(proof, Closed) or _keys(proof) != caller.form.get("accounts"):
        return show_link(caller)  # what was shown is not so any more: it is shown anew, and asked anew
    linked = confirm_link(caller.kit, caller.visit, proof)
    if isinstance(linked, Closed):
        return closed(linked, 409)
    names = " and ".join(f"{account.login} on {account.host}" for account in linked)
    said = [tag("p", f"Your Slack account is linked to {names}. Slack tells you so too, with a button to undo it.")]
    if caller.visit.request:
        said.append(tag("p", "What you wanted to review waits for you there."))
    said.append(
        tag("p", tag("a", "Back to Slack", href=f"slack://open?team={caller.visit.chat.team}", class_="button primary"))
    )
    return caller.show(Page("You are linked", tuple(said)))


def _declined(caller: Caller) -> HTMLResponse:
    with caller.kit.store.begin() as unit:
        unit.use_visit(caller.visit.token_sha256, caller.kit.clock.now())
        unit.commit()
    said = tag("p", "Nothing was linked, and the link is over. If somebody sent it to you, tell your security team who.")
    return caller.show(Page("Nothing was linked", (said,)))


def _way_out(caller: Caller) -> Html:
    return caller.button("decline", "This is not me", "danger").html()


def _in_slack(profile: ChatProfile) -> str:
    return f"{profile.name} ({profile.user.id}) in workspace {profile.user.team}"


def _at(account: ForgeAccount) -> str:
    return "" if account.host == f"{account.forge}.com" else f", {account.host}"


def _keys(proof: Proof) -> str:
    return " ".join(account.key for account in proof.accounts)
