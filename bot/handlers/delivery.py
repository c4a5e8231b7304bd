"""Actions leave the outbox: performed once, in their lanes, and put back or laid aside when the world refuses."""

from __future__ import annotations

from bot.core.actions import ForgeAction, PostReview, SetCheck, SetComment, SetLabels
from bot.core.ids import RepoRef
from bot.handlers.kit import Kit
from bot.ports.chat import MessageRef
from bot.ports.errors import Conflict, Refused, Unavailable, Vanished, WorldError
from bot.ports.forge import IN_DOUBT
from bot.ports.store import Delivery

BACKOFF_S = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
CONFLICT_S = 1.0


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
    except Vanished as error:
        _vanished(kit, delivery, str(error))
    except Refused as error:
        kit.store.drop_delivery(delivery, str(error))
    except Unavailable as error:
        kit.store.retry_delivery(delivery, str(error), error.retry_after_s or backoff(delivery.attempts))
    except Conflict as error:
        kit.store.retry_delivery(delivery, str(error), CONFLICT_S)
    except WorldError as error:
        kit.store.retry_delivery(delivery, str(error), backoff(delivery.attempts))
    else:
        kit.store.finish_delivery(delivery, external_id)
    return True


def _perform(kit: Kit, delivery: Delivery) -> str | None:
    action = delivery.action
    if isinstance(action, SetCheck | SetLabels | SetComment | PostReview):
        known = delivery.shown or (IN_DOUBT if delivery.attempts > 1 else None)
        return kit.forge(_repo(action)).deliver(action, known, delivery.key)
    if kit.chat is None:
        raise Refused("saw an action for the chat; wanted one connected: set slack.bot_token")
    said = kit.chat.deliver(action, _message(delivery.shown), _message(delivery.thread), delivery.key)
    return f"{said.channel}:{said.ts}" if said else None


def _repo(action: ForgeAction) -> RepoRef:
    return action.repo if isinstance(action, SetCheck) else action.change.repo


def _message(external_id: str | None) -> MessageRef | None:
    if not external_id:
        return None
    channel, _, ts = external_id.partition(":")
    return MessageRef(channel, ts)


def _vanished(kit: Kit, delivery: Delivery, problem: str) -> None:
    """What should be edited is gone: show it anew, once. What was never shown has nowhere to go."""
    if delivery.shown is None:
        kit.store.drop_delivery(delivery, problem)
        return
    with kit.store.begin() as unit:
        unit.forget_shown(delivery.change_key, delivery.action.surface)
        unit.commit()
    kit.store.retry_delivery(delivery, problem, 0.0)
