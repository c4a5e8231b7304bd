"""The home page: a person's queue. A hundred blocks are allowed, which is twenty entries and what frames them."""

from __future__ import annotations

from bot.core.notice import Home, Notice, flat
from integrations.slack.blocks.controls import actions
from integrations.slack.blocks.element import CONTEXT_LIMIT, Block, context, header, named, section
from integrations.slack.blocks.message import TONES, cut_inert
from integrations.slack.blocks.spans import markup_line

ENTRIES = 20
_LINE = 160
_LINES = 3
_SUMMARY = 200


def home_view(home: Home, key: str) -> Block:
    """The view for `views.publish`."""
    blocks: list[Block] = [header(flat(home.headline))]
    for entry in home.entries[:ENTRIES]:
        blocks += _entry(entry)
    left = len(home.entries) - ENTRIES
    if left > 0:
        blocks.append(context(f"… and {left} more: `/llmgate queue` lists them all."))
    footnote = markup_line(home.footnote, CONTEXT_LIMIT // 2)
    if footnote.strip():
        blocks.append(context(footnote))
    return {"type": "home", "blocks": named(blocks, key)}


def _entry(entry: Notice) -> list[Block]:
    """A divider, what it is about, a small line with the rest, the controls."""
    headline = markup_line(entry.headline, 2 * _LINE)
    text = headline if headline.strip() else cut_inert(entry.summary, _SUMMARY)
    blocks: list[Block] = [{"type": "divider"}, section(TONES[entry.tone] + text)]
    lines = [markup_line(line, _LINE) for one in entry.sections for line in one.lines]
    if lines:
        more = f"  ·  {len(lines) - _LINES} more" if len(lines) > _LINES else ""
        blocks.append(context("  ·  ".join(line for line in lines[:_LINES] if line) + more or "—"))
    controls = actions(entry.controls, entry.more)
    return [*blocks, controls] if controls else blocks
