"""Texts of strangers as safe HTML: Slack's markup and the forge's Markdown. Whatever is not understood is shown as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token as MarkdownToken
from markdown_it.utils import EnvType, OptionsDict

from integrations.sandbox.slack.mrkdwn import Token, tokens, unescape
from integrations.sandbox.slack.workspace import Workspace

EMOJI = {
    "white_check_mark": "✅", "x": "❌", "warning": "⚠️", "hourglass_flowing_sand": "⏳", "hourglass": "⏳", "no_entry": "⛔",
    "lock": "🔒", "robot_face": "🤖", "eyes": "👀", "tada": "🎉", "red_circle": "🔴", "large_green_circle": "🟢",
    "large_yellow_circle": "🟡", "large_orange_circle": "🟠", "large_blue_circle": "🔵", "white_circle": "⚪", "bell": "🔔",
    "memo": "📝", "rotating_light": "🚨", "heavy_check_mark": "✔️", "information_source": "ℹ️", "arrows_counterclockwise": "🔄",
}  # fmt: skip
_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_EDGE = r"(?<![\w\ue000])"
_MARKS = (("*", "strong"), ("_", "em"), ("~", "s"))
_SECONDS = re.compile(r"[0-9]{1,11}")
_PRIVATE = re.compile("[\ue000-\ue0ff]")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom text is drawn: their zone decides how moments read."""

    workspace: Workspace
    zone: str = "Etc/UTC"

    def name(self, user: str) -> str:
        member = self.workspace.members.get(user)
        return member.name if member else user


def slack_html(text: str, reader: Reader) -> str:
    """Slack's markup. Pieces of ready HTML travel as private characters, so that emphasis may close over them."""
    pieces: list[str] = []

    def keep(html: str) -> str:
        pieces.append(html)
        return f"\ue000{len(pieces) - 1}\ue001"

    def code(found: re.Match[str]) -> str:
        block, inline = found.group(1), found.group(2)
        shown = escape(unescape(block.strip("\n") if block is not None else inline))
        return keep(f"<pre>{shown}</pre>" if block is not None else f"<code>{shown}</code>")

    text = _CODE.sub(code, _PRIVATE.sub("", text))
    flat = "".join(escape(unescape(t.value)) if t.kind == "text" else keep(_token(t, reader)) for t in tokens(text))
    for mark, tag in _MARKS:
        sign = re.escape(mark)
        flat = re.sub(rf"{_EDGE}{sign}(\S(?:[^\n]*?\S)?){sign}(?!\w)", rf"<{tag}>\1</{tag}>", flat)
    flat = re.sub(r":([a-z_]+):", lambda found: EMOJI.get(found.group(1), found.group(0)), flat)
    lines = [_quoted(line) for line in flat.split("\n")]
    html = "<br>".join(lines).replace("</blockquote><br>", "</blockquote>")
    while "\ue000" in html:
        html = re.sub("\ue000(\\d+)\ue001", lambda found: pieces[int(found.group(1))], html)
    return html


def plain_html(text: str) -> str:
    """Plain text: nothing in it is markup, emoji names aside."""
    shown = escape(text)
    return re.sub(r":([a-z_]+):", lambda found: EMOJI.get(found.group(1), found.group(0)), shown).replace("\n", "<br>")


def _quoted(line: str) -> str:
    return f"<blockquote>{line.removeprefix('&gt;').strip()}</blockquote>" if line.startswith("&gt;") else line


def _token(token: Token, reader: Reader) -> str:
    label = escape(unescape(token.label))
    if token.kind == "link":
        shown = label or escape(unescape(token.value))
        return f'<a href="{escape(unescape(token.value))}" target="_blank" rel="noreferrer noopener">{shown}</a>'
    if token.kind == "date":
        return _date(token, reader)
    if token.kind == "user":
        return f'<span class="mention">@{escape(reader.name(token.value))}</span>'
    if token.kind == "channel":
        channel = reader.workspace.channels.get(token.value)
        return f'<span class="mention">#{escape(channel.name) if channel else label or escape(token.value)}</span>'
    if token.kind == "broadcast":
        return f'<span class="mention loud">@{escape(token.value)}</span>'
    return f'<span class="mention">@{label or escape(token.value)}</span>'


def _date(token: Token, reader: Reader) -> str:
    seconds, _, form = token.value.partition("^")
    form = form.partition("^")[0]
    if not _SECONDS.fullmatch(seconds):
        return escape(unescape(token.label))
    at = datetime.fromtimestamp(int(seconds), ZoneInfo(reader.zone))
    day = f"{at:%B} {at.day}, {at.year}"
    short = f"{at:%b} {at.day}"
    values = {
        "{date_num}": f"{at:%Y-%m-%d}", "{date_short_pretty}": short, "{date_long_pretty}": day, "{date_short}": short,
        "{date_long}": f"{at:%A}, {day}", "{date_pretty}": day, "{date}": day, "{time_secs}": f"{at:%H:%M:%S}",
        "{time}": f"{at:%H:%M}",
    }  # fmt: skip
    for name, value in values.items():
        form = form.replace(name, value)
    return f'<time datetime="{at.astimezone(UTC).isoformat()}">{escape(unescape(form))}</time>'


_KEPT_TAGS = re.compile(r"(</?(?:details|summary|sub|sup|kbd)>|<br ?/?>)")
"""Tags GitHub renders and comments use. None of them is a formatting element, which could leak out of its parent."""
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def _raw_html(_self: object, found: Sequence[MarkdownToken], index: int, _options: OptionsDict, _env: EnvType) -> str:
    parts = _KEPT_TAGS.split(_COMMENT.sub("", found[index].content))
    return "".join(part if _KEPT_TAGS.fullmatch(part) else escape(part) for part in parts)


def _image(_self: object, found: Sequence[MarkdownToken], index: int, _options: OptionsDict, _env: EnvType) -> str:
    return f'<span class="quiet">[image: {escape(found[index].content)}]</span>'


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable(["table", "strikethrough"])
    for rule, drawn in (("html_block", _raw_html), ("html_inline", _raw_html), ("image", _image)):
        reader.add_render_rule(rule, drawn)
    reader.add_render_rule("link_open", _link)
    return reader


def _link(self: RendererHTML, found: Sequence[MarkdownToken], index: int, options: OptionsDict, env: dict[str, Any]) -> str:
    found[index].attrSet("target", "_blank")
    found[index].attrSet("rel", "noreferrer noopener")
    return self.renderToken(found, index, options, env)


_MARKDOWN = _reader()


def markdown_html(text: str) -> str:
    """The forge's Markdown. Raw HTML is shown as text, save a few tags without attributes; images are named, not loaded."""
    html = str(_MARKDOWN.render(text))
    return re.sub(
        r"<li>(<p>)?\[( |x|X)\] ", lambda f: f'<li class="task">{f.group(1) or ""}{"☐" if f.group(2) == " " else "☑"} ', html
    )
