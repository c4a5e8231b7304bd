"""What Slack sends, as the core's events. Pure; missing parts read as empty, and the desk decides what that means."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from bot.core.events import ButtonPressed, CommandGiven, FormSubmitted
from bot.core.ids import ChatUser
from bot.ports.chat import ChatProfile
from integrations.slack.blocks.controls import MENU, read_menu, read_name
from integrations.slack.blocks.form import Origin, read_answers
from integrations.slack.payload import Payload
from integrations.slack.people import read_profile

WORDS_LIMIT = 1_000
_LABELLED = re.compile(r"<((?:https?|mailto)[^|>\s]*)(?:\|[^>]*)?>")
_NAMED = re.compile(r"<@([A-Z0-9]+)\|[^>]*>")
_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class Click:
    """A press, and the thread it happened in. `link`: the control only opened a page, nothing is asked of us."""

    press: ButtonPressed
    thread: str
    link: bool


def read_click(body: Payload) -> Click | None:
    """A click on a button or menu of ours; None where the payload carries no action."""
    actions = body.items("actions")
    if not actions:
        return None
    action = actions[0]
    name, token = read_name(action.text("action_id")), action.text("value")
    if action.text("action_id") == MENU:
        option, token = read_menu(action.text("selected_option", "value"))
        name = read_name(option)
    user = read_user(body)
    press = ButtonPressed(
        name=name,
        token=token,
        user=user,
        trigger=body.text("trigger_id"),
        channel=body.text("channel", "id") or body.text("container", "channel_id"),
        message=body.text("container", "message_ts") or body.text("message", "ts"),
        interaction=f"{user.key}:{action.text('action_ts')}:{action.text('action_id')}",
    )
    thread = body.text("container", "thread_ts") or body.text("message", "thread_ts")
    return Click(press, thread, link=not token)


def read_submission(body: Payload) -> tuple[FormSubmitted, Origin]:
    """A form that was sent, and where it had been opened from."""
    view = body.at("view")
    origin = Origin.read(view.text("private_metadata"))
    user = read_user(body)
    answers = read_answers(view)
    interaction = f"{user.key}:{body.text('trigger_id') or view.text('id') + ':' + view.text('hash')}"
    return FormSubmitted(origin.token, user, answers.ticked, answers.reason, interaction, answers.fields), origin


def read_command(body: Payload) -> CommandGiven:
    """`/llmgate …`: Slack knows no thread for a command."""
    user = ChatUser(body.text("team_id"), body.text("user_id"))
    return CommandGiven(
        plain_words(body.text("text")), user, body.text("channel_id"), "", f"{user.key}:{body.text('trigger_id')}"
    )


def read_mention(body: Payload) -> CommandGiven:
    """The bot's name and words behind it, in a channel or a thread."""
    event = body.at("event")
    user = ChatUser(event.text("user_team") or event.text("team") or body.text("team_id"), event.text("user"))
    words = plain_words(_MENTION.sub(" ", event.text("text"), count=1))
    return CommandGiven(words, user, event.text("channel"), event.text("thread_ts"), body.text("event_id"))


def read_shortcut(body: Payload) -> CommandGiven:
    """ "Explain this gate" on a message: the same as asking `why` in its thread."""
    user = read_user(body)
    thread = body.text("message", "thread_ts") or body.text("message", "ts") or body.text("message_ts")
    return CommandGiven("why", user, body.text("channel", "id"), thread, f"{user.key}:{body.text('trigger_id')}")


def read_opened_home(body: Payload) -> ChatUser | None:
    """Who opened the home tab; None for the other tab."""
    event = body.at("event")
    if event.text("tab") != "home":
        return None
    return ChatUser(body.text("team_id"), event.text("user"))


def read_changed_member(body: Payload) -> ChatProfile | None:
    """Who is another now, as the event describes them; None where it names nobody."""
    member = body.at("event", "user")
    user = ChatUser(body.text("team_id"), member.text("id"))
    return read_profile(user, member) if user.id else None


def read_user(body: Payload) -> ChatUser:
    """Who acted. A person of another workspace keeps that workspace: two teams' people never compare equal."""
    return ChatUser(body.text("user", "team_id") or body.text("team", "id"), body.text("user", "id"))


def plain_words(text: str) -> str:
    """What was typed: links as their address, people as `<@U0123>` without their name, entities as characters, one space
    between words."""
    words = _LABELLED.sub(lambda link: link[1].removeprefix("mailto:"), text)
    words = _NAMED.sub(r"<@\1>", words)
    return " ".join(html.unescape(words).split())[:WORDS_LIMIT]
