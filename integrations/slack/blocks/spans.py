"""Text of the bot and of strangers, as Slack's markup.

Slack's mrkdwn cannot be escaped as a whole: `&lt;` guards against mentions and links, and nothing guards against `*`,
`` ` ``, `~` or `:emoji:`. A title that draws its own green tick is a lie about the gate, so those characters are replaced
by look-alikes in every text that is not ours. Blocks also carry `verbatim`, which keeps Slack from linking bare addresses.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from urllib.parse import quote, urlsplit

from bot.core.notice import Code, Link, Mention, Moment, Plain, Span, Strong, Text

_INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0")
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_MARKS_IN_A_ROW = 4
_LOOK_ALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_EMOJI = re.compile(r":(?=[\w+'-]+:)", re.ASCII)
_SLANTED = re.compile(r"(?<!\w)_(?=\S)([^_]*[^_\s])_(?!\w)")
_MEMBER = re.compile(r"[UW][A-Z0-9]{2,}")
_KEPT_IN_URL = "%/:?#[]@!$&'()*+,;=~-._"


def clean(raw: str) -> str:
    """One line of visible text: line breaks become spaces, zero-width characters go, and what would reorder or hide
    text shows as a replacement character, so that the reader sees that something was there."""
    kept: list[str] = []
    marks = 0
    for char in raw:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if char in "\n\r\t\v\f\u0085\u2028\u2029":
            kept.append(" ")
        elif char in _INVISIBLE or marks > _MARKS_IN_A_ROW:
            continue
        else:
            kept.append("\ufffd" if category in _REFUSED else char)
    return "".join(kept)


def escaped(raw: str) -> str:
    return raw.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inert(raw: str) -> str:
    """Text that mrkdwn shows letter by letter: no mention, link, emphasis, emoji or quotation comes out of it."""
    text = clean(raw).translate(_LOOK_ALIKES)
    text = _SLANTED.sub("ˍ\\1ˍ", _EMOJI.sub("∶", text))
    if text.lstrip().startswith(">"):
        text = text.replace(">", "›", 1)
    return escaped(text)


def cut(raw: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something is missing."""
    return raw if len(raw) <= limit else raw[: limit - 1].rstrip() + "…"


def safe_url(url: str) -> str:
    """The address where it may be linked to (http and https with a host), else nothing."""
    try:
        parts = urlsplit(url)
        reachable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return quote(clean(url), safe=_KEPT_IN_URL) if reachable else ""


def markup(span: Span) -> str:
    """One span as mrkdwn."""
    if isinstance(span, Moment):
        return f"<!date^{int(span.at.timestamp())}^{{date_short_pretty}} at {{time}}|{span.at:%Y-%m-%d %H:%M UTC}>"
    if isinstance(span, Mention):
        known = span.user is not None and _MEMBER.fullmatch(span.user.id)
        return f"<@{span.user.id}>" if span.user and known else inert(span.name)
    if isinstance(span, Code):
        return f"`{escaped(clean(span.text).replace('`', 'ˋ'))}`" if span.text.strip() else ""
    if isinstance(span, Link):
        url = safe_url(span.url)
        label = inert(span.text).strip()
        return f"<{escaped(url)}|{label.replace('|', '¦') or escaped(url)}>" if url else label
    if isinstance(span, Strong):
        return f"*{inert(span.text).strip()}*" if span.text.strip() else ""
    return inert(span.text)


def markup_line(line: Text, room: int) -> str:
    """The line as mrkdwn in at most `room` characters. A cut never falls inside an entity, a link or a mention."""
    done: list[str] = []
    left = room - 1  # for an ellipsis
    for span in line:
        piece = markup(span)
        if len(piece) > left:
            return "".join([*done, _shortened(span, left + 1)])
        done.append(piece)
        left -= len(piece)
    return "".join(done)


def _shortened(span: Span, room: int) -> str:
    text = span.text[:room] if isinstance(span, Plain | Strong | Code | Link) else ""
    while text and isinstance(span, Plain | Strong | Code | Link):
        piece = markup(replace(span, text=text + "…"))
        if len(piece) <= room:
            return piece
        text = text[: len(text) * 3 // 4]
    return "…"
