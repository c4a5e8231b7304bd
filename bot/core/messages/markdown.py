"""Neutral text as Markdown for a forge. Other people's words become inert: no mention, no link, no markup, no HTML."""

from __future__ import annotations

import re
import unicodedata

from bot.core.messages.words import prose
from bot.core.notice import Code, Link, Mention, Plain, Span, Strong, Text

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-!|~])")
_BIDI = {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)}


def visible(text: str, limit: int = 400) -> str:
    """Text on one line with control, zero-width and bidirectional characters made visible or dropped, cut at `limit`."""
    out = []
    for char in unicodedata.normalize("NFC", text):
        if char in "\r\n\t":
            out.append(" ")
        elif char in _BIDI or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co"):
            out.append("\ufffd" if char in _BIDI else "")
        else:
            out.append(char)
    line = "".join(out)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def escape(text: str) -> str:
    """Plain text for Markdown. `@name` notifies nobody and a bare URL links nowhere."""
    safe = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = _SPECIAL.sub(r"\\\1", safe)
    return safe.replace("@", "@<!-- -->").replace("://", ":&#8203;//").replace("www.", "www&#46;")


def code(text: str) -> str:
    """A code span that its content cannot leave."""
    safe = visible(text).replace("`", "'").strip() or " "
    return f"`{safe}`"


def render_text(line: Text) -> str:
    return "".join(_span(span) for span in line)


def sentence(said: str) -> str:
    """A finding's sentence, with what stands between backticks as code."""
    return render_text(prose(said))


def cell(said: str) -> str:
    """The same inside a table, where even a code span may not hold a bar."""
    return sentence(said.replace("|", "¦"))


def _span(span: Span) -> str:
    if isinstance(span, Plain):
        return escape(span.text)
    if isinstance(span, Strong):
        return f"**{escape(span.text)}**"
    if isinstance(span, Code):
        return code(span.text)
    if isinstance(span, Link):
        return f"[{escape(span.text)}]({span.url})" if span.url.startswith(("https://", "http://")) else escape(span.text)
    if isinstance(span, Mention):
        return escape(span.name)
    return span.at.strftime("%Y-%m-%d %H:%M UTC")
