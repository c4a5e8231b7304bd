"""What the gate's own pages stand on: the address where people reach them, and the passkeys that are bound to it."""

from __future__ import annotations

import structlog

from bot.ports.trust import Passkeys

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
