"""Whom and which account the command line names."""

from __future__ import annotations

import re

from bot.cli.outcome import USAGE, fail
from bot.core.ids import ChatUser
from bot.main import Gate

_CHAT = re.compile(r"(?:([TE][A-Z0-9]+)/)?([UW][A-Z0-9]+)")
_ACCOUNT = re.compile(r"(?:(?:github|gitlab):)?([a-z0-9.-]+(?::[0-9]{1,5})?):([0-9]{1,18})")


def named_chat(gate: Gate, word: str) -> ChatUser:
    """The chat account of a person's id, of `T0123/U0456`, or of `U0456` alone in the workspace that is connected."""
    person = next((one for one in gate.kit.people.people() if one.id == word), None)
    if person is not None:
        if person.chat is None:
            fail(f"saw {word}, who has no Slack account in the file of people; wanted one there, or T0123/U0456", USAGE)
        return person.chat
    match = _CHAT.fullmatch(word)
    team = (match[1] or (gate.inbound.installation.team if gate.inbound else "")) if match else ""
    if match is None or not team:
        fail(f"saw {word!r}; wanted a person's id (see `llmgate people list`), or a Slack account as T0123/U0456", USAGE)
    return ChatUser(team, match[2])


def named_account(word: str) -> tuple[str, int]:
    """Host and number."""
    match = _ACCOUNT.fullmatch(word)
    if match is None:
        fail(f"saw {word!r}; wanted the account's host and number, as in github.com:1001: logins can be taken over", USAGE)
    return match[1], int(match[2])
