"""The permissions llmgate asks Slack for, each with its reason. The manifest and the start-up check follow this table.

There is no `*:history` scope: llmgate never reads what people write to each other.
"""

from __future__ import annotations

from collections.abc import Collection

BOT_SCOPES: dict[str, str] = {
    "app_mentions:read": "to hear `@llmgate status` in a card's thread, and nothing else that is said there",
    "channels:read": "so that `llmgate doctor` can say whether a channel exists and the app is in it",
    "chat:write": "to post and edit cards, and to answer people privately",
    "commands": "for `/llmgate` and the message shortcut",
    "dnd:read": "to know when somebody's notifications are paused, so that others are asked first",
    "groups:read": "the same as channels:read, for private channels the app was invited to",
    "im:write": "to reach a person where a private answer in the channel is not possible",
    "usergroups:read": "to resolve roles that name a Slack user group",
    "users:read": "to see that a clicker is a full, active member, their time zone, status and presence",
}
NOT_NEEDED = frozenset({"dnd:read"})
"""Bot scopes without which the gate works all the same and knows less. An app that was installed before lacks them."""
APP_SCOPES: dict[str, str] = {"connections:write": "for Socket Mode, with the app-level token"}
BOT_EVENTS: tuple[str, ...] = ("app_home_opened", "app_mention", "user_change")


def missing_scopes(granted: Collection[str]) -> tuple[str, ...]:
    return tuple(scope for scope in BOT_SCOPES if scope not in granted)


def needed_scopes(granted: Collection[str]) -> tuple[str, ...]:
    """Those of the missing ones without which the gate cannot work."""
    return tuple(scope for scope in missing_scopes(granted) if scope not in NOT_NEEDED)


def missing_words(missing: Collection[str]) -> str:
    """`users:read (to see …), …`"""
    return ", ".join(f"{scope} ({BOT_SCOPES[scope]})" for scope in missing)
