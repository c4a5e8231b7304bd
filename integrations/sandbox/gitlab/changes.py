"""What people do with merge requests, short of talking, approving and merging: open, edit, label, close."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypedDict

from integrations.sandbox.gitlab.announce import Announcer
from integrations.sandbox.gitlab.model import Label, MergeRequest, Project, Version
from integrations.sandbox.gitlab.notes import Notes
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.refusal import Refusal, conflict, forbidden, invalid, not_found

MAX_TITLE = 255
MAX_DESCRIPTION = 1_048_576
MAX_LABEL = 255
_DRAFT = re.compile(r"^\s*(draft:|\[draft\]|\(draft\))\s*", re.IGNORECASE)


class NewMergeRequest(TypedDict, total=False):
    """What a merge request is opened with. `source` of a fork is written `owner:branch`."""

    source: str
    target: str
    title: str
    description: str
    draft: bool
    labels: tuple[str, ...]


class Edit(TypedDict, total=False):
    title: str
    description: str
    target_branch: str


class Changes:
    def __init__(self, tell: Announcer, notes: Notes) -> None:
        self._tell = tell
        self._notes = notes
        self._world = tell.world

    def open(self, project: Project, new: NewMergeRequest, by: User) -> MergeRequest:
        """Open it and tell of it. Refuses what GitLab refuses: unknown branches, one already open, no right to."""
        source_project, source = self._source(project, new["source"])
        target = new.get("target") or project.default_branch
        head = self._checked_branches(project, target, source_project, source)
        if project.archived or not self._world.reads(project, by) or not self._world.develops(source_project, by):
            raise forbidden()
        title = _sized("title", new.get("title") or source, MAX_TITLE)
        if new.get("draft") and not _DRAFT.match(title):
            title = f"Draft: {title}"
        iid, now = project.next_iid, self._world.now()
        mr = MergeRequest(
            id=self._world.next_id("merge_request"), iid=iid, project=project, by=by, title=title,
            description=_sized("description", new.get("description", ""), MAX_DESCRIPTION),
            source_project=source_project, source_branch=source, target_branch=target, sha=head,
            created_at=now, updated_at=now,
        )  # fmt: skip
        project.next_iid += 1
        self.set_head(mr, head)
        project.merge_requests[iid] = mr
        mr.labels = [self.define_label(project, name).name for name in new.get("labels", ())]
        self._tell.merge_request("open", mr, by)
        return mr

    def set_head(self, mr: MergeRequest, head: str) -> None:
        """Bring the commit into the target project under the merge request's own ref, as a version of it."""
        git, ref = mr.project.git, f"refs/merge-requests/{mr.iid}/head"
        if mr.source_project is mr.project:
            git.set_ref(ref, head)
        else:
            git.fetch(mr.source_project.git, head, ref)
        mr.sha = head
        self.add_version(mr)

    def add_version(self, mr: MergeRequest) -> None:
        """What the merge request is compared with now: the merge base, and the target's tip."""
        start = mr.project.git.branch(mr.target_branch) or mr.sha
        base = mr.project.git.merge_base(start, mr.sha) or start
        mr.versions.append(Version(self._world.next_id("version"), base, mr.sha, start, self._world.now()))

    def edit(self, mr: MergeRequest, new: Edit, by: User) -> None:
        """Change title, description or target; the event says what they were before."""
        self._may_edit(mr, by)
        changes: dict[str, Any] = {}
        if "title" in new and new["title"] != mr.title:
            self._retitle(mr, _sized("title", new["title"], MAX_TITLE), changes, by)
        if "description" in new and new["description"] != mr.description:
            description = _sized("description", new["description"], MAX_DESCRIPTION)
            changes["description"] = _moved(mr.description, description)
            mr.description = description
        if "target_branch" in new and new["target_branch"] != mr.target_branch:
            if mr.project.git.branch(new["target_branch"]) is None:
                raise invalid("target_branch", "does not exist")
            changes["target_branch"] = _moved(mr.target_branch, new["target_branch"])
            mr.target_branch = new["target_branch"]
            self.add_version(mr)
        if changes:
            self._updated(mr, changes, by)

    def set_draft(self, mr: MergeRequest, draft: bool, by: User) -> None:
        """A draft is one whose title says so."""
        if mr.draft != draft:
            bare = _DRAFT.sub("", mr.title)
            self.edit(mr, {"title": f"Draft: {bare}" if draft else bare}, by)

    def close(self, mr: MergeRequest, by: User) -> None:
        self._may_edit(mr, by)
        if mr.state == "opened":
            mr.state, mr.closed_at = "closed", self._world.now()
            self._notes.system(mr, "closed", by)
            self._tell.merge_request("close", mr, by)

    def reopen(self, mr: MergeRequest, by: User) -> None:
        self._may_edit(mr, by)
        if mr.state != "closed":
            return
        head = mr.source_project.git.branch(mr.source_branch)
        if head is None:
            raise Refusal(422, "Source branch does not exist", body={"message": ["Source branch does not exist"]})
        self._alone(mr.project, (mr.source_project, mr.source_branch, mr.target_branch))
        mr.state, mr.closed_at = "opened", None
        if head != mr.sha:
            self.set_head(mr, head)
        self._notes.system(mr, "reopened", by)
        self._tell.merge_request("reopen", mr, by)

    # labels

    def define_label(self, project: Project, name: str, color: str = "#428BCA", description: str | None = None) -> Label:
        """The label of that name, made if there is none."""
        title = _sized("title", name.strip(), MAX_LABEL)
        if title.lower() not in project.labels:
            project.labels[title.lower()] = Label(self._world.next_id("label"), title, color, description)
        return project.labels[title.lower()]

    def relabel(self, mr: MergeRequest, add: Iterable[str], remove: Iterable[str], by: User) -> None:
        """Add and take away in one go; names it does not carry are not missed."""
        if not self._world.develops(mr.project, by):
            raise forbidden()
        gone = {name.strip().lower() for name in remove}
        labels = [name for name in mr.labels if name.lower() not in gone]
        for name in add:
            label = self.define_label(mr.project, name).name
            if label not in labels and label.lower() not in gone:
                labels.append(label)
        if set(labels) != set(mr.labels):
            was, mr.labels = self._tell.plain.labels(mr, mr.labels), labels
            self._updated(mr, {"labels": _moved(was, self._tell.plain.labels(mr, labels))}, by)

    def _retitle(self, mr: MergeRequest, title: str, changes: dict[str, Any], by: User) -> None:
        was_title, was_draft, mr.title = mr.title, mr.draft, title
        changes["title"] = _moved(was_title, title)
        if mr.draft != was_draft:
            changes["draft"] = _moved(was_draft, mr.draft)
            self._notes.system(mr, f"marked this merge request as **{'draft' if mr.draft else 'ready'}**", by)
        else:
            self._notes.system(mr, f"changed title from **{was_title}** to **{title}**", by)

    def _updated(self, mr: MergeRequest, changes: dict[str, Any], by: User) -> None:
        mr.updated_at = self._world.now()
        self._tell.merge_request("update", mr, by, changes=changes)

    def _may_edit(self, mr: MergeRequest, by: User) -> None:
        if mr.project.archived or not (by is mr.by or self._world.develops(mr.project, by)):
            raise forbidden()

    def _checked_branches(self, project: Project, target: str, source_project: Project, source: str) -> str:
        head = source_project.git.branch(source)
        if head is None or project.git.branch(target) is None:
            raise invalid("source_branch" if head is None else "target_branch", "does not exist")
        if (source_project, source) == (project, target):
            raise conflict("You can't use same project/branch for source and target")
        self._alone(project, (source_project, source, target))
        return head

    def _alone(self, project: Project, branches: tuple[Project, str, str]) -> None:
        for other in project.merge_requests.values():
            same = (other.source_project, other.source_branch, other.target_branch) == branches
            if other.state == "opened" and same:
                raise conflict(f"Another open merge request already exists for this source branch: !{other.iid}")

    def _source(self, project: Project, source: str) -> tuple[Project, str]:
        owner, colon, branch = source.rpartition(":")
        if not colon:
            return project, branch
        for each in self._world.projects.values():
            if each.fork_of is project and each.owner and each.owner.username.lower() == owner.lower():
                return each, branch
        raise not_found("Project")


def _moved(previous: object, current: object) -> dict[str, object]:
    return {"previous": previous, "current": current}


def _sized(field: str, value: str, limit: int) -> str:
    if field == "title" and not value.strip():
        raise invalid(field, "can't be blank")
    if len(value) > limit:
        raise invalid(field, f"is too long (maximum is {limit} characters)")
    return value
