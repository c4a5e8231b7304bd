"""What people decided in reviews on GitHub: of each person the latest one that decides, and for which commit."""

from __future__ import annotations

from typing import Literal

from bot.core.ids import ChangeRef, ForgeAccount
from bot.ports.answers import Tolerant, listed
from bot.ports.forge import GivenReview
from integrations.github.client import Session
from integrations.github.payloads import Sender

STATES: dict[str, Literal["approved", "changes-requested"] | None] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes-requested",
    "DISMISSED": None,
}
"""`COMMENTED` and `PENDING` decide nothing, and take nothing back."""


class ReviewItem(Tolerant):
    user: Sender | None = None
    state: str = ""
    commit_id: str | None = None


_REVIEWS = listed(ReviewItem)


def given_reviews(session: Session, ref: ChangeRef) -> tuple[GivenReview, ...]:
    """GitHub lists reviews oldest first."""
    latest: dict[str, GivenReview] = {}
    for item in session.pages(f"/repos/{ref.repo.path}/pulls/{ref.number}/reviews", _REVIEWS).items:
        if item.user is None or not item.user.id or item.state not in STATES:
            continue
        account = ForgeAccount("github", ref.repo.host, item.user.id, item.user.login)
        decision = STATES[item.state]
        latest.pop(account.key, None)
        if decision is not None:
            latest[account.key] = GivenReview(account, decision, item.commit_id or "")
    return tuple(latest.values())
