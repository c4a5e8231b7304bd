"""What the gate's own pages stand on: the address where people reach them, and the passkeys that are bound to it."""

from __future__ import annotations

import structlog
from fastapi import APIRouter

from bot.handlers.kit import Kit
from bot.ports.trust import Passkeys
from bot.web.pages.caller import VisitPages
from bot.web.pages.enrol import show_enrol
from bot.web.pages.link_page import link_router, show_link
from bot.web.pages.sign import show_sign
from bot.web.pages.signing_routes import signing_routes
from bot.web.pages.team import show_team
from bot.web.pages.visiting import visit_router

log = structlog.get_logger()


def connect_passkeys(public_url: str) -> Passkeys | None:
    """WebAuthn for the pages at this address; None where there is none, or one at which no browser lends a passkey."""
    if not public_url:
        return None
    from integrations.webauthn.passkeys import WebAuthnPasskeys
    from integrations.webauthn.place import BadPlace

    try:
        return WebAuthnPasskeys(public_url)
    except BadPlace as error:
        log.warning("no passkeys", problem=str(error))
        return None


def pages_of(kit: Kit) -> tuple[APIRouter, ...]:
    """Every page for people; none where there is no address at which they could reach them."""
    if not kit.settled.public_url:
        return ()
    pages: VisitPages = {"link": show_link, "enrol": show_enrol, "sign": show_sign, "team": show_team}
    return (visit_router(kit, pages), link_router(kit), signing_routes(kit))
