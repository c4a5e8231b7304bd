"""A notice as a Slack message: the card, the ask in its thread, a line, a whisper.

A notice of several sections is a card and opens with its summary as a header; a short one opens with its headline. Either way
the first block reads well alone, and the summary is also the message's `text`: desktop notifications read the one, phones and
screen readers the other.
What does not fit is counted and said, never dropped in silence.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.notice import Link, Mention, Moment, Notice, Section, Text, Tone, flat
from integrations.slack.blocks.controls import actions
from integrations.slack.blocks.element import (
    CONTEXT_LIMIT,
    HEADER_LIMIT,
    SECTION_LIMIT,
    Block,
    context,
    fields,
    header,
    named,
    section,
)
from integrations.slack.blocks.spans import clean, cut, inert, markup_line

CARD_BLOCKS = 20
CARD_CHARACTERS = 9_000
_LINE_LIMIT = 900
_SUMMARY_LIMIT = 600
_NOTE_ROOM = 60
_CONTROLS_LENGTH = 500
_COLUMN_LINES = 4
_COLUMN_WIDTH = 72
_COLUMN_CHARACTERS = 500
_COLUMNS = 6

TONES: dict[Tone, str] = {"neutral": "", "waiting": "○ ", "good": "✓ ", "bad": "✗ ", "override": "🟪 "}
"""The symbol of a tone, for eyes that skim. It says nothing alone: every sentence behind it names the state in words."""


@dataclass(slots=True)
class Room:
    """What is left of a message's budget."""

    blocks: int = CARD_BLOCKS
    characters: int = CARD_CHARACTERS

    def spend(self, block: Block, length: int) -> Block:
        self.blocks -= 1
        self.characters -= length
        return block


def message(notice: Notice, key: str) -> tuple[str, list[Block]]:
    """(text, blocks) for `chat.postMessage` and its kin. `key` names the revision."""
    return summary_text(notice), named(card_blocks(notice, Room()), key)


def summary_text(notice: Notice) -> str:
    """The notification: the summary, inert even where a client would parse it."""
    return cut_inert(notice.summary, _SUMMARY_LIMIT)


def cut_inert(raw: str, limit: int) -> str:
    return inert(cut(clean(raw), limit)) or "—"


def card_blocks(notice: Notice, room: Room) -> list[Block]:
    """The blocks of a notice within `room`, without ids."""
    opening = _opening(notice, room)
    closing: list[Block] = []
    controls = actions(notice.controls, notice.more)
    if controls:
        closing.append(room.spend(controls, _CONTROLS_LENGTH))
    footnote = markup_line(notice.footnote, CONTEXT_LIMIT // 2)
    if footnote.strip():
        closing.append(room.spend(context(footnote), len(footnote)))
    return [*opening, *section_blocks(notice.sections, room), *closing]


def _opening(notice: Notice, room: Room) -> list[Block]:
    """A card: the summary as a header, then the headline where it says more. Anything shorter: one line."""
    symbol = TONES[notice.tone]
    headline = markup_line(notice.headline, _LINE_LIMIT)
    adds = bool(headline.strip()) and (_says_more(notice) or flat(notice.headline).strip() != notice.summary.strip())
    head = symbol + clean(notice.summary).strip()
    if len(notice.sections) > 1 and len(head) <= HEADER_LIMIT:
        blocks = [room.spend(header(head), HEADER_LIMIT)]
        return [*blocks, room.spend(section(headline), len(headline))] if adds else blocks
    text = symbol + (headline if headline.strip() else cut_inert(notice.summary, _SUMMARY_LIMIT))
    return [room.spend(section(text), len(text))]


def _says_more(notice: Notice) -> bool:
    """The headline carries what a header cannot: a link, a person, a time."""
    return any(isinstance(span, Link | Mention | Moment) for span in notice.headline)


def section_blocks(sections: tuple[Section, ...], room: Room) -> list[Block]:
    """Sections in order; neighbours that are short stand side by side. Those without room are counted in a last line."""
    room.blocks -= 1  # for that last line
    room.characters -= _NOTE_ROOM
    blocks: list[Block] = []
    done = 0
    for group in _grouped(sections):
        texts = [text for text in (_section_text(one, room) for one in group) if text]
        length = sum(len(text) for text in texts)
        if room.blocks <= 0 or length > room.characters or (not texts and any(one.lines for one in group)):
            break
        done += len(group)
        if texts:
            blocks.append(room.spend(fields(texts) if len(group) > 1 else section(texts[0]), length))
    if done < len(sections):
        blocks.append(context(f"… and {_count(len(sections) - done, 'more section')}, see the check."))
    return blocks


def _grouped(sections: tuple[Section, ...]) -> list[list[Section]]:
    groups: list[list[Section]] = []
    for one in sections:
        short = _is_short(one)
        if short and groups and _is_short(groups[-1][0]) and len(groups[-1]) < _COLUMNS:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _is_short(one: Section) -> bool:
    if not one.heading or one.bullets or not 0 < len(one.lines) <= _COLUMN_LINES:
        return False
    narrow = all(len(flat(line)) <= _COLUMN_WIDTH for line in one.lines)
    return narrow and sum(len(markup_line(line, _LINE_LIMIT)) for line in one.lines) <= _COLUMN_CHARACTERS


def _section_text(one: Section, room: Room) -> str:
    """Heading and as many lines as fit, then how many did not. Empty where not even one line fits."""
    left = min(SECTION_LIMIT, room.characters) - _NOTE_ROOM
    heading = f"*{cut_inert(one.heading, 120)}*" if one.heading.strip() else ""
    taken = [heading] if heading else []
    left -= len(heading) + 1
    for place, line in enumerate(one.lines):
        text = _line(line, one.bullets)
        if len(text) + 1 > left:
            return "\n".join([*taken, f"… and {len(one.lines) - place} more, see the check."]) if place else ""
        taken.append(text)
        left -= len(text) + 1
    return "\n".join(taken)


def _line(line: Text, bullet: bool) -> str:
    return ("•  " if bullet else "") + markup_line(line, _LINE_LIMIT)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
