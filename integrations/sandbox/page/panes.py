"""The parts of the page as HTML: people, channels, messages, a thread, the home tab. Each is drawn whole from the state."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from integrations.sandbox.page.cards import Surface, blocks_html
from integrations.sandbox.page.dialogs import dialog_html
from integrations.sandbox.page.guide import Guide
from integrations.sandbox.page.markup import Reader, slack_html
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.slack.workspace import BOT_USER, Channel, Member, Message

HOME = "home"
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Glance:
    """What one browser looks at: who they are, which channel (or `home`), which thread, which pull or merge request."""

    user: str
    place: str
    thread: str = ""
    change: int = 0

    def link(self, **other: str | int) -> str:
        seen = {"user": self.user, "place": self.place, "thread": self.thread, "change": self.change, **other}
        return escape("/?" + urlencode({name: value for name, value in seen.items() if value}))


def glance(slack: FakeSlack, asked: dict[str, str]) -> Glance:
    """What was asked for, put right where it names somebody or something that is not there."""
    people = [member.id for member in slack.workspace.members.values() if not member.bot]
    user = asked.get("user", "")
    user = user if user in people else (people[0] if people else "")
    places = [channel.id for channel in _visible(slack, user)]
    place = asked.get("place", "")
    place = place if place in places or place == HOME else (places[0] if places else HOME)
    thread = asked.get("thread", "")
    known = place != HOME and slack.workspace.message(place, thread) is not None
    number = asked.get("change", "")
    return Glance(user, place, thread if known else "", int(number) if _NUMBER.fullmatch(number) else 0)


def _visible(slack: FakeSlack, user: str) -> list[Channel]:
    return [channel for channel in slack.workspace.channels.values() if user in channel.members]


def people_html(guide: Guide, slack: FakeSlack, at: Glance) -> str:
    rows = [
        _person(member, at, guide.parts.get(member.id, "")) for member in slack.workspace.members.values() if not member.bot
    ]
    return f"<h2>You are</h2><ul>{''.join(rows)}</ul>"


def _person(member: Member, at: Glance, part: str) -> str:
    here = ' aria-current="true"' if member.id == at.user else ""
    traits = {"guest": member.guest, "deactivated": member.deactivated, "external": member.stranger}
    tags = "".join(f' <span class="tag">{name}</span>' for name, yes in traits.items() if yes)
    role = f'<span class="quiet role">{escape(part)}</span>' if part else ""
    link = replace(at, user=member.id).link(thread=at.thread)
    who = f'<span class="who"><span class="name">{escape(member.name)}</span>{role}{tags}</span>'
    return f'<li><a href="{link}"{here}>{_avatar(member.name)}{who}</a></li>'


def _avatar(name: str) -> str:
    initials = "".join(part[0] for part in name.split()[:2]).upper() or "?"
    return f'<span class="avatar" aria-hidden="true">{escape(initials)}</span>'


def channels_html(slack: FakeSlack, at: Glance) -> str:
    """The channels somebody is in; below them the app: its home tab, and what it told them alone."""
    seen = _visible(slack, at.user)
    rows = [
        _place(at, channel.id, "🔒" if channel.private else "#", channel.name, _tag(channel))
        for channel in seen
        if channel.name
    ]
    direct = [_place(at, channel.id, "✉", "Messages") for channel in seen if channel.direct_with]
    home = _place(at, HOME, "⌂", "App home")
    return f"<h2>Channels</h2><ul>{''.join(rows)}</ul><h2>llmgate</h2><ul>{home}{''.join(direct)}</ul>"


def _place(at: Glance, place: str, sign: str, name: str, tag: str = "") -> str:
    here = ' aria-current="page"' if place == at.place else ""
    shown = f'<span class="sign" aria-hidden="true">{sign}</span><span class="name">{escape(name)}</span>{tag}'
    return f'<li><a href="{at.link(place=place, thread="")}"{here}>{shown}</a></li>'


def _tag(channel: Channel) -> str:
    return ' <span class="tag">archived</span>' if channel.archived else ""


def heading_html(slack: FakeSlack, at: Glance) -> str:
    if at.place == HOME:
        return "<h1>llmgate — App home</h1>"
    channel = slack.workspace.channels[at.place]
    if channel.direct_with:
        return '<h1>llmgate — Messages</h1><span class="quiet">between the app and you</span>'
    name = f"#{channel.name}"
    count = len([user for user in channel.members if user != BOT_USER])
    return f'<h1>{escape(name)}</h1><span class="quiet">{count} people</span>'


def stream_html(slack: FakeSlack, at: Glance) -> str:
    """The channel from old to new, with what only this person sees where it was said; or their home page."""
    reader = _reader(slack, at)
    if at.place == HOME:
        home = slack.home(at.user)
        if home is None:
            return '<p class="empty">The app has published nothing here yet.</p>'
        return f'<div class="home">{blocks_html(home.blocks, Surface("home"), reader)}</div>'
    private = [m for m in slack.ephemerals(at.user) if m.channel == at.place and not m.thread_ts]
    shown = sorted([*slack.messages(at.place), *private], key=lambda message: _order(message.ts))
    if not shown:
        return '<p class="empty">Nothing has been said here yet.</p>'
    return "".join(_message(slack, at, message, reader) for message in shown)


def thread_html(slack: FakeSlack, at: Glance) -> str:
    if not at.thread:
        return ""
    reader = _reader(slack, at)
    parent = slack.workspace.message(at.place, at.thread)
    private = [m for m in slack.ephemerals(at.user) if m.channel == at.place and m.thread_ts == at.thread]
    said = slack.thread(at.place, at.thread)
    shown = sorted([*said, *private], key=lambda message: _order(message.ts))
    first = _message(slack, at, parent, reader, reply_link=False) if parent else ""
    count = f'<p class="count"><span>{_counted(len(said), "reply", "replies")}</span></p>'
    return first + count + "".join(_message(slack, at, message, reader, reply_link=False) for message in shown)


def dialog_part(slack: FakeSlack, at: Glance) -> str:
    stack = slack.open_views(at.user)
    return dialog_html(stack[-1], _reader(slack, at)) if stack else ""


def _reader(slack: FakeSlack, at: Glance) -> Reader:
    member = slack.workspace.members.get(at.user)
    return Reader(slack.workspace, member.tz if member else "Etc/UTC")


def _order(ts: str) -> tuple[int, int]:
    seconds, _, part = ts.partition(".")
    return int(seconds), int(part)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _message(slack: FakeSlack, at: Glance, message: Message, reader: Reader, *, reply_link: bool = True) -> str:
    author = slack.workspace.members.get(message.user)
    name = author.name if author else message.user
    bot = author is not None and author.bot
    when = datetime.fromtimestamp(_order(message.ts)[0], ZoneInfo(reader.zone))
    body = blocks_html(message.blocks, Surface("message", message.channel, message.ts), reader)
    body = body or f'<div class="b-section"><div class="b-main">{slack_html(message.text, reader)}</div></div>'
    private = '<p class="only-you">👁 Only visible to you</p>' if message.only_for else ""
    tag = '<span class="tag">app</span>' if bot else ""
    called = '<span class="tag called">notified you</span>' if at.user in message.notified else ""
    edited = '<span class="quiet">(edited)</span>' if message.edited else ""
    face = '<span class="avatar app-mark" aria-hidden="true">lg</span>' if bot else _avatar(name)
    head = f'<header><b>{escape(name)}</b>{tag}<time class="quiet">{when:%H:%M}</time>{edited}{called}</header>'
    more = _replies(slack, at, message) if reply_link and not message.only_for else ""
    look = "message private" if message.only_for else "message"
    return f'<article class="{look}">{face}<div class="message-body">{private}{head}{body}{more}</div></article>'


def _replies(slack: FakeSlack, at: Glance, message: Message) -> str:
    replies = slack.thread(message.channel, message.ts)
    if not replies and slack.workspace.channels[message.channel].direct_with:
        return ""  # nobody opens a thread with the app
    label = _counted(len(replies), "reply", "replies") if replies else "Reply in thread"
    look = "thread-link" if replies else "thread-link bare"
    return f'<a class="{look}" href="{at.link(thread=message.ts)}">{label}</a>'
