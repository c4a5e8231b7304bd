"""What follows when a branch moves: merge requests from and into it go along, and hooks are told.

Commits made by the `push` verb and packs received over HTTP end here alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from integrations.sandbox.commits import pushed
from integrations.sandbox.details import Files, PushDetails
from integrations.sandbox.gitlab.announce import Announcer
from integrations.sandbox.gitlab.approvals import Approvals
from integrations.sandbox.gitlab.changes import Changes
from integrations.sandbox.gitlab.model import MergeRequest, Project
from integrations.sandbox.gitlab.notes import Notes
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.refusal import Refusal, not_found

_HEADS = "refs/heads/"
_HIDDEN = ("refs/merge-requests/", "refs/keep-around/", "refs/pipelines/")


class Pushes:
    def __init__(self, tell: Announcer, changes: Changes, approvals: Approvals, notes: Notes) -> None:
        self._tell = tell
        self._changes = changes
        self._approvals = approvals
        self._notes = notes
        self._world = tell.world
        self.source_moved: list[Callable[[MergeRequest], None]] = []
        self.target_moved: list[Callable[[Project, str], None]] = []
        """Merge trains listen."""

    def push(self, project: Project, branch: str, files: Files, details: PushDetails) -> str:
        """One commit on that branch (made from the default branch if new), pushed. Returns its id."""
        by = self._world.user(details.get("by") or self._anyone())
        ref = branch if branch.startswith("refs/") else f"{_HEADS}{branch}"
        before = project.git.refs.get(ref)
        self.check(project, ref, by, forced="onto" in details and before is not None)
        told: PushDetails = {**details, "by": by.username}
        after = project.git.commit(pushed(self._world, project, ref, files, told))
        self.moved(project, {ref: before}, by)
        return after

    def delete(self, project: Project, branch: str, by: User) -> None:
        """The branch goes; merge requests from it stay open, and cannot be merged."""
        ref = f"{_HEADS}{branch}"
        self.check(project, ref, by)
        if ref not in project.git.refs:
            raise not_found("Branch")
        before = project.git.refs[ref]
        project.git.set_ref(ref, None)
        self.moved(project, {ref: before}, by)

    def check(self, project: Project, ref: str, by: User, *, forced: bool = False) -> None:
        """May this person move that ref? Raises what git is told."""
        if ref.startswith(_HIDDEN):
            raise Refusal(403, f"deny updating a hidden ref: {ref}")
        if not self._world.develops(project, by):
            raise Refusal(403, "You are not allowed to push code to this project.")
        branch = ref.removeprefix(_HEADS)
        rule = self._world.protection(project, branch) if ref.startswith(_HEADS) else None
        if rule is None:
            return
        if not self._world.may_push(project, branch, by):
            raise Refusal(403, "GitLab: You are not allowed to push code to protected branches on this project.")
        if forced and not rule.force_push:
            raise Refusal(403, "GitLab: You are not allowed to force push code to a protected branch on this project.")

    def moved(self, project: Project, before: Mapping[str, str | None], by: User) -> None:
        """Refs of the project moved away from `before`: bring merge requests along and tell of it."""
        for ref, old in before.items():
            new = project.git.refs.get(ref)
            if new == old or not ref.startswith(_HEADS):
                continue
            self._tell.push(project, ref, (old, new), by)
            if new is not None:
                branch = ref.removeprefix(_HEADS)
                self._advance(project, branch, (old, new), by)
                self._land(project, branch, (old, new), by)
                for listener in self.target_moved:
                    listener(project, branch)

    def _advance(self, project: Project, branch: str, moved: tuple[str | None, str], by: User) -> None:
        """Merge requests from the branch get a new version. Closed ones lose their approvals, too."""
        for mr in self._all():
            if mr.source_project is not project or mr.source_branch != branch or mr.state not in ("opened", "closed"):
                continue
            self._approvals.pushed(mr)
            if mr.state == "opened" and mr.sha != moved[1]:
                was = mr.sha
                self._changes.set_head(mr, moved[1])
                mr.updated_at = self._world.now()
                self._note_commits(mr, was, by)
                for listener in self.source_moved:
                    listener(mr)
                self._tell.merge_request("update", mr, by, oldrev=moved[0] or was)

    def _land(self, project: Project, branch: str, moved: tuple[str | None, str], by: User) -> None:
        """A push to the target that brings a merge request's head with it marks that one merged."""
        landed = project.git.commits_between(moved[0], moved[1])
        for mr in list(project.merge_requests.values()):
            if mr.state == "opened" and mr.target_branch == branch and mr.sha in landed:
                mark_merged(mr, moved[1], by, self._world.now())
                self._tell.merge_request("merge", mr, by)

    def _note_commits(self, mr: MergeRequest, was: str, by: User) -> None:
        new = mr.project.git.commits_between(was, mr.sha)
        plural = "" if len(new) == 1 else "s"
        self._notes.system(
            mr, f"added {len(new)} commit{plural}\n\n[Compare with previous version]({was[:8]}...{mr.sha[:8]})", by
        )

    def _all(self) -> list[MergeRequest]:
        return [mr for project in self._world.projects.values() for mr in project.merge_requests.values()]

    def _anyone(self) -> str:
        people = [each for each in self._world.users.values() if each.kind == "human"]
        if not people:
            raise ValueError("nobody to push: make a user first, or say by=…")
        return people[0].username


def mark_merged(mr: MergeRequest, sha: str, by: User, at: datetime) -> None:
    """The records of a merge; telling of it is the caller's."""
    mr.state = "merged"
    mr.merged_at = mr.updated_at = at
    mr.merged_by = by
    mr.merge_sha = sha
