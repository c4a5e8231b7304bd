"""Who says on GitLab that they are busy: the status that people set on their profile, with "Set yourself as busy" ticked."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.ids import ForgeAccount
from bot.ports.answers import Tolerant, settle
from bot.ports.errors import Vanished
from integrations.gitlab.client import Client

MOST = 50
"""Accounts a look, each a call, many at once."""


class StatusAnswer(Tolerant):
    availability: str | None = None


def busy_accounts(client: Client, accounts: Sequence[ForgeAccount]) -> frozenset[str]:
    """Keys of the busy ones. GitLab takes the box away by itself when the status ends."""
    asked = [account for account in accounts if account.kind != "bot"][:MOST]
    told = settle([client.submit(_is_busy, client, account.id) for account in asked])
    return frozenset(account.key for account, busy in zip(asked, told, strict=True) if busy)


def _is_busy(client: Client, number: int) -> bool:
    try:
        return client.get(f"/users/{number}/status", StatusAnswer).availability == "busy"
    except Vanished:
        return False
