"""A person's decision about one head commit, after its signature was checked.

The core never sees a raw bundle: the verifier turns each stored one into an `Approval` or a `RejectedApproval` before
evaluation, so that no rule can forget to verify.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.core.ids import ChangeRef, ChatUser, CommitSha, ForgeAccount, PersonId, RoleName

DecisionKind = Literal["approved", "changes-requested", "dismissed"]
Strength = Literal["witnessed", "reauthenticated", "passkey", "keyless"]
Tier = Literal["low", "medium", "high"]

TIERS: tuple[Tier, ...] = ("low", "medium", "high")
STRENGTHS: tuple[Strength, ...] = ("witnessed", "reauthenticated", "passkey", "keyless")
"""Weakest first: a stronger approval serves wherever a weaker one is asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One checklist item as it was shown and ticked."""

    item: str
    text: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Approval:
    """A decision whose signature is good. `id` is the SHA-256 of its statement, in hex.

    `voided` names why it no longer counts (a push, a dismissal), or is None. A person's later decision about the same
    head replaces the earlier one: `decided_at` orders them.
    """

    id: str
    change: ChangeRef
    head_sha: CommitSha
    person: PersonId
    account: ForgeAccount
    decision: DecisionKind
    strength: Strength
    decided_at: datetime
    tier: Tier
    policy_digest: str
    roles: tuple[RoleName, ...] = ()
    chat: ChatUser | None = None
    base_ref: str = ""
    """The branch that it was to go into."""
    head_tree: str = ""
    patch_id: str = ""
    answers: tuple[Answer, ...] = ()
    reason: str = ""
    voided: str | None = None
    interaction: str = ""
    """SHA-256 in hex of the chat's id of the press: the same press makes one decision, however often it is worked on."""
    proof: tuple[tuple[str, str], ...] = ()
    """What proves a strength above `witnessed`, by name; see `bot.core.proof`."""
    identity: tuple[str, str] | None = None
    """(issuer, identity) of a keyless signer, as the statement names them."""
    carried_from: str = ""
    """Id of the approval of an earlier head that this one carries on."""

    @property
    def on_forge(self) -> bool:
        """Whether it was given on the forge itself: no chat account then stands in the statement."""
        return self.chat is None


@dataclass(frozen=True, slots=True)
class RejectedApproval:
    """A stored bundle that does not verify. It never counts, and it is shown."""

    id: str
    saw: str
    wanted: str
