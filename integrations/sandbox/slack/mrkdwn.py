"""Slack's message markup: `<…>` spells mentions, links and dates; everything else is text with `*bold*` and code.

One reader serves two uses: who a message notifies (so that a test can prove that attacker text notifies nobody), and what
the sandbox page draws.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from integrations.sandbox.slack.refusal import Json
from integrations.sandbox.slack.workspace import Channel, Workspace

Kind = Literal["text", "user", "broadcast", "group", "channel", "link", "date"]
_ANGLE = re.compile(r"<([^<>\n]+)>")
_AT_NAME = re.compile(r"(?<![\w@])@([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of markup: `value` is an id, an address or a time, `label` what is shown instead."""

    kind: Kind
    value: str
    label: str = ""


def tokens(text: str) -> Iterator[Token]:
    """Split message text at its `<…>` parts. Text tokens are still escaped (`&lt;`) as Slack sends them."""
    at = 0
    for found in _ANGLE.finditer(text):
        if found.start() > at:
            yield Token("text", text[at : found.start()])
        yield _angle(found.group(1))
        at = found.end()
    if at < len(text):
        yield Token("text", text[at:])


def _angle(inner: str) -> Token:
    value, _, label = inner.partition("|")
    if value.startswith("@"):
        return Token("user", value[1:], label)
    if value.startswith("#"):
        return Token("channel", value[1:], label)
    if value.startswith("!subteam^"):
        return Token("group", value.removeprefix("!subteam^"), label)
    if value.startswith("!date^"):
        return Token("date", value.removeprefix("!date^"), label)
    if value in ("!channel", "!here", "!everyone"):
        return Token("broadcast", value[1:], label)
    if re.match(r"(https?://|mailto:|tel:)", value):
        return Token("link", value, label)
    return Token("text", f"<{inner}>")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def texts(blocks: object) -> Iterator[tuple[str, str]]:
    """Every piece of text in blocks as (kind, text); kind is `mrkdwn`, `plain_text` or `markdown`."""
    if isinstance(blocks, list):
        for part in blocks:
            yield from texts(part)
    elif isinstance(blocks, dict):
        if isinstance(blocks.get("text"), str) and blocks.get("type") in ("mrkdwn", "plain_text", "markdown"):
            yield str(blocks["type"]), blocks["text"]
        for value in blocks.values():
            if isinstance(value, dict | list):
                yield from texts(value)


def notified(
    workspace: Workspace, channel: Channel, text: str, blocks: list[Json], *, link_names: bool = False
) -> frozenset[str]:
    """The people a new message buzzes: those it mentions, groups and broadcasts included, who are in the channel.

    A direct message always notifies. The top-level text counts although blocks hide it: a notification is made of it.
    """
    found: set[str] = set()
    if channel.direct_with:
        found.add(channel.direct_with)
    marked = [text, *(piece for kind, piece in texts(blocks) if kind != "plain_text")]
    for piece in marked:
        for token in tokens(piece):
            found |= _meant(workspace, channel, token)
        if link_names:
            found |= _named(workspace, channel, piece)
    return frozenset(user for user in found if user in channel.members and not workspace.members[user].bot)


def _meant(workspace: Workspace, channel: Channel, token: Token) -> set[str]:
    if token.kind == "user":
        return {token.value}
    if token.kind == "group":
        return set(workspace.groups.get(token.value, ()))
    if token.kind == "broadcast":
        return set(channel.members)
    return set()


def _named(workspace: Workspace, channel: Channel, text: str) -> set[str]:
    names = set(_AT_NAME.findall(text))
    if names & {"channel", "here", "everyone"}:
        return set(channel.members)
    return {member.id for member in workspace.members.values() if member.name in names}
