"""Actions leave the outbox: performed once, in their lanes, and put back or laid aside when the world refuses.

A forge's lane is one surface of one change, so what is refused there waits for somebody to grant what is missing, or for a
commit that the forge does not show yet, and holds up nobody. A chat's lane is a whole channel: what is refused there is laid
aside at once, so that everything behind it is still said. A summary for others that a forge does not take is let go: the gate
does without it, and `llmgate doctor` says which permission is not there. So is an edit of what was said in private.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import structlog

from bot.core.actions import (
    CallHook,
    ForgeAction,
    PostReview,
    PublishSummary,
    Remind,
    Reword,
    SetCheck,
    SetComment,
    SetLabels,
    ShowCard,
    Write,
)
from bot.core.events import ChangeTouched
from bot.core.ids import ChangeRef, RepoRef
from bot.handlers.escalation.elsewhere import write, write_instead
from bot.handlers.escalation.telling import Place, message_of, reworded
from bot.handlers.kit import Kit
from bot.ports.chat import MessageRef
from bot.ports.errors import Conflict, Refused, Unavailable, Vanished, WorldError
from bot.ports.forge import IN_DOUBT
from bot.ports.store import Delivery

log = structlog.get_logger()
BACKOFF_S = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
CONFLICT_S = 1.0
FORGE = "forge:"
LATE = timedelta(seconds=1)


def backoff(attempts: int) -> float:
    """Seconds to wait after so many attempts."""
    return BACKOFF_S[min(max(attempts, 1), len(BACKOFF_S)) - 1]


def deliver_next(kit: Kit, worker: str, lane_prefix: str) -> bool:
    """Perform one due action of these lanes. False when there is none."""
    delivery = kit.store.claim_delivery(worker, lane_prefix)
    if delivery is None:
        return False
    try:
        external_id = _perform(kit, delivery)
    except WorldError as error:
        log.warning("not delivered", surface=delivery.action.surface, change=delivery.change_key, problem=str(error))
        _undelivered(kit, delivery, error)
    except Exception as error:  # a fault of ours: the action is kept, and tried again
        log.exception("delivery failed", surface=delivery.action.surface, change=delivery.change_key)
        kit.store.retry_delivery(delivery, type(error).__name__, backoff(delivery.attempts))
    else:
        kit.store.finish_delivery(delivery, external_id)
        if isinstance(delivery.action, ShowCard) and delivery.shown is None and delivery.revision > 1:
            _look_again(kit, delivery, f"its card is shown, as revision {delivery.revision}")
    return True


def _undelivered(kit: Kit, delivery: Delivery, error: WorldError) -> None:
    problem, pause_s = str(error), backoff(delivery.attempts)
    if isinstance(delivery.action, PublishSummary | Reword) and isinstance(error, Refused | Vanished):
        kit.store.finish_delivery(delivery, None)
    elif isinstance(error, Vanished) and delivery.shown is not None:
        _show_anew(kit, delivery, problem)
    elif isinstance(error, Refused | Vanished) and not delivery.lane.startswith(FORGE):
        kit.store.drop_delivery(delivery, problem)
        if isinstance(delivery.action, ShowCard):
            _look_again(kit, delivery, f"its card was refused: {problem}")
        if isinstance(delivery.action, Remind):
            write_instead(kit, delivery.action)
    elif isinstance(error, Unavailable):
        kit.store.retry_delivery(delivery, problem, error.retry_after_s or pause_s)
    else:
        kit.store.retry_delivery(delivery, problem, CONFLICT_S if isinstance(error, Conflict) else pause_s)


def _perform(kit: Kit, delivery: Delivery) -> str | None:
    action = delivery.action
    if isinstance(action, SetCheck | SetLabels | SetComment | PostReview | PublishSummary):
        known = (IN_DOUBT if delivery.attempts > 1 else "") + (delivery.shown or "")
        return kit.forge(_repo(action)).deliver(_signed(kit, action), known or None, delivery.key)
    if isinstance(action, CallHook):
        _call(kit, action, delivery.key)
        return None
    if isinstance(action, Remind):
        return _external(_remind(kit, action, delivery.key))
    if isinstance(action, Reword):
        _reword(kit, action, delivery)
        return None
    if isinstance(action, Write):
        write(kit, action, delivery.key)
        return None
    if kit.chat is None:
        raise Refused("saw an action for the chat; wanted one connected: set slack.bot_token")
    said = kit.chat.deliver(action, _message(delivery.shown), _message(delivery.thread), delivery.key)
    return _external(said)


def _remind(kit: Kit, remind: Remind, key: str) -> MessageRef | None:
    said, now = _tell(kit, remind, key), kit.clock.now()
    if said is not None and now - remind.at >= LATE:
        with kit.store.begin() as unit:
            unit.said_late(remind.reminders, now)
            if remind.digest:
                unit.digest_told(remind.person, now)
            unit.commit()
    return said


def _tell(kit: Kit, remind: Remind, key: str) -> MessageRef | None:
    """What of it still holds, said now; nothing where nothing does. Without a chat it waits until it goes another way. Returns
    the private message, which can be edited later."""
    message = message_of(kit, remind)
    if message is None:
        return None
    if kit.chat is None:
        raise Unavailable("no chat is connected; what people are to hear of goes another way")
    if not isinstance(message, Place):
        return kit.chat.tell(message.user, message.notice, key)
    try:
        kit.chat.deliver(message.action, None, _message(message.card), key)
    except Vanished:  # the thread is gone, and what was to be said in it is not
        return _tell(kit, replace(remind, mention=False), key)
    return None


def _reword(kit: Kit, action: Reword, delivery: Delivery) -> None:
    """Whoever deleted the message has nothing to press."""
    with kit.store.look() as unit:
        shown = _message(unit.shown(delivery.change_key, action.remind.surface))
    notice = reworded(kit, action) if shown is not None else None
    if shown is None or notice is None or kit.chat is None:
        return
    kit.chat.edit(shown, notice, delivery.key)


def _call(kit: Kit, action: CallHook, key: str) -> None:
    if kit.hooks is None:
        raise Refused(f"saw a step of a chain for webhooks.{action.hook}; wanted its url and secret_file among the settings")
    kit.hooks.call(action.hook, action.body.encode(), key)


def _signed(kit: Kit, action: ForgeAction) -> ForgeAction:
    """What is published is signed on its way out, and what waits is not: a key may change meanwhile."""
    if not isinstance(action, PublishSummary):
        return action
    return replace(action, bundle=kit.trust.signer.sign(action.statement.encode()).decode())


def _repo(action: ForgeAction) -> RepoRef:
    return action.repo if isinstance(action, SetCheck) else action.change.repo


def _external(said: MessageRef | None) -> str | None:
    return f"{said.channel}:{said.ts}" if said else None


def _message(external_id: str | None) -> MessageRef | None:
    if not external_id:
        return None
    channel, _, ts = external_id.partition(":")
    return MessageRef(channel, ts)


def _look_again(kit: Kit, delivery: Delivery, why: str) -> None:
    """So that the check says what became of the card: once for each reason, or a card that is always refused had no end."""
    with kit.store.begin() as unit:
        key = delivery.change_key
        once = hashlib.sha256(why.encode()).hexdigest()
        unit.add_job(ChangeTouched(ChangeRef.from_key(key), why), key, f"card:{key}:{once}", kit.clock.now())
        unit.commit()


def _show_anew(kit: Kit, delivery: Delivery, problem: str) -> None:
    """What should be edited is gone: it is shown anew, once."""
    with kit.store.begin() as unit:
        unit.forget_shown(delivery.change_key, delivery.action.surface)
        unit.commit()
    kit.store.retry_delivery(delivery, problem, 0.0)
