"""Asking a person to sign what they decided, at a page of the gate's own."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.approval import Strength
from bot.core.ids import ChangeRef
from bot.core.notice import Control, Notice, Section, text

LABELS: Mapping[Strength, str] = {
    "reauthenticated": "Sign in and approve",
    "passkey": "Sign with passkey",
    "keyless": "Sign with my identity",
}
WHY: Mapping[Strength, str] = {
    "reauthenticated": "The policy wants a fresh sign-in behind this approval.",
    "passkey": "The policy wants your own key under this approval: llmgate cannot sign in your stead.",
    "keyless": "The policy wants your own identity under this approval, signed through Sigstore from your machine.",
}


def render_sign(ref: ChangeRef, strength: Strength, url: str) -> Notice:
    """The private way to the page where the statement is shown in words and bytes, and signed."""
    summary = f"One more step to approve {ref}: nothing is recorded yet."
    last = "The link works once, for five minutes, and for you alone. A push before that voids it."
    return Notice(
        summary=summary,
        tone="waiting",
        headline=text(summary),
        sections=(Section((text(WHY[strength]), text(last))),),
        controls=(Control("sign", LABELS[strength], url=url, style="primary", described=f"{LABELS[strength]}: {ref}"),),
    )
