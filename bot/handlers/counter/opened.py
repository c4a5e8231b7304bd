"""A request as the store knows it, by the opaque token that a button carries: what was pressed leads here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.facts import Facts
from bot.core.messages.answers import Standing, render_refusal
from bot.core.notice import Notice
from bot.core.verdict import Verdict
from bot.handlers.kit import Kit
from bot.ports.store import ApprovalRequest, ChangeRecord

OVER = ("void", "closed")


@dataclass(frozen=True, slots=True)
class Opened:
    """A request with what is known of its change."""

    request: ApprovalRequest
    standing: Standing


def open_request(kit: Kit, token: str) -> Opened | Notice:
    """The live request behind a button; a private word where there is none any more."""
    with kit.store.look() as unit:
        request = unit.request(token)
        record = unit.change(request.change) if request else None
        newest = unit.request_of(request.change) if request else None
    if request is None or record is None or not record.verdict:
        return render_refusal("This button leads nowhere any more.", "Use the newest card, or /llmgate status.")
    if request.state in OVER or (newest and newest.token != request.token):
        ref = request.change
        return render_refusal(f"This button is about {request.head_sha[:12]} of {ref}, which is over.", "Use the newest card.")
    return Opened(request, standing_of(kit, record, request))


def standing_of(kit: Kit, record: ChangeRecord, request: ApprovalRequest | None) -> Standing:
    """How a change stands that was judged before, with the token of its live request."""
    facts = kit.codec.load(Facts, record.facts)
    verdict = kit.codec.load(Verdict, record.verdict)
    live = request is not None and request.state not in OVER
    return Standing(facts, verdict, request.token if request and live else "")
