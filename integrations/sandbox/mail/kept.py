"""A letter as a mail server keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal


@dataclass(frozen=True, slots=True)
class Mail:
    """One letter as it was handed over."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    user: str
    secure: bool

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: Literal["plain", "html"]) -> str:
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")
