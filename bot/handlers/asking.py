"""The live request of a change: what is asked of people about one head under one policy and tier, and what ended it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Literal

from bot.core.facts import Facts
from bot.core.verdict import Verdict
from bot.ports.store import ApprovalRequest, RequestState, Unit

OVER: tuple[RequestState, ...] = ("void", "closed")
"""Nothing follows from such a request any more, whatever is pressed."""


class Superseded(Exception):
    """The request moved while a decision was on its way: judge again."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One look that settles its change's request."""

    facts: Facts
    verdict: Verdict
    channel: str
    decided: str = ""
    """Token of the request that a new decision was taken for: it must still be the live one."""
    again: bool = False
    """Somebody wants people to be asked once more, though a request about this very head has expired."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """The live request, if any, and the token of the one that this look ended."""

    request: ApprovalRequest | None
    ended: str = ""
    turned: Literal["", "new", "answered", "reopened"] = ""
    """What the look made of the live one."""


def settle_request(unit: Unit, asking: Asking) -> Settlement:
    """The live request of this head, policy and tier: the old one is ended when any of them moved. Raises Superseded.

    One that expired is kept while its terms are the same: a look asks nobody anew.
    """
    request = unit.request_of(asking.facts.change.ref)
    live = request is not None and request.state not in OVER
    if asking.decided and (request is None or not live or request.token != asking.decided):
        raise Superseded
    if asking.facts.change.state != "open" or asking.verdict.state == "not-generated":
        return Settlement(None, _end(unit, asking, request, "closed") if live else "")
    if request is None or not live or _terms(request) != _wanted_terms(asking) or asking.again:
        ended = _end(unit, asking, request, "void") if live else ""
        return Settlement(_ask(unit, asking), ended, "new")
    return _kept(unit, asking, request)


def _kept(unit: Unit, asking: Asking, request: ApprovalRequest) -> Settlement:
    wanted = _state(asking, request)
    if request.state == wanted:
        return Settlement(request)
    if not unit.move_request(request.token, request.revision, wanted, asking.facts.now):
        raise Superseded
    moved = replace(request, state=wanted, revision=request.revision + 1, updated_at=asking.facts.now)
    return Settlement(moved, turned="answered" if wanted == "approved" else "reopened")


def _state(asking: Asking, request: ApprovalRequest | None = None) -> RequestState:
    if asking.verdict.state == "allowed":
        return "approved"
    return "expired" if request is not None and request.state == "expired" else "open"


def _end(unit: Unit, asking: Asking, request: ApprovalRequest | None, state: RequestState) -> str:
    if request is None:
        return ""
    unit.move_request(request.token, request.revision, state, asking.facts.now)
    return request.token


def _terms(request: ApprovalRequest) -> tuple[str, str, str]:
    return (request.head_sha, request.policy_digest, request.tier)


def _wanted_terms(asking: Asking) -> tuple[str, str, str]:
    return (asking.facts.change.head_sha, asking.verdict.policy_digest, asking.verdict.tier)


def _ask(unit: Unit, asking: Asking) -> ApprovalRequest:
    head, digest, tier = _wanted_terms(asking)
    now = asking.facts.now
    request = ApprovalRequest(
        token=secrets.token_urlsafe(18),
        change=asking.facts.change.ref,
        head_sha=head,
        policy_digest=digest,
        tier=tier,
        state=_state(asking),
        revision=1,
        channel=asking.channel,
        created_at=now,
        updated_at=now,
    )
    unit.add_request(request)
    return request
