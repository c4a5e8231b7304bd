"""Pull requests, their commits, files, reviews and comments as GraphQL sees them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

from integrations.sandbox.git.diff import FileChange
from integrations.sandbox.github.graphql_git import CommitView
from integrations.sandbox.github.graphql_paging import Connection
from integrations.sandbox.github.graphql_view import AccountView, Gaze, LabelView
from integrations.sandbox.github.model import Comment, PullRequest, Review
from integrations.sandbox.github.render import node_id, when
from integrations.sandbox.graphql.connection import Paging
from integrations.sandbox.graphql.documents import View

if TYPE_CHECKING:
    from integrations.sandbox.github.graphql_repository import QueueEntryView, RefView, RepositoryView

MAX_FILES = 3_000
MAX_COMMITS = 250
"""Both lists stop where REST's do; `totalCount` goes on counting."""
_PATCH = {"removed": "DELETED"}


class PullRequestView(View):
    typename = "PullRequest"

    def __init__(self, gaze: Gaze, pull: PullRequest) -> None:
        self._gaze = gaze
        self._pull = pull
        self.id = node_id("PR", pull.id)
        self.database_id = pull.id
        self.full_database_id = str(pull.id)
        self.number = pull.number
        self.title = pull.title
        self.body = pull.body or ""
        self.state = "MERGED" if pull.merged else pull.state.upper()
        self.closed = pull.state == "closed"
        self.merged = pull.merged
        self.is_draft = pull.draft
        self.author_association = "MEMBER" if pull.by.kind == "User" else "NONE"
        self.created_at = when(pull.created_at)
        self.updated_at = when(pull.updated_at)
        self.closed_at = when(pull.closed_at)
        self.merged_at = when(pull.merged_at)
        self.url = self.permalink = f"{gaze.world.url}/{pull.repo.full_name}/pull/{pull.number}"
        self.head_ref_name = pull.head_ref
        self.head_ref_oid = pull.head_sha
        self.base_ref_name = pull.base_ref
        self.base_ref_oid = pull.base_sha
        self.is_cross_repository = pull.head_repo is not pull.repo

    @property
    def author(self) -> AccountView:
        return AccountView(self._gaze, self._pull.by)

    @property
    def merged_by(self) -> AccountView | None:
        return AccountView(self._gaze, self._pull.merged_by) if self._pull.merged_by else None

    @property
    def repository(self) -> RepositoryView:
        return self._repository(self._pull.repo)

    @property
    def base_repository(self) -> RepositoryView:
        return self._repository(self._pull.repo)

    @property
    def head_repository(self) -> RepositoryView | None:
        """A private fork that the token does not reach is told as none."""
        fork = self._pull.head_repo
        return self._repository(fork) if fork is self._pull.repo or fork.fork_of is not None else None

    @property
    def head_repository_owner(self) -> AccountView:
        return AccountView(self._gaze, self._pull.head_repo.owner)

    @property
    def head_ref(self) -> RefView | None:
        """None once the branch is deleted. The commit is read where the base repository keeps it."""
        from integrations.sandbox.github.graphql_repository import RefView  # the two see each other

        branch = f"refs/heads/{self._pull.head_ref}"
        return RefView(self._gaze, self._pull.head_repo, branch) if branch in self._pull.head_repo.git.refs else None

    @property
    def base_ref(self) -> RefView | None:
        from integrations.sandbox.github.graphql_repository import RefView  # the two see each other

        branch = f"refs/heads/{self._pull.base_ref}"
        return RefView(self._gaze, self._pull.repo, branch) if branch in self._pull.repo.git.refs else None

    @property
    def mergeable(self) -> str:
        if self._pull.merged:
            return "UNKNOWN"
        clean = self._pull.repo.git.merge_tree(self._pull.base_sha, self._pull.head_sha)
        return "MERGEABLE" if clean else "CONFLICTING"

    @property
    def merge_commit(self) -> CommitView | None:
        sha = self._pull.merge_sha
        return CommitView(self._gaze, self._pull.repo, sha) if sha else None

    @property
    def merge_queue_entry(self) -> QueueEntryView | None:
        from integrations.sandbox.github.graphql_repository import queue_entries  # the two see each other

        entries = queue_entries(self._gaze, self._pull.repo, self._pull.base_ref)
        return next((each for each in entries if each.pull is self._pull), None)

    @property
    def additions(self) -> int:
        return sum(file.additions for file in self._files)

    @property
    def deletions(self) -> int:
        return sum(file.deletions for file in self._files)

    @property
    def changed_files(self) -> int:
        return len(self._files)

    def labels(self, **paging: Unpack[Paging]) -> Connection[str]:
        known = self._pull.repo.labels
        return Connection("labels", self._pull.labels, lambda name: LabelView(known[name.lower()]), paging)

    def commits(self, **paging: Unpack[Paging]) -> Connection[str]:
        oids = self._pull.repo.git.commits_between(self._merge_base, self._pull.head_sha)
        return Connection("commits", oids[:MAX_COMMITS], self._commit, paging, len(oids))

    def files(self, **paging: Unpack[Paging]) -> Connection[FileChange]:
        return Connection("files", self._files[:MAX_FILES], _file, paging, len(self._files))

    def reviews(
        self, author: str | None = None, states: list[str] | None = None, **paging: Unpack[Paging]
    ) -> Connection[Review]:
        found = [
            each for each in self._pull.reviews if author in (None, each.by.login) and each.state in (states or [each.state])
        ]
        return Connection("reviews", found, lambda each: ReviewView(self._gaze, self._pull, each), paging)

    def comments(self, **paging: Unpack[Paging]) -> Connection[Comment]:
        return Connection("comments", self._pull.comments, lambda each: CommentView(self._gaze, self._pull, each), paging)

    @cached_property
    def _merge_base(self) -> str | None:
        return self._pull.repo.git.merge_base(self._pull.base_sha, self._pull.head_sha)

    @property
    def _files(self) -> tuple[FileChange, ...]:
        return self._pull.repo.git.changes(self._merge_base, self._pull.head_sha) if self._merge_base else ()

    def _commit(self, oid: str) -> dict[str, Any]:
        commit = CommitView(self._gaze, self._pull.repo, oid)
        return {"id": f"PRC_{self._pull.id}_{oid}", "commit": commit, "pullRequest": self, "url": f"{self.url}/commits/{oid}"}

    def _repository(self, repo: Any) -> RepositoryView:
        from integrations.sandbox.github.graphql_repository import RepositoryView  # the two see each other

        return RepositoryView(self._gaze, repo)


def _file(file: FileChange) -> dict[str, Any]:
    kind = _PATCH.get(file.status, file.status.upper())
    return {"path": file.path, "additions": file.additions, "deletions": file.deletions, "changeType": kind}


class ReviewView(View):
    typename = "PullRequestReview"

    def __init__(self, gaze: Gaze, pull: PullRequest, review: Review) -> None:
        self._gaze = gaze
        self._pull = pull
        self._review = review
        self.id = node_id("PRR", review.id)
        self.database_id = review.id
        self.state = review.state
        self.body = review.body
        self.submitted_at = when(review.at)
        self.url = f"{gaze.world.url}/{pull.repo.full_name}/pull/{pull.number}#pullrequestreview-{review.id}"

    @property
    def author(self) -> AccountView:
        return AccountView(self._gaze, self._review.by)

    @property
    def commit(self) -> CommitView:
        return CommitView(self._gaze, self._pull.repo, self._review.commit)


class CommentView(View):
    typename = "IssueComment"

    def __init__(self, gaze: Gaze, pull: PullRequest, comment: Comment) -> None:
        self._gaze = gaze
        self._comment = comment
        self.id = node_id("IC", comment.id)
        self.database_id = comment.id
        self.body = comment.body
        self.created_at = when(comment.created_at)
        self.updated_at = when(comment.updated_at)
        self.url = f"{gaze.world.url}/{pull.repo.full_name}/pull/{pull.number}#issuecomment-{comment.id}"
        self.viewer_did_author = gaze.caller.account is comment.by

    @property
    def author(self) -> AccountView:
        return AccountView(self._gaze, self._comment.by)
