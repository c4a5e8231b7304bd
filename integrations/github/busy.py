"""Who says on GitHub that they are busy: the status that people set on their profile, with "Busy" ticked."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.ids import ForgeAccount
from bot.ports.answers import Node
from bot.ports.errors import Vanished
from integrations.github.client import Session
from integrations.github.failures import ANSWERS
from integrations.github.query import statuses

MOST = 50
"""Accounts a look, in one call."""


class UserStatus(Node):
    indicates_limited_availability: bool = False


class UserAnswer(Node):
    database_id: int | None = None
    status: UserStatus | None = None


def busy_accounts(session: Session, accounts: Sequence[ForgeAccount]) -> frozenset[str]:
    """Keys of the busy ones. They are asked for by login and counted by number: a login may be somebody else's by now."""
    asked = [account for account in accounts if account.kind != "bot"][:MOST]
    if not asked:
        return frozenset()
    query, logins = statuses([account.login for account in asked])
    try:
        data, _ = session.graph(query, logins)  # whom GitHub does not know is a problem of that field alone
    except Vanished:
        return frozenset()
    told = (ANSWERS.about(UserAnswer, data.get(f"u{n}") or {}, "who is busy") for n in range(len(asked)))
    return frozenset(
        account.key
        for account, found in zip(asked, told, strict=True)
        if found.database_id == account.id and found.status and found.status.indicates_limited_availability
    )
