"""The home page: a person's queue and what they chose. A hundred blocks are allowed: twenty entries of a page, and what frames
them. Whoever makes the page cuts it; what would still be too much is counted and said."""

from __future__ import annotations

from bot.core.notice import Control, Home, HomePart, Notice, flat
from integrations.slack.blocks.controls import actions
from integrations.slack.blocks.element import CONTEXT_LIMIT, Block, context, header, named, section
from integrations.slack.blocks.message import TONES, cut_inert
from integrations.slack.blocks.spans import markup_line

BLOCKS = 100
_KEPT = 4
"""Blocks that are kept for the end: how much is left out, the controls, the footnote."""
_LINE = 160
_LINES = 3
_SUMMARY = 200


def home_view(home: Home, key: str) -> Block:
    """The view for `views.publish`."""
    blocks: list[Block] = [header(flat(home.headline))]
    left_out = 0
    for part in home.parts:
        drawn, missing = _part(part, BLOCKS - _KEPT - len(blocks))
        blocks += drawn
        left_out += missing
    if left_out:
        blocks.append(context(f"… and {left_out} more: `/llmgate queue` lists them all."))
    blocks += _row(home.controls)
    footnote = markup_line(home.footnote, CONTEXT_LIMIT // 2)
    if footnote.strip():
        blocks.append(context(footnote))
    return {"type": "home", "blocks": named(blocks, key)}


def _row(controls: tuple[Control, ...]) -> list[Block]:
    row = actions(controls, ())
    return [row] if row else []


def _part(part: HomePart, room: int) -> tuple[list[Block], int]:
    """The blocks of a part that fit, and how many entries did not."""
    opening, closing = _opening(part), _row(part.controls)
    room -= len(opening) + len(closing)
    if room < 0:
        return [], len(part.entries)
    drawn: list[Block] = []
    for place, entry in enumerate(part.entries):
        blocks = _entry(entry)
        if len(drawn) + len(blocks) > room:
            return [*opening, *drawn, *closing], len(part.entries) - place
        drawn += blocks
    return [*opening, *drawn, *closing], 0


def _opening(part: HomePart) -> list[Block]:
    """A line across, the heading, and the note that belongs to the whole part."""
    blocks: list[Block] = [{"type": "divider"}, section(f"*{cut_inert(part.heading, _LINE)}*")]
    note = markup_line(part.note, CONTEXT_LIMIT // 2)
    return [*blocks, context(note)] if note.strip() else blocks


def _entry(entry: Notice) -> list[Block]:
    """What it is about, a small line with the rest, the controls."""
    headline = markup_line(entry.headline, 2 * _LINE)
    text = headline if headline.strip() else cut_inert(entry.summary, _SUMMARY)
    blocks: list[Block] = [section(TONES[entry.tone] + text)]
    lines = [markup_line(line, _LINE) for one in entry.sections for line in one.lines]
    if lines:
        more = f"  ·  {len(lines) - _LINES} more" if len(lines) > _LINES else ""
        blocks.append(context("  ·  ".join(line for line in lines[:_LINES] if line) + more or "—"))
    controls = actions(entry.controls, entry.more)
    return [*blocks, controls] if controls else blocks
