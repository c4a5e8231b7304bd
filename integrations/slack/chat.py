"""Slack as the application sees it: deliver an action, look up a person or a group. Implements `bot.ports.chat.Chat`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from bot.core.actions import ChatAction, PostCheckpoint, SayInThread, ShowAsk, ShowCard, ShowHome, ShowTask, Whisper
from bot.core.ids import ChatUser
from bot.core.messages.anchor import checkpoint_words
from bot.core.notice import Notice
from bot.ports.chat import ChatProfile, MessageRef
from bot.ports.clock import Clock
from bot.ports.errors import Vanished
from integrations.slack.blocks.element import Block, named, preformatted, section
from integrations.slack.blocks.home import home_view
from integrations.slack.blocks.message import message
from integrations.slack.connection import Connection
from integrations.slack.faults import Misplaced
from integrations.slack.people import People
from integrations.slack.sightings import Sightings

_POSTS = uuid.UUID("5b0c3a0e-6d1f-4f4b-9a52-0c9f3d1f7a11")
"""Namespace of `client_msg_id`: the same key makes the same id, and Slack posts it once."""


class SlackChat:
    """One workspace. Safe to share among threads; it never sleeps and never retries."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._people = People(connection, clock)
        self._sightings = Sightings(connection, clock, self._people)

    def deliver(self, action: ChatAction, shown: MessageRef | None, thread: MessageRef | None, key: str) -> MessageRef | None:
        """Post, edit, whisper or publish; returns the message that can be edited later, if there is one."""
        if isinstance(action, ShowHome):
            self.publish(action, key)
            return None
        if isinstance(action, Whisper):
            self.whisper(action, key)
            return None
        if isinstance(action, PostCheckpoint):
            return shown or self.post_checkpoint(action, key)
        if shown is not None and isinstance(action, ShowCard | ShowAsk | ShowTask):
            return self.edit(shown, action.notice, key)
        if isinstance(action, ShowAsk | ShowTask | SayInThread) and thread is None:
            raise Vanished(f"there is no card in {action.channel} to answer under")
        under = thread.ts if thread and not isinstance(action, ShowCard) else ""
        return self._post(action.channel, under, message(action.notice, key), key)

    def fetch_profile(self, user: ChatUser, *, fresh: bool = False) -> ChatProfile:
        return self._people.profile(user, fresh=fresh)

    def hear(self, profile: ChatProfile) -> None:
        """Slack itself has just said how a member is now: that is remembered, and nobody asks."""
        self._people.profiles.keep(profile.user, profile)

    def fetch_seen(self, users: Sequence[ChatUser]) -> tuple[ChatProfile, ...]:
        return self._sightings.seen(users)

    def known_address(self, user: ChatUser) -> str:
        return self._people.address(user)

    def find_member(self, address: str) -> ChatUser | None:
        return self._people.of_address(address)

    def fetch_group(self, group: str) -> tuple[ChatUser, ...]:
        return self._people.group(group)

    def publish(self, action: ShowHome, key: str) -> None:
        self._connection.call("views.publish", user_id=action.user.id, view=home_view(action.home, key))

    def post_checkpoint(self, action: PostCheckpoint, key: str) -> MessageRef:
        """The signed note as it is, so that whoever copies it has what `llmgate log verify --anchor` reads."""
        said = checkpoint_words(action.size)
        blocks = named([section(said), section(preformatted(action.note))], key)
        return self._post(action.channel, "", (said, blocks), key)

    def whisper(self, action: Whisper, key: str) -> None:
        """A word that only one person sees: in place where the app and the person are, else as a direct message."""
        text, blocks = message(action.notice, key)
        if action.channel:
            try:
                self._connection.call(
                    "chat.postEphemeral",
                    channel=action.channel,
                    user=action.user.id,
                    thread_ts=action.thread,
                    text=text,
                    blocks=blocks,
                )
                return
            except (Misplaced, Vanished):
                pass  # the app or the person is not there (any more): the direct message below still reaches them
        self._post(self._direct(action.user), "", (text, blocks), key)

    def tell(self, user: ChatUser, notice: Notice, key: str) -> MessageRef:
        """A direct message. The same key again is the same message."""
        return self._post(self._direct(user), "", message(notice, key), key)

    def _direct(self, user: ChatUser) -> str:
        """The app's channel with that person (`D…`): edits take no other name for it."""
        return self._connection.call("conversations.open", users=user.id).text("channel", "id")

    def _post(self, channel: str, thread: str, said: tuple[str, list[Block]], key: str) -> MessageRef:
        text, blocks = said
        answer = self._connection.call(
            "chat.postMessage",
            channel=channel,
            thread_ts=thread,
            text=text,
            blocks=blocks,
            client_msg_id=str(uuid.uuid5(_POSTS, key)),
            unfurl_links=False,
            unfurl_media=False,
        )
        return MessageRef(answer.text("channel"), answer.text("ts"))

    def edit(self, shown: MessageRef, notice: Notice, key: str) -> MessageRef:
        """A message of the app's says something else from now on."""
        text, blocks = message(notice, key)
        try:
            self._connection.call(
                "chat.update",
                channel=shown.channel,
                ts=shown.ts,
                text=text,
                blocks=blocks,
                unfurl_links=False,
                unfurl_media=False,
            )
        except Misplaced as gone:
            raise Vanished(str(gone)) from None
        return shown
