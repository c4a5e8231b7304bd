"""What is asked of the other way to people, for when the chat does not answer or there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.core.messages.letter import Letter


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a letter goes. `address` is a place to write to and never says who somebody is; empty where none is known."""

    name: str
    address: str = ""


class Notifier(Protocol):
    """One way out, such as a mail server."""

    @property
    def name(self) -> str:
        """What it is called in logs and by `llmgate doctor`. No secret is in it."""
        ...

    @property
    def by_address(self) -> bool:
        """Whether it writes to a person's own address; if not, to one place for all, and needs none."""
        ...

    def send(self, to: Recipient, message: Letter, key: str) -> None:
        """Hand one letter over. The same `key` again makes a letter that can be recognised as the same.

        Raises Unavailable where it should be tried again, and Refused where an address or a setting is wrong.
        """
        ...
