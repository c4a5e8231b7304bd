"""What the bot says, before any surface has a say: neutral values that Slack, a forge and a terminal each render.

Words of other people (titles, names, reasons, file names) travel as `Plain` spans and are escaped by each renderer; only
the bot's own sentences carry links, mentions and emphasis. That is how attacker text can never become markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.core.ids import ChatUser

Tone = Literal["neutral", "waiting", "good", "bad", "override"]


@dataclass(frozen=True, slots=True)
class Plain:
    """Text as it is. Renderers escape it and neutralise control and bidirectional characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person named so that the chat notifies them; `name` where there is no chat account or no chat."""

    user: ChatUser | None
    name: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, shown in the reader's own zone where the surface can, else in UTC."""

    at: datetime


Span = Plain | Strong | Code | Link | Mention | Moment
Text = tuple[Span, ...]


def text(*parts: Span | str) -> Text:
    """A line of text: bare strings are plain."""
    return tuple(Plain(part) if isinstance(part, str) else part for part in parts)


def flat(line: Text) -> str:
    """The line as one plain string, for notifications, logs and tests."""
    return "".join(
        span.at.strftime("%Y-%m-%d %H:%M UTC")
        if isinstance(span, Moment)
        else span.name
        if isinstance(span, Mention)
        else span.text
        for span in line
    )


@dataclass(frozen=True, slots=True)
class Section:
    """A few lines under an optional heading. `bullets` renders each line as a list item."""

    lines: tuple[Text, ...]
    heading: str = ""
    bullets: bool = False


ControlName = Literal[
    "review",
    "request-changes",
    "status",
    "why",
    "open",
    "refresh",
    "sign",
    "link",
    "unlink",
    "override",
    "override-review",
    "snooze",
    "delegate",
    "not-me",
    "ask-again",
    "settings",
    "home-page",
]


@dataclass(frozen=True, slots=True)
class Control:
    """A button. `token` is an opaque id that the database resolves; a control with a `url` is a link and has none."""

    name: ControlName
    label: str
    token: str = ""
    url: str = ""
    style: Literal["plain", "primary", "danger"] = "plain"
    described: str = ""
    """What a screen reader says: the label with the change it concerns."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message. `summary` is a whole sentence that reads well alone: it is the notification and the first line.

    `controls` are visible buttons (three at most), `more` goes into an overflow menu.
    """

    summary: str
    tone: Tone
    headline: Text
    sections: tuple[Section, ...] = ()
    controls: tuple[Control, ...] = ()
    more: tuple[Control, ...] = ()
    footnote: Text = ()


@dataclass(frozen=True, slots=True)
class FormItem:
    """One item of a checklist."""

    id: str
    text: str


FieldKind = Literal["choice", "menu", "boxes", "person", "time", "day", "line"]
"""choice: one of a few, all in sight. menu: one of up to a hundred. boxes: any of a few. person: a member of the chat.
time: of a day. day: a date. line: a short text."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of what may be chosen. `value` comes back: at most 150 characters."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """Something to choose or to fill in. `id` names it in what comes back.

    `given` is what it holds at first: values of options, the id of a member of the chat, `09:30`, `2026-12-24`, or a text.
    """

    id: str
    label: str
    kind: FieldKind
    options: tuple[Option, ...] = ()
    given: tuple[str, ...] = ()
    optional: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A dialogue: what is read, what is ticked, chosen and written. `token` comes back with the submission."""

    title: str
    submit: str
    token: str
    sections: tuple[Section, ...]
    checklist: tuple[FormItem, ...] = ()
    reason: Literal["none", "optional", "required"] = "none"
    reason_label: str = ""
    reason_hint: str = ""
    fields: tuple[Field, ...] = ()
    """They stand between the checklist and the reason."""


@dataclass(frozen=True, slots=True)
class FormErrors:
    """Why a submission was not taken, by field: `checklist:<item>` or `checklist`, `field:<id>`, `reason`, or `form` for the
    whole."""

    errors: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HomePart:
    """Entries of the home page under one heading, each a notice's worth of lines and buttons. `note` stands where there is
    nothing, or says what else there is."""

    heading: str
    entries: tuple[Notice, ...] = ()
    note: Text = ()
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """The chat's home page of one person: a queue and what they chose, in parts."""

    headline: Text
    parts: tuple[HomePart, ...] = ()
    footnote: Text = ()
    controls: tuple[Control, ...] = ()
    """Under everything: where the page goes on."""
