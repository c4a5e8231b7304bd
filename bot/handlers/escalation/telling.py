"""A reminder becomes words when it is delivered, of what holds at that moment. Where nothing of it does any more, nothing is
sent: no nudge follows a decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.actions import Remind, Reword, SayInThread, Whisper
from bot.core.escalation.model import Escalation, Reminder
from bot.core.hours.span import minutes_between
from bot.core.ids import ChangeRef
from bot.core.messages.over import render_reworded
from bot.core.messages.reminding import render_digest, render_mention, render_reminders
from bot.core.messages.told import Told
from bot.core.notice import Notice
from bot.handlers.counter.board import queue_for
from bot.handlers.counter.opened import standing_of
from bot.handlers.escalation.calendars import calendars_of
from bot.handlers.kit import Kit
from bot.ports.errors import Unavailable
from bot.ports.store import Unit


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line about one change is said: under which card."""

    action: SayInThread
    card: str
    """External id of the card."""


def notice_of(kit: Kit, remind: Remind, elsewhere: bool = False) -> Notice | None:
    """The whole message, for whichever way it goes; None where nothing of it holds any more."""
    told = told_of(kit, remind.reminders, elsewhere)
    if not remind.digest:
        return render_reminders(told)
    person = next((one for one in kit.people.people() if one.id == remind.person), None)
    return render_digest(queue_for(kit, person), told) if person is not None else None


def message_of(kit: Kit, remind: Remind) -> Whisper | Place | None:
    """What the chat is to say: a private message, or a line in the thread where the person wants it so and there is one. Raises
    Unavailable for somebody whom the chat does not know."""
    place = _place(kit, remind) if remind.mention else None
    if place is not None:
        return place
    notice = notice_of(kit, remind)
    if notice is None:
        return None
    if remind.user is None:
        raise Unavailable(f"no chat account is known of {remind.person}; what they are to hear of goes another way")
    return Whisper(remind.user, "", notice, remind.surface)


def reworded(kit: Kit, reword: Reword) -> Notice | None:
    """The message as it is to stand now; None where it stands well as it is."""
    with kit.store.look() as unit:
        over = tuple(_told(kit, unit, unit.ended_reminders(reword.over)))
    return render_reworded(over, told_of(kit, reword.remind.reminders))


def told_of(kit: Kit, reminders: Sequence[int], elsewhere: bool = False) -> tuple[Told, ...]:
    """Those of them that still hold, with what their sentences need, as the change was last judged."""
    with kit.store.look() as unit:
        live = unit.live_reminders(reminders, elsewhere) if reminders else ()
        return tuple(_told(kit, unit, live))


def _told(kit: Kit, unit: Unit, live: Sequence[Reminder]) -> Iterator[Told]:
    now = kit.clock.now()
    for ref in dict.fromkeys(one.change for one in live):
        record = unit.change(ref)
        if record is None or not record.facts or not record.verdict:
            continue
        standing = standing_of(kit, record, unit.request_of(ref))
        for one in (each for each in live if each.change == ref):
            turn = _turn(unit, one)
            calendar = calendars_of(kit, unit, [turn.person])[turn.person] if turn else None
            yield Told(one, standing, turn, minutes_between(calendar, turn.since, now) if turn and calendar else 0)


def _turn(unit: Unit, reminder: Reminder) -> Escalation | None:
    return next((row for row in unit.escalations(reminder.token) if row.seat == reminder.seat and not row.ended), None)


def _place(kit: Kit, remind: Remind) -> Place | None:
    """None where nothing holds any more, or the change has no card."""
    told = told_of(kit, remind.reminders)
    notice = render_mention(told)
    if notice is None:
        return None
    ref: ChangeRef = told[0].standing.facts.change.ref
    with kit.store.look() as unit:
        request = unit.request_of(ref)
        card = unit.shown(ref.key, f"card:{request.channel}") if request is not None else None
    return Place(SayInThread(ref, request.channel, notice, remind.surface), card) if request and card else None
