"""Block Kit's smallest parts, each cut to the length that Slack takes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from integrations.slack.blocks.spans import clean, cut, escaped

Block = dict[str, object]

SECTION_LIMIT = 2_800
"""Slack's own limit is 3,000; the rest is room for what it adds while it stores a message."""
HEADER_LIMIT = 150
CONTEXT_LIMIT = 1_900
LABEL_LIMIT = 75
TITLE_LIMIT = 24


def plain_text(text: str, limit: int) -> Block:
    """Text that is never parsed; `emoji` is off, so `:tada:` stays what it is."""
    return {"type": "plain_text", "text": cut(clean(text).strip() or "—", limit), "emoji": False}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(text, HEADER_LIMIT)}


def section(text: str) -> Block:
    return {"type": "section", "text": mrkdwn(text)}


def fields(texts: Iterable[str]) -> Block:
    """Short texts in two columns, one below the other on a phone."""
    return {"type": "section", "fields": [mrkdwn(text) for text in texts]}


def preformatted(text: str) -> str:
    """Lines of ours as markup that keeps each of them as it is."""
    return f"```\n{escaped(text)}```"


def context(text: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text)]}


def named(blocks: list[Block], key: str) -> list[Block]:
    """The blocks with ids of this revision: Slack wants a new `block_id` whenever a message's content changes.

    Ids that a block brings along (inputs keep theirs, so that what was typed survives) stay.
    """
    stem = hashlib.sha256(key.encode(errors="backslashreplace")).hexdigest()[:12]
    return [{"block_id": f"{stem}:{place}", **block} for place, block in enumerate(blocks)]
