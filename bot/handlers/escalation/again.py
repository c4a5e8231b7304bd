"""Asked once more, after a request expired: a new request about the same head, and nobody who was asked is forgotten."""

from __future__ import annotations

from bot.core.events import AskedAgain
from bot.core.messages.turning import AskedOnceMore
from bot.handlers.conclude import Aside
from bot.handlers.decision import Refusal
from bot.handlers.escalation.acting import Outcome, Scene, act, stale
from bot.handlers.gather import Gatherer
from bot.handlers.kit import Kit
from bot.ports.escalation import Turning


def take_asked_again(kit: Kit, gatherer: Gatherer, event: AskedAgain) -> None:
    """Ask anew about a head whose request expired. Raises WorldError: the job is tried again."""

    def perform(scene: Scene) -> Outcome | Refusal | None:
        facts, request = scene.facts, scene.request
        if request.state == "void" and request.head_sha == facts.change.head_sha:
            return None  # asked anew already, perhaps by this very press
        over = stale(scene)
        if over is not None:
            return over
        if request.state != "expired":
            return Refusal(f"The request about {facts.change.ref} has not expired: people are asked.", "See *Status*.")
        turning = Turning(facts.now, facts.change.ref, request.token, "", "asked-again", scene.person.id)
        news = AskedOnceMore(scene.person.id, f"asked-again:{request.token}")
        return Outcome(aside=Aside(news=(news,), turnings=(turning,), again=True), forgets_expiry=True)

    act(kit, gatherer, event, perform)
