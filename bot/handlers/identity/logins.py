"""The login step of an errand: to a forge or an identity provider and back, for linking, enrolment and signing alike.

A sign-in counts for one errand, once, in the browser that began it. The browser carries a cookie, `TOKEN.SECRET`: the token
says which errand it is at, and the secret was given to this browser alone. Whoever merely has the errand's link, its sender
among them, has another secret: they can neither take over a sign-in that somebody else completed nor have somebody else
complete theirs.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace

from bot.handlers.identity.visits import AGAIN, Closed, token_id
from bot.handlers.kit import Kit
from bot.ports.errors import Refused, WorldError
from bot.ports.identity import Visit
from bot.ports.login import SignedIn

CALLBACK = "/login/callback"
STEP = ("oauth", "provider", "nonce", "verifier", "browser")
"""What the errand remembers of a sign-in that is under way."""
ASIDE = "signed_in"
"""What it remembers of one that is complete: a `SignedIn` as JSON, in which there is no token."""


def cookie_name(secure: bool) -> str:
    """What the cookie is called. Behind `__Host-` browsers take it from this very host alone, and over https: a neighbour under
    the same domain cannot plant one whose secret it knows (RFC 6265bis, 4.1.3.2)."""
    return "__Host-llmgate_visit" if secure else "llmgate_visit"


def browser_cookie(token: str, carried: str) -> str:
    """What a browser at this errand carries: what it has, if that is for this errand, else with a new secret."""
    held, _, secret = carried.rpartition(".")
    return carried if held == token and len(secret) >= 43 else f"{token}.{secrets.token_urlsafe(32)}"


def token_of(cookie: str) -> str:
    """The token of the errand that this browser is at."""
    return cookie.rpartition(".")[0]


def form_word(cookie: str) -> str:
    """What every form of this browser's pages sends along: a page of another site cannot know it (CSRF)."""
    return _digest(f"form:{cookie}")


def is_form_word(cookie: str, word: str) -> bool:
    return bool(cookie) and hmac.compare_digest(form_word(cookie).encode(), word.encode())


def begin_login(kit: Kit, visit: Visit, provider: str, fresh: bool, cookie: str) -> str | Closed:
    """Where to send the browser that carries `cookie`. What an earlier sign-in of this errand proved is forgotten.

    `fresh`: the person shall prove themselves again, as far as the provider can be asked. Raises WorldError where the provider
    does not answer, or is none of those configured.
    """
    login = kit.logins.get(provider)
    if login is None:
        known = ", ".join(kit.logins) or "none"
        raise Refused(f"saw a sign-in at {provider[:60]!r}; wanted one that is set up here ({known})")
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    url = login.authorize_url(state, nonce, verifier, redirect_uri(kit), fresh)
    step = {"oauth": state, "provider": provider, "nonce": nonce, "verifier": verifier, "browser": _digest(cookie)}
    if not _note(kit, visit, {**_without_step(visit.state), **step}):
        return Closed("This link was used already: it works once.", AGAIN[visit.kind])
    return url


def complete_login(kit: Kit, state: str, code: str, cookie: str) -> tuple[Visit, SignedIn] | Closed:
    """The browser came back: exchange the code, once, and remember who signed in.

    Closed, with the reason, where the state belongs to no errand that is under way, where this is not the browser that began
    it, and where the provider refuses or does not answer; the errand itself goes on then.
    """
    visit = _under_way(kit, state, cookie)
    if isinstance(visit, Closed):
        return visit
    step, kept = visit.state, _without_step(visit.state)
    if not _note(kit, visit, kept):  # before the exchange: a state that comes twice finds nothing
        return Closed("This link was used already: it works once.", AGAIN[visit.kind])
    provider = kit.logins.get(step["provider"])
    if provider is None:
        return Closed(f"Saw a sign-in at {step['provider']}, which is not set up any more.", AGAIN[visit.kind])
    try:
        found = provider.complete(code, step["nonce"], step["verifier"], redirect_uri(kit), kit.clock.now())
    except WorldError as error:
        return Closed(f"The sign-in was not completed: {error}.", "Go back to the page of the link and choose again.")
    kept = {**kept, ASIDE: kit.codec.dump(found).decode(), "provider": step["provider"], "browser": step["browser"]}
    if not _note(kit, visit, kept):
        return Closed("This link was used already: it works once.", AGAIN[visit.kind])
    return replace(visit, state=kept), found


def give_up_login(kit: Kit, state: str, cookie: str) -> Visit | Closed:
    """The person pressed Cancel at the provider: the errand is as it was before."""
    visit = _under_way(kit, state, cookie)
    if isinstance(visit, Visit):
        _note(kit, visit, _without_step(visit.state))
    return visit


def signed_in(kit: Kit, visit: Visit, cookie: str) -> SignedIn | None:
    """Who signed in for this errand in this very browser; None where nobody did, or somebody in another one."""
    content = visit.state.get(ASIDE)
    if content is None or not _is_browser(visit, cookie):
        return None
    return kit.codec.load(SignedIn, content.encode())


def redirect_uri(kit: Kit) -> str:
    """Where providers send browsers back to: to be registered there, to the letter."""
    return f"{kit.settled.public_url.rstrip('/')}{CALLBACK}"


def _under_way(kit: Kit, state: str, cookie: str) -> Visit | Closed:
    with kit.store.look() as unit:
        visit = unit.visit_by_state(state) if state else None
    if visit is None:
        return Closed(
            "This sign-in leads nowhere: it was completed already, or none of it was begun here.", "Start from Slack."
        )
    if visit.used_at is not None or kit.clock.now() >= visit.expires_at:
        return Closed(f"The link behind this sign-in is over since {visit.expires_at:%H:%M} UTC or before.", AGAIN[visit.kind])
    if not _is_browser(visit, cookie):
        because = "This sign-in was begun in another browser, or with another link, so it proves nothing about you."
        return Closed(because, f"If it was you: open the link and sign in in one browser. {AGAIN[visit.kind]}")
    return visit


def _is_browser(visit: Visit, cookie: str) -> bool:
    if token_id(token_of(cookie)) != visit.token_sha256:
        return False
    return hmac.compare_digest(visit.state.get("browser", "").encode(), _digest(cookie).encode())


def _without_step(state: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in state.items() if name not in (*STEP, ASIDE)}


def _note(kit: Kit, visit: Visit, state: Mapping[str, str]) -> bool:
    with kit.store.begin() as unit:
        noted = unit.note_visit(visit.token_sha256, state)
        unit.commit()
    return noted


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
