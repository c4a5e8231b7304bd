"""Merging, and all that may stand in its way. Merges are git's own; refusals are GitLab's."""

from __future__ import annotations

from integrations.sandbox.git.gitdir import NewCommit
from integrations.sandbox.gitlab.announce import Announcer
from integrations.sandbox.gitlab.approvals import Approvals
from integrations.sandbox.gitlab.model import MergeRequest
from integrations.sandbox.gitlab.notes import Notes
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.pipelines import Pipelines
from integrations.sandbox.gitlab.pushes import Pushes, mark_merged
from integrations.sandbox.gitlab.refusal import Refusal, conflict, unauthorized
from integrations.sandbox.gitlab.status_checks import StatusChecks, blocked_by_checks

WORDS = {
    "not_open": "Merge request must be open.",
    "draft_status": "Merge request must not be draft.",
    "commits_status": "Source branch must exist and contain commits.",
    "discussions_not_resolved": "Unresolved discussions must be resolved.",
    "not_approved": "All required approvals must be given.",
    "status_checks_must_pass": "Status checks must pass.",
    "conflict": "Merge conflicts must be resolved.",
    "ci_must_pass": "Pipeline must succeed.",
    "ci_still_running": "Pipeline must succeed. It is still running.",
}
"""What the merge request's page says, by `detailed_merge_status`."""


class Mergeability:
    """`detailed_merge_status`: the first thing that stands in the way. Pipelines are looked at last, as GitLab does."""

    def __init__(self, approvals: Approvals, checks: StatusChecks, pipelines: Pipelines) -> None:
        self._approvals = approvals
        self._checks = checks
        self._pipelines = pipelines

    def status(self, mr: MergeRequest) -> str:
        return self.but_ci(mr) or self._ci(mr) or "mergeable"

    def but_ci(self, mr: MergeRequest) -> str | None:
        """What stands in the way besides the pipeline."""
        gone = mr.source_project.git.branch(mr.source_branch) is None
        unresolved = any(note.resolvable and not note.resolved for note in mr.notes)
        found = {
            "not_open": mr.state != "opened",
            "draft_status": mr.draft,
            "commits_status": gone or not self._has_commits(mr),
            "discussions_not_resolved": mr.project.settings.threads_must_be_resolved and unresolved,
            "not_approved": not self._approvals.met(mr),
            "status_checks_must_pass": blocked_by_checks(self._checks, mr),
        }
        return next((name for name, holds in found.items() if holds), None) or self._conflict(mr)

    def _has_commits(self, mr: MergeRequest) -> bool:
        return bool(mr.project.git.commits_between(mr.versions[-1].base, mr.sha))

    def _conflict(self, mr: MergeRequest) -> str | None:
        tip = mr.project.git.branch(mr.target_branch)
        clean = tip is not None and mr.project.git.merge_tree(tip, mr.sha) is not None
        return None if clean else "conflict"

    def _ci(self, mr: MergeRequest) -> str | None:
        settings = mr.project.settings
        if not settings.pipelines_must_succeed:
            return None
        pipeline = self._pipelines.head(mr)
        if pipeline is None:
            return "ci_must_pass"
        if pipeline.status in ("pending", "running"):
            return "ci_still_running"
        passed = pipeline.status == "success" or (pipeline.status == "skipped" and settings.skipped_pipelines_succeed)
        return None if passed else "ci_must_pass"


class Merging:
    def __init__(self, tell: Announcer, standing: Mergeability, pushes: Pushes, notes: Notes) -> None:
        self._tell = tell
        self._world = tell.world
        self._standing = standing
        self._pushes = pushes
        self._notes = notes

    def blockers(self, mr: MergeRequest) -> str | None:
        """A sentence with `detailed_merge_status`; None if it can be merged."""
        status = self._standing.status(mr)
        return None if status == "mergeable" else f"{WORDS[status]} ({status})"

    def merge(self, mr: MergeRequest, by: User, sha: str | None = None) -> str:
        """A merge commit on the target branch; its id. Raises the Refusal that GitLab would answer."""
        if not self._world.may_merge_into(mr.project, mr.target_branch, by):
            raise unauthorized()
        status = self._standing.status(mr)
        if status == "conflict":
            raise Refusal(422, "Branch cannot be merged")
        if status != "mergeable":
            raise Refusal(405, "405 Method Not Allowed")
        if sha and sha != mr.sha:
            raise conflict(f"SHA does not match HEAD of source branch: {mr.sha}")
        ref = f"refs/heads/{mr.target_branch}"
        before = mr.project.git.refs[ref]
        made = mr.project.git.merge_commit(self.commit(mr, ref, by), before, mr.sha)
        if made is None:
            raise Refusal(422, "Branch cannot be merged")
        self.landed(mr, before, by)
        return made

    def landed(self, mr: MergeRequest, before: str, by: User) -> None:
        """The target branch holds the merge request now; `before` is where it was."""
        ref = f"refs/heads/{mr.target_branch}"
        mark_merged(mr, mr.project.git.refs[ref], by, self._world.now())
        self._pushes.moved(mr.project, {ref: before}, by)
        self._notes.system(mr, "merged", by)
        self._tell.merge_request("merge", mr, by)

    def commit(self, mr: MergeRequest, ref: str, by: User) -> NewCommit:
        """The words and the person of a merge commit."""
        first = f"Merge branch '{mr.source_branch}' into '{mr.target_branch}'"
        message = f"{first}\n\n{mr.title}\n\nSee merge request {mr.project.path}!{mr.iid}"
        return NewCommit(ref, message, by.identity, by.identity, self._world.now(), {})
