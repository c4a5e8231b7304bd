"""What is read of GitHub's webhook payloads, and nothing more.

Small and tolerant: unknown fields are passed over, missing ones have a default wherever the gate can do without. What keys
and paths are built from (repository names, object ids) is held to its form here, so that nothing hostile gets further.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from bot.ports.answers import ObjectId, PushedCommit, RefName, Tolerant

RepoPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$")]


class Sender(Tolerant):
    id: int = 0
    login: str = ""
    type: str = ""


class Repository(Tolerant):
    full_name: RepoPath


class Installation(Tolerant):
    id: int


class Head(Tolerant):
    sha: ObjectId
    ref: RefName


class PullRequest(Tolerant):
    number: Annotated[int, Field(gt=0)]
    head: Head
    base: Head


class CommentedOn(Tolerant):
    """The issue that a comment is on; `pull_request` is there where it is a pull request."""

    number: Annotated[int, Field(gt=0)]
    pull_request: dict[str, object] | None = None


class CommentBody(Tolerant):
    body: str | None = ""


class Envelope(Tolerant):
    """What every payload may carry."""

    action: str = ""
    repository: Repository | None = None
    installation: Installation | None = None
    sender: Sender = Sender()


class Housed(Envelope):
    """A payload that is about a repository."""

    repository: Repository


class PullRequestPayload(Housed):
    pull_request: PullRequest


class Review(Tolerant):
    id: int
    user: Sender | None = None
    state: str = ""
    body: str | None = None
    commit_id: str | None = None


class ReviewPayload(PullRequestPayload):
    review: Review


class PushPayload(Housed):
    ref: RefName
    after: ObjectId | None = None
    deleted: bool = False
    forced: bool = False
    commits: tuple[PushedCommit, ...] = ()


class Listed(Tolerant):
    """A pull request as check payloads list it. Empty for forks: GitHub does not look for those."""

    number: Annotated[int, Field(gt=0)]
    base: ListedBase | None = None


class ListedBase(Tolerant):
    ref: str = ""


class Checked(Tolerant):
    head_sha: ObjectId
    pull_requests: tuple[Listed, ...] = ()


class CheckRunPayload(Housed):
    check_run: Checked


class CheckSuitePayload(Housed):
    check_suite: Checked


class MergeGroup(Tolerant):
    head_sha: ObjectId
    head_ref: RefName
    base_sha: ObjectId
    base_ref: RefName


class MergeGroupPayload(Housed):
    merge_group: MergeGroup


class IssueCommentPayload(Housed):
    issue: CommentedOn
    comment: CommentBody = CommentBody()
