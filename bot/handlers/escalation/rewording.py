"""What a private message wanted is wanted no more: it is edited where it stands, so that nobody presses what is over."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bot.core.actions import Remind, Reword
from bot.core.escalation.model import NEWS, Reminder
from bot.core.ids import PersonId
from bot.core.messages.told import REVIEWERS
from bot.handlers.escalation.notifying import chats_of
from bot.handlers.kit import Kit
from bot.ports.store import Unit


def reword(kit: Kit, unit: Unit, tokens: Collection[str], gone: Collection[PersonId] = ()) -> None:
    """Queue the edits that follow for what was said of these requests, whose turns are stored as they are now. `gone`: who is
    wanted for nothing there any more."""
    sent = unit.sent_reminders(tokens)
    if not sent:
        return
    over = {one.id for one in _over(unit, sent, gone)}
    spoken = unit.end_reminders(over) if over else ()
    chats = chats_of(kit) if spoken else {}
    for message in spoken:
        said = Remind(chats.get(message.person), message.person, message.reminders, message.at)
        unit.add_action(f"person:{message.person}", Reword(said, message.over), kit.clock.now())


def _over(unit: Unit, sent: Collection[Reminder], gone: Collection[PersonId]) -> Iterator[Reminder]:
    tokens = sorted({one.token for one in sent})
    running = {(row.token, row.seat, row.epoch) for token in tokens for row in unit.escalations(token) if not row.ended}
    for one in sent:
        if one.kind in NEWS:
            continue
        answered = one.kind in REVIEWERS and one.person in gone
        if answered or (one.token, one.seat, one.epoch) not in running:
            yield one
