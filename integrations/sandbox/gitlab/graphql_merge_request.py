"""Merge requests as GraphQL sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from integrations.sandbox.git.diff import FileChange
from integrations.sandbox.gitlab.graphql_code import CommitView, author_of
from integrations.sandbox.gitlab.graphql_paging import Connection
from integrations.sandbox.gitlab.graphql_pipeline import PipelineView
from integrations.sandbox.gitlab.graphql_view import Gaze, LabelView, NoteView, UserView, gid, when
from integrations.sandbox.gitlab.model import Label, MergeRequest, Note, Pipeline
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.graphql.connection import Paging
from integrations.sandbox.graphql.documents import View

if TYPE_CHECKING:
    from integrations.sandbox.gitlab.graphql_project import ProjectView


class MergeRequestView(View):
    typename = "MergeRequest"

    def __init__(self, gaze: Gaze, mr: MergeRequest) -> None:
        self._gaze = gaze
        self._mr = mr
        self.id = gid("MergeRequest", mr.id)
        self.iid = str(mr.iid)
        self.title = mr.title
        self.description = mr.description
        self.state = mr.state
        self.draft = mr.draft
        self.created_at = when(mr.created_at)
        self.updated_at = when(mr.updated_at)
        self.merged_at = when(mr.merged_at)
        self.web_url = f"{gaze.world.url}/{mr.project.path}/-/merge_requests/{mr.iid}"
        self.source_branch = mr.source_branch
        self.target_branch = mr.target_branch
        self.source_project_id = mr.source_project.id
        self.target_project_id = self.project_id = mr.project.id
        self.diff_head_sha = mr.sha
        self.merge_commit_sha = mr.merge_sha

    @property
    def author(self) -> UserView:
        return UserView(self._gaze, self._mr.by, "MergeRequestAuthor")

    def assignees(self, **paging: Unpack[Paging]) -> Connection[User]:
        return Connection(self._mr.assignees, lambda user: UserView(self._gaze, user, "MergeRequestAssignee"), paging)

    @property
    def merge_user(self) -> UserView | None:
        return UserView(self._gaze, self._mr.merged_by) if self._mr.merged_by else None

    @property
    def project(self) -> ProjectView:
        from integrations.sandbox.gitlab.graphql_project import ProjectView  # the two see each other

        return ProjectView(self._gaze, self._mr.project)

    target_project = project

    @property
    def source_project(self) -> ProjectView | None:
        """A fork that the caller may not see is told as none."""
        from integrations.sandbox.gitlab.graphql_project import ProjectView  # the two see each other

        source = self._mr.source_project
        return ProjectView(self._gaze, source) if self._gaze.sees(source) else None

    @property
    def source_branch_exists(self) -> bool:
        return self._mr.source_project.git.branch(self._mr.source_branch) is not None

    @property
    def target_branch_exists(self) -> bool:
        return self._mr.project.git.branch(self._mr.target_branch) is not None

    # the difference

    @property
    def diff_refs(self) -> dict[str, str] | None:
        if not self._mr.versions:
            return None
        newest = self._mr.versions[-1]
        return {"baseSha": newest.base, "headSha": newest.head, "startSha": newest.start}

    def diff_stats(self, path: str | None = None) -> list[dict[str, Any]]:
        files = [each for each in self._files() if path in (None, each.path)]
        return [{"path": each.path, "additions": each.additions, "deletions": each.deletions} for each in files]

    @property
    def diff_stats_summary(self) -> dict[str, int]:
        files = self._files()
        added, removed = sum(each.additions for each in files), sum(each.deletions for each in files)
        return {"additions": added, "deletions": removed, "changes": added + removed, "fileCount": len(files)}

    @property
    def commit_count(self) -> int:
        return len(self._oids())

    def commits(self, **paging: Unpack[Paging]) -> Connection[str]:
        """Newest first."""
        return Connection(self._oids(), self._commit, paging)

    def commits_without_merge_commits(self, **paging: Unpack[Paging]) -> Connection[str]:
        read = self._mr.project.git.objects.commit
        return Connection([oid for oid in self._oids() if len(read(oid).parents) < 2], self._commit, paging)

    def committers(self, **paging: Unpack[Paging]) -> Connection[User]:
        """Accounts of those who committed, without saying what. Merge commits do not count."""
        read = self._mr.project.git.objects.commit
        commits = [commit for commit in map(read, self._oids()) if len(commit.parents) < 2]
        users = [author_of(self._gaze, commit.committer.email) for commit in commits]
        return self._people(list({user.id: user for user in users if user}.values()), paging)

    def _oids(self) -> tuple[str, ...]:
        if not self._mr.versions:
            return ()
        newest = self._mr.versions[-1]
        return self._mr.project.git.commits_between(newest.start, newest.head)[::-1]

    def _commit(self, oid: str) -> CommitView:
        return CommitView(self._gaze, self._mr.project, oid)

    def _files(self) -> tuple[FileChange, ...]:
        newest = self._mr.versions[-1]
        return self._mr.project.git.changes(newest.base, newest.head)

    # what stands in the way of merging it

    @property
    def conflicts(self) -> bool:
        tip = self._mr.project.git.branch(self._mr.target_branch)
        return tip is not None and self._mr.project.git.merge_tree(tip, self._mr.sha) is None

    @property
    def detailed_merge_status(self) -> str:
        word = self._gaze.verbs.mergeability.status(self._mr)
        return {"status_checks_must_pass": "EXTERNAL_STATUS_CHECKS"}.get(word, word.upper())

    @property
    def approved(self) -> bool:
        return self._gaze.verbs.approvals.met(self._mr)

    @property
    def approvals_required(self) -> int:
        return sum(rule.required for rule in self._gaze.verbs.approvals.rules(self._mr))

    @property
    def approvals_left(self) -> int:
        approvals = self._gaze.verbs.approvals
        return sum(approvals.missing(self._mr, rule) for rule in approvals.rules(self._mr))

    def approved_by(self, **paging: Unpack[Paging]) -> Connection[User]:
        return self._people([each.by for each in self._mr.approvals], paging)

    def labels(self, **paging: Unpack[Paging]) -> Connection[Label]:
        known = self._mr.project.labels
        return Connection([known[name.lower()] for name in sorted(self._mr.labels)], LabelView, paging)

    @property
    def head_pipeline(self) -> PipelineView | None:
        """None, too, where it is of a fork that the caller may not see."""
        found = self._gaze.verbs.pipelines.head(self._mr)
        return PipelineView(self._gaze, found) if found and self._gaze.sees(found.project) else None

    def pipelines(self, ref: str | None = None, sha: str | None = None, **paging: Unpack[Paging]) -> Connection[Pipeline]:
        found = [each for each in self._gaze.verbs.pipelines.of(self._mr) if self._gaze.sees(each.project)]
        found = [each for each in found if ref in (None, each.ref) and sha in (None, each.sha)]
        return Connection(found, lambda each: PipelineView(self._gaze, each), paging)

    def notes(self, **paging: Unpack[Paging]) -> Connection[Note]:
        return Connection(self._mr.notes, lambda each: NoteView(self._gaze, each), paging)

    def _people(self, users: list[User], paging: Paging) -> Connection[User]:
        return Connection(users, lambda each: UserView(self._gaze, each), paging)
