"""Errands that people run at the gate's own pages: begun in the chat in private, single use, bound to the person, soon over.

The link leads to `public_url/visit/TOKEN`. Whoever has it could use it once, so it is whispered to one person, dies in minutes,
and what it leads to asks for more than the link: a sign-in, a passkey, a confirmation that names both accounts.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.handlers.kit import Kit
from bot.ports.identity import Visit, VisitKind
from bot.ports.store import Unit

LASTS: dict[VisitKind, timedelta] = {
    "link": timedelta(minutes=10),
    "enrol": timedelta(minutes=10),
    "sign": timedelta(minutes=5),
    "team": timedelta(minutes=10),
}
AGAIN: dict[VisitKind, str] = {
    "link": "Say `/llmgate link` in Slack for a new one.",
    "enrol": "Say `/llmgate passkey` in Slack for a new one.",
    "sign": "Press the button on the card again for a new one.",
    "team": "Say `/llmgate queue team` in Slack for a new one.",
}


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a link leads nowhere, and what to do."""

    because: str
    cure: str


def begin_visit(kit: Kit, unit: Unit, visit: Visit) -> str:
    """Keep the errand (its token and end are set here); the address that only this person may be told."""
    token, now = secrets.token_urlsafe(32), kit.clock.now()
    unit.add_visit(replace(visit, token_sha256=token_id(token), expires_at=now + LASTS[visit.kind]), now)
    return f"{kit.settled.public_url.rstrip('/')}/visit/{token}"


def token_id(token: str) -> str:
    """What the store knows a token by."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_visit(kit: Kit, token: str, kind: VisitKind | None = None) -> Visit | Closed:
    """The errand behind a link that still leads somewhere; looking does not use it up."""
    with kit.store.look() as unit:
        visit = unit.visit(token_id(token))
    if visit is None or (kind and visit.kind != kind):
        return Closed("This link leads nowhere: saw a token that llmgate did not give.", "Start again from Slack.")
    if visit.used_at is not None:
        return Closed(f"This link was used already, at {visit.used_at:%H:%M} UTC: it works once.", AGAIN[visit.kind])
    if kit.clock.now() >= visit.expires_at:
        return Closed(f"This link expired at {visit.expires_at:%H:%M} UTC.", AGAIN[visit.kind])
    return visit
