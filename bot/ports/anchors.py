"""Places outside of the database where checkpoints stand, so that whoever rules the database cannot change the past alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.ports.records import StoredCheckpoint


@dataclass(frozen=True, slots=True)
class AnchoredNote:
    """A checkpoint as it stands outside. The note is hostile until its signatures are verified."""

    reference: str
    """The outside's name for it: a commit's id, `channel:ts` of a message, a file's path."""
    note: str


class AnchorPlace(Protocol):
    """One such place."""

    @property
    def place(self) -> str:
        """As in `Anchor.place`."""
        ...

    def put(self, checkpoint: StoredCheckpoint) -> str | None:
        """Make the checkpoint stand there; the outside's name for it, once it really does. None: it is on its way.

        Twice is harmless. Raises WorldError; Refused where what stands there contradicts the checkpoint.
        """
        ...

    def read(self) -> tuple[AnchoredNote, ...] | None:
        """Everything that stands there, oldest first; None from a place that cannot be read back. Raises WorldError."""
        ...
