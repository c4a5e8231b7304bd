"""The log's tick: sign the head as it is now, have it dated, and put it wherever it does not stand yet.

A place that fails holds up no other and is tried again with the next tick; nothing here opens or closes a gate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from bot.core.actions import PostCheckpoint
from bot.core.tlog.note import format_note, parse_note
from bot.handlers.ledger.transparency import TransparencyLog
from bot.ports.anchors import AnchorPlace
from bot.ports.clock import Clock
from bot.ports.errors import WorldError
from bot.ports.records import Anchor, StoredCheckpoint
from bot.ports.store import Store
from bot.ports.trust import TimestampAuthority

T = TypeVar("T")
log = structlog.get_logger()
OUTBOX_KEY = "log"
"""What the outbox knows the log by, in the place of a change's key."""


@dataclass(frozen=True, slots=True)
class ChatAnchor:
    """Implements `AnchorPlace`: the audit channel. What is said there goes through the outbox, as everything in the chat does.

    It cannot be read back, since the bot asks for no right to read messages: a person copies the note into a file.
    """

    store: Store
    clock: Clock
    channel: str

    @property
    def place(self) -> str:
        return "chat"

    def put(self, checkpoint: StoredCheckpoint) -> str | None:
        """`channel:ts`, once the message is there. Until then it is queued, once."""
        action = PostCheckpoint(self.channel, checkpoint.size, _as_signed(checkpoint.note))
        with self.store.begin() as unit:
            said = unit.shown(OUTBOX_KEY, action.surface)
            if said is None and unit.add_action(OUTBOX_KEY, action, self.clock.now()):
                unit.commit()
        return said

    def read(self) -> None:
        """The bot sees no messages."""


@dataclass(frozen=True, slots=True)
class Anchoring:
    """A log, and everything outside that is told of it."""

    log: TransparencyLog
    places: Sequence[AnchorPlace] = ()
    authority: TimestampAuthority | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the places, as anchors name them."""
        return tuple(place.place for place in self.places)

    def tick(self) -> None:
        """Whatever is to be done is done as far as the world lets it; the rest is logged, and done by a later tick.

        The last head comes first: what was on its way to a place when it was new may stand there by now.
        """
        last = _tried("last checkpoint", self.log.newest)
        if last is not None:
            self._carry(last)
        newest = _tried("checkpoint", self.log.checkpoint)
        if newest is not None and (last is None or newest.size != last.size):
            self._carry(newest)

    def _carry(self, checkpoint: StoredCheckpoint) -> None:
        if self.authority is not None and not checkpoint.timestamp:
            authority = self.authority
            _tried("timestamp", lambda: self._date(checkpoint, authority))
        with self.log.store.look() as unit:
            stands = {anchor.place for anchor in unit.anchors() if anchor.size == checkpoint.size}
        for place in self.places:
            if place.place not in stands:
                _tried(place.place, lambda place=place: self._put(place, checkpoint))  # type: ignore[misc]  # binds this turn's

    def _date(self, checkpoint: StoredCheckpoint, authority: TimestampAuthority) -> None:
        token = authority.stamp(parse_note(checkpoint.note).text.encode())
        with self.log.store.begin() as unit:
            unit.add_timestamp(checkpoint.size, token, self.log.clock.now())
            unit.commit()

    def _put(self, place: AnchorPlace, checkpoint: StoredCheckpoint) -> None:
        reference = place.put(checkpoint)
        if reference is None:
            return
        with self.log.store.begin() as unit:
            unit.add_anchor(Anchor(checkpoint.size, place.place, reference, self.log.clock.now()))
            unit.commit()
        log.info("anchored", place=place.place, size=checkpoint.size, reference=reference)


def _as_signed(note: str) -> str:
    """The note under the log's own signature, which comes first: those of witnesses come later, and would make it another."""
    parsed = parse_note(note)
    return format_note(replace(parsed, signatures=parsed.signatures[:1]))


def _tried(step: str, act: Callable[[], T]) -> T | None:
    """What the step gives; None where the world did not let it, which is logged."""
    try:
        return act()
    except WorldError as error:
        log.warning("log not carried on", step=step, problem=str(error))
    except Exception as error:  # a fault of ours in one step must not keep the others from their turn
        log.exception("log step failed", step=step, kind=type(error).__name__)
    return None
