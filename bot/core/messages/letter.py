"""A notice as an e-mail: plain text, and the same as simple HTML.

Nobody can press anything in a letter, so controls become links where they have an address, and nothing else of them is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.core.messages.markdown import visible
from bot.core.notice import Code, Control, Link, Mention, Moment, Notice, Span, Strong, Text

MOST = 400
"""Characters of a subject at most; of one span as of anything that others wrote."""
Because = Literal["down", "refused", "no-account", "no-chat"]
_BECAUSE: dict[Because, str] = {
    "down": "Slack does not answer",
    "refused": "Slack does not let us write to you",
    "no-account": "no Slack account of yours is known",
    "no-chat": "no chat is connected",
}


def why_words(because: Because, by_mail: bool = True) -> str:
    """The first line of a letter: that it is one, and that nothing is decided in it."""
    way = "by e-mail" if by_mail else "this way"
    where = "on the forge" if because == "no-chat" else "in Slack or on the forge"
    return f"Sent {way} because {_BECAUSE[because]}. This letter decides nothing: what you decide is decided {where}."


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it is sent. `subject` is one line; `html` may be empty."""

    subject: str
    text: str
    html: str = ""


def render_letter(notice: Notice, why: str) -> Letter:
    """The notice as a letter, which begins with `why` it is one. Other people's words cannot become markup or a header."""
    return Letter(visible(notice.summary, MOST), _as_text(notice, why), _as_html(notice, why))


def _as_text(notice: Notice, why: str) -> str:
    lines = [why, "", _plain(notice.headline)]
    for section in notice.sections:
        lines += ["", *([section.heading] if section.heading else [])]
        lines += [("- " if section.bullets else "") + _plain(line) for line in section.lines]
    links = [f"{control.label}: {control.url}" for control in _links(notice)]
    lines += ["", *links] if links else []
    lines += ["", _plain(notice.footnote)] if notice.footnote else []
    return "\n".join(lines) + "\n"


def _plain(line: Text) -> str:
    return "".join(_plain_span(span) for span in line)


def _plain_span(span: Span) -> str:
    if isinstance(span, Link):
        return f"{visible(span.text)} <{span.url}>" if _leads(span.url) else visible(span.text)
    if isinstance(span, Moment):
        return f"{span.at:%Y-%m-%d %H:%M} UTC"
    return visible(span.name if isinstance(span, Mention) else span.text)


def _as_html(notice: Notice, why: str) -> str:
    parts = [f"<p><em>{_escape(why)}</em></p>", f"<p><strong>{_inline(notice.headline)}</strong></p>"]
    for section in notice.sections:
        if section.heading:
            parts.append(f"<h3>{_escape(section.heading)}</h3>")
        if section.bullets:
            parts.append(f"<ul>{''.join(f'<li>{_inline(line)}</li>' for line in section.lines)}</ul>")
        else:
            parts.append(f"<p>{'<br>'.join(_inline(line) for line in section.lines)}</p>")
    parts += [f"<p>{_anchor(control.url, control.label)}</p>" for control in _links(notice)]
    if notice.footnote:
        parts.append(f"<p><small>{_inline(notice.footnote)}</small></p>")
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def _inline(line: Text) -> str:
    return "".join(_html_span(span) for span in line)


def _html_span(span: Span) -> str:
    if isinstance(span, Strong):
        return f"<strong>{_escape(span.text)}</strong>"
    if isinstance(span, Code):
        return f"<code>{_escape(span.text)}</code>"
    if isinstance(span, Link) and _leads(span.url):
        return _anchor(span.url, span.text)
    if isinstance(span, Moment):
        return f"{span.at:%Y-%m-%d %H:%M} UTC"
    return _escape(span.name if isinstance(span, Mention) else span.text)


def _links(notice: Notice) -> Iterator[Control]:
    return (control for control in (*notice.controls, *notice.more) if _leads(control.url))


def _leads(url: str) -> bool:
    """A web address that ends nothing that stands around it."""
    return url.startswith(("https://", "http://")) and not any(char.isspace() or char in "<>\"'" for char in url)


def _anchor(url: str, text: str) -> str:
    return f'<a href="{_escape(url, len(url))}">{_escape(text)}</a>'


def _escape(text: str, limit: int = MOST) -> str:
    safe = visible(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return safe.replace('"', "&quot;").replace("'", "&#39;")
