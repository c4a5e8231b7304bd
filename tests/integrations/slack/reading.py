"""Blocks as a person reads them, one string a block."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.sandbox.slack.mrkdwn import texts
from integrations.slack.blocks.element import Block
from integrations.slack.payload import Payload


def read(blocks: Sequence[Block]) -> list[str]:
    return [_read(Payload(block)) for block in blocks]


def written(blocks: object) -> list[tuple[str, str]]:
    """Every (kind, text) in the blocks."""
    return list(texts(blocks))


def _read(block: Payload) -> str:
    kind = block.text("type")
    if kind == "header":
        return f"# {block.text('text', 'text')}"
    if kind == "section":
        return block.text("text", "text") or " || ".join(field.text("text") for field in block.items("fields"))
    if kind == "context":
        return f"~ {block.items('elements')[0].text('text')}"
    if kind == "actions":
        return " ".join(_control(element) for element in block.items("elements"))
    if kind == "input":
        options = [f"☐ {_option(option)}" for option in block.at("element").items("options")]
        return "\n".join([f"? {block.text('label', 'text')}", *options, *filter(None, [block.text("hint", "text")])])
    return "—" if kind == "divider" else kind


def _control(element: Payload) -> str:
    if element.text("type") == "overflow":
        return f"[⋯ {', '.join(option.text('text', 'text') for option in element.items('options'))}]"
    return f"[{element.text('text', 'text')}]"


def _option(option: Payload) -> str:
    return " | ".join(filter(None, [option.text("text", "text"), option.text("description", "text")]))
