"""What the application asks of a chat, and what a chat asks of the application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.actions import ChatAction
from bot.core.events import ButtonPressed, CommandGiven, FormSubmitted
from bot.core.ids import ChatUser
from bot.core.notice import Form, FormErrors, Home, Notice


@dataclass(frozen=True, slots=True)
class MessageRef:
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class ChatProfile:
    """What the chat says of a member. Guests, strangers, bots and deactivated members never approve."""

    user: ChatUser
    name: str
    bot: bool = False
    deactivated: bool = False
    guest: bool = False
    stranger: bool = False
    zone: str = ""
    status_text: str = ""
    status_emoji: str = ""
    status_until: datetime | None = None
    """When the status ends by itself; None: it does not."""
    email: str = ""
    """Where they are written to, and never who they are; empty where the chat does not tell."""
    away: bool | None = None
    """Whether the chat sees them now; None: nobody asked, or it did not tell."""
    quiet_until: datetime | None = None
    """The chat lets no sound through until then; None: it does, or did not tell."""


class Chat(Protocol):
    """One chat workspace."""

    def deliver(self, action: ChatAction, shown: MessageRef | None, thread: MessageRef | None, key: str) -> MessageRef | None:
        """Post, edit, whisper or publish. `shown` is the message to edit, `thread` the card to answer under.

        `key` as for `Forge.deliver`. Raises Vanished when the message or channel is gone.
        """
        ...

    def tell(self, user: ChatUser, notice: Notice, key: str) -> MessageRef:
        """A direct message. The same `key` again posts nothing twice. Refused or Vanished: this person cannot be reached."""
        ...

    def edit(self, shown: MessageRef, notice: Notice, key: str) -> MessageRef:
        """A message of the bot's says something else from now on. Raises Vanished where it is gone."""
        ...

    def fetch_profile(self, user: ChatUser, *, fresh: bool = False) -> ChatProfile:
        """A member as the chat knows them, or knew them minutes ago; `fresh`: as it knows them now."""
        ...

    def fetch_seen(self, users: Sequence[ChatUser]) -> tuple[ChatProfile, ...]:
        """Members as they are seen now or minutes ago, `away` and `quiet_until` as well, of at most fifty. Raises nothing:
        whoever cannot be looked up is left out, and what may not be asked is not known."""
        ...

    def known_address(self, user: ChatUser) -> str:
        """A confirmed e-mail address as the chat last told it: a place to write to, and never an identity. Asks nobody; empty
        where it is not known."""
        ...

    def find_member(self, address: str) -> ChatUser | None:
        """Whose e-mail address that is: a hint for people, and never an identity. Refused where it may not be asked."""
        ...

    def fetch_group(self, group: str) -> tuple[ChatUser, ...]:
        """Members of a user group."""
        ...


class ChatDesk(Protocol):
    """What a chat adapter asks the application while a person waits (3 s): answers come from the store alone."""

    def press(self, press: ButtonPressed) -> Form | Notice | Home | None:
        """A form to open, a private answer, another page of their home, or nothing to show."""
        ...

    def submit(self, form: FormSubmitted) -> FormErrors | Notice | None:
        """Errors to show in the form, a private refusal, or None: stored, and the form may close."""
        ...

    def command(self, command: CommandGiven) -> Notice: ...

    def mention(self, command: CommandGiven) -> Notice: ...

    def home(self, user: ChatUser) -> Home: ...

    def member_changed(self, profile: ChatProfile, interaction: str) -> None:
        """The chat says that a member is so now. Stored where it matters; `interaction` names the saying."""
        ...
