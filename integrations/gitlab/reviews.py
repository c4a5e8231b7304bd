"""Who has approved on GitLab, and which commit: by time, as GitLab keeps approvals of the merge request and names no commit.

An approval is of the version that was there when it was given. GitLab tells of approvals in the background, with the head of
that later moment, and keeps them when somebody pushes unless a setting (Premium) has them removed: so the event cannot say it.
"""

from __future__ import annotations

from datetime import datetime

from bot.core.ids import ChangeRef, ForgeAccount
from bot.ports.answers import Tolerant, listed
from bot.ports.forge import GivenReview
from integrations.gitlab.client import Client
from integrations.gitlab.paths import change_path


class Approver(Tolerant):
    id: int = 0
    username: str = ""


class ApprovalItem(Tolerant):
    """GitLab tells `approved_at` since 18.4."""

    user: Approver = Approver()
    approved_at: datetime | None = None


class ApprovalsAnswer(Tolerant):
    approved_by: tuple[ApprovalItem, ...] = ()


class VersionItem(Tolerant):
    id: int
    head_commit_sha: str
    created_at: datetime


_VERSIONS = listed(VersionItem)


def given_reviews(client: Client, ref: ChangeRef) -> tuple[GivenReview, ...]:
    """An approval that is older than the newest version, or that nobody knows the time of, names no commit."""
    given = approvals(client, ref)
    if not given:
        return ()
    pages = client.each_page(f"{change_path(ref)}/versions", _VERSIONS)  # the newest first
    newest = max(next(pages, ()), key=lambda version: version.id, default=None)
    return tuple(_review(one, newest, ref.repo.host) for one in given)


def approvals(client: Client, ref: ChangeRef) -> tuple[ApprovalItem, ...]:
    return client.get(f"{change_path(ref)}/approvals", ApprovalsAnswer).approved_by


def _review(given: ApprovalItem, newest: VersionItem | None, host: str) -> GivenReview:
    account = ForgeAccount("gitlab", host, given.user.id, given.user.username)
    current = newest is not None and given.approved_at is not None and given.approved_at >= newest.created_at
    return GivenReview(account, "approved", newest.head_commit_sha if newest and current else "")
