"""What people do in Slack. Each verb waits for the application's acknowledgement and returns what the person then saw."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from integrations.sandbox.slack import chat_methods, controls, dialogue, view_methods
from integrations.sandbox.slack.mrkdwn import notified
from integrations.sandbox.slack.refusal import Json, Refusal
from integrations.sandbox.slack.responses import Responses
from integrations.sandbox.slack.triggers import Triggers
from integrations.sandbox.slack.voice import Ack, Voice
from integrations.sandbox.slack.workspace import APP, BOT_USER, TEAM, Channel, Message, View, Workspace

NOT_TAKEN = "This app is not responding. Nothing was sent; try again."
_URL = re.compile(r"https?://[^\s<>|]+")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person saw at once. `warning`: Slack's own words when the application did not take it in time."""

    taken: bool
    warning: str = ""
    text: str = ""
    blocks: tuple[Json, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)


class People:
    """The verbs. `commands` are the slash commands the app has registered."""

    def __init__(self, workspace: Workspace, voice: Voice, triggers: Triggers, responses: Responses) -> None:
        self._workspace = workspace
        self._voice = voice
        self._triggers = triggers
        self._responses = responses
        self.base_url = ""
        self.commands = {"/llmgate"}
        self.refused_answers: list[str] = []
        """Acknowledgements Slack would not accept, such as errors for a block that is not there."""

    # messages

    def click(self, user: str, channel: str, ts: str, wanted: str) -> Seen:
        """Press a button of a message, named by action_id, label or value; a confirmation is agreed to."""
        message = self.find_message(user, channel, ts)
        return self.act(user, message, controls.find(message.blocks, wanted, "button"))

    def overflow(self, user: str, channel: str, ts: str, option: str) -> Seen:
        """Choose from a message's overflow menu, by label or value."""
        message = self.find_message(user, channel, ts)
        return self.act(user, message, controls.find(message.blocks, option, "overflow"), option)

    def find_message(self, user: str, channel: str, ts: str) -> Message:
        """A message as this person sees it, private ones included."""
        shelf = [*self._workspace.ephemerals, *self._workspace.messages]
        for message in shelf:
            if message.channel == channel and message.ts == ts and message.only_for in ("", user):
                return message
        raise LookupError(f"{user} sees no message {ts} in {channel}")

    def act(self, user: str, message: Message, control: controls.Control, option: str = "") -> Seen:
        """Use one control of a message; `option` chooses from a menu."""
        channel = self._workspace.channels[message.channel]
        self._present(user, channel)
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(message.only_for),
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        more: Json = {
            "container": container,
            "channel": {"id": channel.id, "name": channel.name or "directmessage"},
            "state": {"values": {}},
            "response_url": self._respond_url(user, channel.id, message),
        }
        if not message.only_for:  # Slack does not send the content of ephemeral messages
            more["message"] = chat_methods.described(message)
        return self._press(user, control, option, more)

    def _press(self, user: str, control: controls.Control, option: str, more: Json) -> Seen:
        sent = controls.action(control, self._workspace.new_ts(), option)
        return self._seen(self._voice.interaction({**self._interaction("block_actions", user), **more, "actions": [sent]}))

    # dialogues and home

    def fill(self, user: str, view: View, values: dialogue.Values) -> None:
        """Type into an open dialogue without sending it."""
        if view not in self._workspace.stack(user):
            raise LookupError(f"{user} has no such dialogue open: {view.title}")
        dialogue.fill(view, values)
        self._workspace.touch()

    def submit(self, user: str, values: dialogue.Values | None = None) -> Seen:
        """Fill the topmost dialogue and send it. Errors, its own or the application's, come back by block_id."""
        view = self._top(user)
        view.warning, view.errors = "", {}
        dialogue.fill(view, values or {})
        view.errors = dialogue.checked_by_slack(view)
        self._workspace.touch()
        if view.errors:
            return Seen(False, errors=dict(view.errors))
        body = {**self._interaction("view_submission", user), "view": view_methods.described(view), "response_urls": []}
        ack = self._voice.interaction(body)
        with self._workspace.lock:
            return self._submitted(view, ack)

    def _submitted(self, view: View, ack: Ack) -> Seen:
        if not ack.taken:
            view.warning = dialogue.TROUBLE
            self._workspace.touch()
            return Seen(False, warning=view.warning)
        try:
            dialogue.answered(self._workspace, view, ack.body)
        except Refusal as refusal:
            self.refused_answers.append(str(refusal.more or refusal.code))
            view.warning = dialogue.TROUBLE
            self._workspace.touch()
        return Seen(True, warning=view.warning, errors=dict(view.errors))

    def close_view(self, user: str) -> Seen:
        """Close the topmost dialogue; the application hears of it only where it asked to."""
        view = self._top(user)
        dialogue.close(self._workspace, view)
        if not view.content.get("notify_on_close"):
            return Seen(True)
        body = {**self._interaction("view_closed", user), "view": view_methods.described(view), "is_cleared": False}
        return self._seen(self._voice.interaction(body))

    def click_view(self, user: str, wanted: str, option: str = "") -> Seen:
        """Press a button inside the topmost dialogue."""
        return self._press_view(user, self._top(user), wanted, option)

    def click_home(self, user: str, wanted: str, option: str = "") -> Seen:
        """Press a button of the home page, by action_id or label; `option` chooses from a menu."""
        home = self._workspace.homes.get(user)
        if home is None:
            raise LookupError(f"{user} has no home page of the app")
        return self._press_view(user, home, wanted, option)

    def open_home(self, user: str) -> Seen:
        """Open the app's home tab."""
        event: Json = {"type": "app_home_opened", "user": user, "tab": "home", "event_ts": self._workspace.new_ts()}
        event["channel"] = self._workspace.direct(user).id
        home = self._workspace.homes.get(user)
        if home is not None:
            event["view"] = view_methods.described(home)
        return self._seen(self._voice.event(event))

    def _press_view(self, user: str, view: View, wanted: str, option: str = "") -> Seen:
        control = controls.find(view.blocks, wanted)
        more: Json = {
            "container": {"type": "view", "view_id": view.id},
            "view": view_methods.described(view),
        }
        return self._press(user, control, option or wanted, more)

    def _top(self, user: str) -> View:
        stack = self._workspace.stack(user)
        if not stack:
            raise LookupError(f"{user} has no dialogue open")
        return stack[-1]

    # words

    def command(self, user: str, channel: str, line: str) -> Seen:
        """Type a slash command into a channel."""
        name, _, text = line.partition(" ")
        if name not in self.commands:
            return Seen(False, warning=f"{name} is not a valid command.")
        place = self._present(user, self._workspace.channels[channel])
        member = self._workspace.members[user]
        ack = self._voice.command(
            {
                "token": "unused",
                "team_id": TEAM,
                "team_domain": "sandbox",
                "channel_id": place.id,
                "channel_name": place.name or "directmessage",
                "user_id": user,
                "user_name": member.name,
                "command": name,
                "text": self.escaped(text.strip()),
                "api_app_id": APP,
                "is_enterprise_install": "false",
                "response_url": self._respond_url(user, channel, None),
                "trigger_id": self._triggers.issue(user),
            }
        )
        if ack.taken and ack.body:
            return self._shown(user, channel, ack.body)
        return self._seen(ack)

    def mention(self, user: str, channel: str, thread_ts: str, text: str) -> Seen:
        """Write `@llmgate …` in a channel, or in a thread of it; the app hears of it only where it is a member."""
        place = self._present(user, self._workspace.channels[channel])
        words = text.replace("@llmgate", f"<@{BOT_USER}>")
        words = words if f"<@{BOT_USER}>" in words else f"<@{BOT_USER}> {words}"
        message = self.say(user, channel, words, thread_ts)
        if BOT_USER not in place.members:
            return Seen(False)
        event: Json = {
            "type": "app_mention",
            "user": user,
            "text": message.text,
            "ts": message.ts,
            "channel": channel,
            "team": TEAM,
            "event_ts": message.ts,
        }
        if thread_ts:
            event["thread_ts"] = thread_ts
        return self._seen(self._voice.event(event))

    def say(self, user: str, channel: str, text: str, thread_ts: str = "") -> Message:
        """Write a message. Without a history scope the application never hears of it."""
        place = self._present(user, self._workspace.channels[channel])
        with self._workspace.lock:
            message = Message(channel, self._workspace.new_ts(), user, text, thread_ts=thread_ts)
            message.notified = notified(self._workspace, place, text, []) - {user}
            self._workspace.messages.append(message)
            self._workspace.touch()
        return message

    def escaped(self, text: str) -> str:
        """Command text as the app gets it: people, channels and addresses in `<…>`, the rest escaped."""
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        text = _URL.sub(lambda found: f"<{found.group(0)}>", text)
        for member in sorted(self._workspace.members.values(), key=lambda one: -len(one.name)):
            text = text.replace(f"@{member.name}", f"<@{member.id}|{member.name}>")
        for channel in self._workspace.channels.values():
            text = text.replace(f"#{channel.name} ", f"<#{channel.id}|{channel.name}> ") if channel.name else text
        return text

    # what they have in common

    def _interaction(self, kind: str, user: str) -> Json:
        member = self._workspace.members[user]
        return {
            "type": kind,
            "user": {"id": user, "username": member.name, "name": member.name, "team_id": TEAM},
            "api_app_id": APP,
            "token": "unused",
            "trigger_id": self._triggers.issue(user),
            "team": {"id": TEAM, "domain": "sandbox"},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _present(self, user: str, channel: Channel) -> Channel:
        if user not in self._workspace.members:
            raise LookupError(f"nobody here is called {user}")
        if user not in channel.members:
            raise LookupError(f"{user} is not in {channel.name or channel.id} and cannot act there")
        return channel

    def _respond_url(self, user: str, channel: str, origin: Message | None) -> str:
        return f"{self.base_url}/respond/{self._responses.issue(user, channel, origin)}"

    def _shown(self, user: str, channel: str, body: Json) -> Seen:
        try:
            with self._workspace.lock:
                message = self._responses.show(user, channel, body)
        except Refusal as refusal:
            self.refused_answers.append(str(refusal.more or refusal.code))
            return Seen(True, warning=NOT_TAKEN)
        return Seen(True, text=message.text, blocks=tuple(message.blocks))

    def _seen(self, ack: Ack) -> Seen:
        return Seen(True) if ack.taken else Seen(False, warning=NOT_TAKEN)
