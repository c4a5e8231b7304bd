"""Block Kit as HTML: messages, home pages and the reading parts of dialogues."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from integrations.sandbox.page.markup import Reader, markdown_html, plain_html, slack_html
from integrations.sandbox.slack.refusal import Json


@dataclass(frozen=True, slots=True)
class Surface:
    """Where blocks stand: it goes along with each press. `where` is message, view or home."""

    where: str
    channel: str = ""
    ts: str = ""


def text_html(part: Json, reader: Reader) -> str:
    text = str(part["text"])
    if part["type"] == "markdown":
        return markdown_html(text)
    return slack_html(text, reader) if part["type"] == "mrkdwn" else plain_html(text)


def blocks_html(blocks: list[Json], surface: Surface, reader: Reader) -> str:
    """Blocks in order. Inputs are left to the dialogue, which draws them itself."""
    return "".join(_block(block, surface, reader) for block in blocks)


def _block(block: Json, surface: Surface, reader: Reader) -> str:
    kind = block["type"]
    if kind == "section":
        return _section(block, surface, reader)
    if kind == "header":
        return f'<h3 class="b-header">{text_html(block["text"], reader)}</h3>'
    if kind == "divider":
        return '<hr class="b-divider">'
    if kind == "context":
        parts = "".join(f"<span>{_context(part, reader)}</span>" for part in block["elements"])
        return f'<div class="b-context">{parts}</div>'
    if kind == "actions":
        parts = "".join(element_html(block, element, surface) for element in block["elements"])
        return f'<div class="b-actions">{parts}</div>'
    if kind == "markdown":
        return f'<div class="b-section prose">{markdown_html(block["text"])}</div>'
    if kind == "image":
        return f'<p class="quiet">[image: {escape(block["alt_text"])}]</p>'
    return ""


def _context(part: Json, reader: Reader) -> str:
    return f"[image: {escape(part['alt_text'])}]" if part["type"] == "image" else text_html(part, reader)


def _section(block: Json, surface: Surface, reader: Reader) -> str:
    body = f"<div>{text_html(block['text'], reader)}</div>" if "text" in block else ""
    if "fields" in block:
        fields = "".join(f"<div>{text_html(part, reader)}</div>" for part in block["fields"])
        body += f'<div class="b-fields">{fields}</div>'
    accessory = block.get("accessory")
    side = f'<div class="b-side">{element_html(block, accessory, surface)}</div>' if accessory else ""
    return f'<div class="b-section"><div class="b-main">{body}</div>{side}</div>'


def element_html(block: Json, element: Json, surface: Surface) -> str:
    """One control outside of an input: it acts at once."""
    kind = element["type"]
    if kind == "image":
        return f'<span class="quiet">[image: {escape(element["alt_text"])}]</span>'
    target = _target(block, element, surface)
    if kind == "button":
        return _button(element, target)
    if kind == "overflow":
        options = "".join(_menu_option(option, target) for option in element["options"])
        summary = '<summary class="button" aria-label="More actions" title="More actions">⋯</summary>'
        return f'<details class="menu">{summary}<div>{options}</div></details>'
    return f'<span class="quiet">[{escape(kind)}]</span>'


def _target(block: Json, element: Json, surface: Surface) -> str:
    control = f"{block['block_id']}/{element['action_id']}"
    said = f' data-confirm="{escape(_question(element["confirm"]))}"' if "confirm" in element else ""
    return (
        f'data-verb="press" data-where="{surface.where}" data-channel="{escape(surface.channel)}" '
        f'data-ts="{escape(surface.ts)}" data-control="{escape(control)}"{said}'
    )


def _question(confirm: Json) -> str:
    return f"{confirm['title']['text']}\n\n{confirm['text']['text']}"


def _button(element: Json, target: str) -> str:
    label = plain_html(element["text"]["text"])
    described = f' aria-label="{escape(element["accessibility_label"])}"' if "accessibility_label" in element else ""
    look = f"button {escape(element.get('style', ''))}".strip()
    if str(element.get("url", "")).startswith(("http://", "https://")):
        link = escape(element["url"])
        return f'<a class="{look}" href="{link}" target="_blank" rel="noreferrer noopener" {target}{described}>{label} ↗</a>'
    return f'<button type="button" class="{look}" {target}{described}>{label}</button>'


def _menu_option(option: Json, target: str) -> str:
    return (
        f'<button type="button" {target} data-option="{escape(option["value"])}">{plain_html(option["text"]["text"])}</button>'
    )
