"""What people do, by project path, number and username; every deed is told as GitLab would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypedDict, Unpack

from integrations.sandbox.details import EditDetails, Files, OpenDetails, PushDetails
from integrations.sandbox.gitlab.changes import Edit, NewMergeRequest
from integrations.sandbox.gitlab.model import Car, Job, JobStatus, MergeRequest, Note, Pipeline, Project
from integrations.sandbox.gitlab.pipelines import Run, Source
from integrations.sandbox.gitlab.refusal import not_found
from integrations.sandbox.gitlab.state import World
from integrations.sandbox.gitlab.statuses import NewStatus
from integrations.sandbox.gitlab.verbs import Verbs

PASSED: Mapping[str, JobStatus] = {"test": "success"}


class PipelineDetails(TypedDict, total=False):
    by: str
    """Who it runs as; the merge request's author, or whoever has the lowest id."""
    source: Source
    """`push` unless told, of a branch; `merge_request_event`, of a merge request."""
    jobs: Mapping[str, JobStatus]
    artifacts: Mapping[str, bytes]
    """Archives by the name of the job."""
    merged_results: bool
    in_target: bool
    """Of a fork's merge request: it runs in the project the merge request goes to, as a member's does."""


class Deeds:
    """The part of `FakeGitLab` that acts. Raises `Refusal` where GitLab would refuse."""

    world: World
    verbs: Verbs

    def push(self, project: str, branch: str, files: Files, **details: Unpack[PushDetails]) -> str:
        """One commit, pushed; its id. See `PushDetails`."""
        with self.world.lock:
            return self.verbs.pushes.push(self.world.project(project), branch, files, details)

    def delete_branch(self, project: str, branch: str, by: str) -> None:
        with self.world.lock:
            self.verbs.pushes.delete(self.world.project(project), branch, self.world.user(by))

    def open_change(self, project: str, head: str, *, by: str, **new: Unpack[OpenDetails]) -> MergeRequest:
        """`head` is a branch, or `username:branch` of that person's fork."""
        with self.world.lock:
            details: NewMergeRequest = {"source": head, "draft": new.get("draft", False), "labels": new.get("labels", ())}
            details |= {"target": new.get("base", ""), "title": new.get("title", ""), "description": new.get("body", "")}
            return self.verbs.changes.open(self.world.project(project), details, self.world.user(by))

    def edit(self, project: str, iid: int, *, by: str, **new: Unpack[EditDetails]) -> None:
        told: Edit = {}
        if "title" in new:
            told["title"] = new["title"]
        if "body" in new:
            told["description"] = new["body"]
        if "base" in new:
            told["target_branch"] = new["base"]
        with self.world.lock:
            self.verbs.changes.edit(self.world.merge_request(project, iid), told, self.world.user(by))

    def set_draft(self, project: str, iid: int, draft: bool, *, by: str) -> None:
        with self.world.lock:
            self.verbs.changes.set_draft(self.world.merge_request(project, iid), draft, self.world.user(by))

    def close_change(self, project: str, iid: int, *, by: str) -> None:
        with self.world.lock:
            self.verbs.changes.close(self.world.merge_request(project, iid), self.world.user(by))

    def reopen(self, project: str, iid: int, *, by: str) -> None:
        with self.world.lock:
            self.verbs.changes.reopen(self.world.merge_request(project, iid), self.world.user(by))

    def label(self, project: str, iid: int, *names: str, by: str) -> None:
        with self.world.lock:
            self.verbs.changes.relabel(self.world.merge_request(project, iid), names, (), self.world.user(by))

    def unlabel(self, project: str, iid: int, name: str, *, by: str) -> None:
        with self.world.lock:
            self.verbs.changes.relabel(self.world.merge_request(project, iid), (), [name], self.world.user(by))

    def assign(self, project: str, iid: int, *usernames: str) -> None:
        """Whom the merge request is assigned to from now on. GitLab tells no webhook of interest here."""
        with self.world.lock:
            self.world.merge_request(project, iid).assignees[:] = [self.world.user(name) for name in usernames]

    def comment(self, project: str, iid: int, body: str, *, by: str) -> Note:
        with self.world.lock:
            return self.verbs.notes.comment(self.world.merge_request(project, iid), body, self.world.user(by))

    def discuss(self, project: str, iid: int, body: str, *, by: str) -> Note:
        """Open a thread that can be resolved."""
        with self.world.lock:
            return self.verbs.notes.discuss(self.world.merge_request(project, iid), body, self.world.user(by))

    def resolve(self, project: str, iid: int, discussion: str, *, by: str, resolved: bool = True) -> None:
        with self.world.lock:
            self.verbs.notes.resolve(self.world.merge_request(project, iid), discussion, resolved, self.world.user(by))

    def edit_comment(self, project: str, iid: int, note_id: int, body: str, *, by: str) -> None:
        with self.world.lock:
            mr = self.world.merge_request(project, iid)
            self.verbs.notes.edit(mr, self.verbs.notes.find(mr, note_id), body, self.world.user(by))

    def delete_comment(self, project: str, iid: int, note_id: int, *, by: str) -> None:
        with self.world.lock:
            mr = self.world.merge_request(project, iid)
            self.verbs.notes.delete(mr, self.verbs.notes.find(mr, note_id), self.world.user(by))

    def approve(self, project: str, iid: int, *, by: str) -> None:
        with self.world.lock:
            self.verbs.approvals.approve(self.world.merge_request(project, iid), self.world.user(by))

    def unapprove(self, project: str, iid: int, *, by: str) -> None:
        with self.world.lock:
            self.verbs.approvals.unapprove(self.world.merge_request(project, iid), self.world.user(by))

    def run_pipeline(self, project: str, target: int | str, **details: Unpack[PipelineDetails]) -> Pipeline:
        """Ordinary CI on a merge request (by number) or on a branch, with its jobs as they shall be."""
        with self.world.lock:
            if isinstance(target, str):
                return self._run_branch(self.world.project(project), target, details)
            mr = self.world.merge_request(project, target)
            if details.get("source", "merge_request_event") != "merge_request_event":
                return self._run_branch(mr.source_project, mr.source_branch, {"by": mr.by.username, **details})
            by = self.world.user(details.get("by", mr.by.username))
            run = Run(mr.sha, f"refs/merge-requests/{mr.iid}/head", "merge_request_event", mr)
            if details.get("merged_results"):
                run = self.verbs.pipelines.merged_results(mr, by)
            in_target = details.get("in_target", run.source_sha is not None)
            return self.verbs.pipelines.run_for(mr, _furnished(run, details), by, in_target=in_target)

    def _run_branch(self, project: Project, branch: str, details: PipelineDetails) -> Pipeline:
        sha = project.git.branch(branch)
        if sha is None:
            raise not_found("Branch")
        by = self.world.user(details["by"]) if "by" in details else next(iter(self.world.users.values()))
        return self.verbs.pipelines.create(project, _furnished(Run(sha, branch, details.get("source", "push")), details), by)

    def finish_job(self, project: str, job_id: int, status: JobStatus) -> Job:
        with self.world.lock:
            return self.verbs.pipelines.finish(self.world.project(project), job_id, status)

    def forge_status(self, project: str, sha: str, name: str, *, by: str, state: str = "success") -> Job:
        """Somebody sets a commit status of that name by hand, as any developer can."""
        with self.world.lock:
            told: NewStatus = {"state": state, "name": name, "description": "Set by hand"}
            return self.verbs.statuses.post(self.world.project(project), sha, told, self.world.user(by))

    def retry_status_check(self, project: str, iid: int, check_id: int, *, by: str) -> None:
        with self.world.lock:
            self.verbs.status_checks.retry(self.world.merge_request(project, iid), check_id, self.world.user(by))

    def merge(self, project: str, iid: int, *, by: str, sha: str | None = None) -> str:
        """Press the merge button: the merge commit's id, or the Refusal that GitLab gives."""
        with self.world.lock:
            return self.verbs.merging.merge(self.world.merge_request(project, iid), self.world.user(by), sha)

    def add_to_train(self, project: str, iid: int, *, by: str) -> Car:
        """Put it on the train of its target branch; its pipeline starts with the project's own CI running."""
        with self.world.lock:
            return self.verbs.trains.add(self.world.merge_request(project, iid), self.world.user(by))


def _furnished(run: Run, details: PipelineDetails) -> Run:
    return replace(run, jobs=details.get("jobs", PASSED), artifacts=details.get("artifacts", {}))
