"""Merge requests, what is said on them, and what was given to them, as the JSON objects of GitLab's REST API."""

from __future__ import annotations

from integrations.sandbox.git.diff import FileChange
from integrations.sandbox.gitlab.model import ApprovalRule, Car, Given, MergeRequest, Note, Project, StatusCheck, Version
from integrations.sandbox.gitlab.render import Json, Renderer, when
from integrations.sandbox.gitlab.render_pipeline import PipelineRenderer
from integrations.sandbox.gitlab.verbs import Verbs

_UNUSED: Json = {
    "upvotes": 0,
    "downvotes": 0,
    "imported": False,
    "milestone": None,
    "merge_when_pipeline_succeeds": False,
    "discussion_locked": None,
    "should_remove_source_branch": None,
    "force_remove_source_branch": False,
    "squash": False,
}
"""What a merge request has besides, and never uses here."""


class MergeRequestRenderer:
    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs
        self._world = verbs.world
        self._plain = Renderer(verbs.world)
        self._pipelines = PipelineRenderer(verbs.world)

    def short(self, mr: MergeRequest) -> Json:
        """As lists show it."""
        return {
            "id": mr.id,
            "iid": mr.iid,
            "project_id": mr.project.id,
            "title": mr.title,
            "description": mr.description,
            "state": mr.state,
            "created_at": when(mr.created_at),
            "updated_at": when(mr.updated_at),
            "merged_at": when(mr.merged_at),
            "closed_at": when(mr.closed_at),
            "target_branch": mr.target_branch,
            "source_branch": mr.source_branch,
            "source_project_id": mr.source_project.id,
            "target_project_id": mr.project.id,
            "labels": sorted(mr.labels),
            "draft": mr.draft,
            "work_in_progress": mr.draft,
            "sha": mr.sha,
            "merge_commit_sha": mr.merge_sha,
            "squash_commit_sha": None,
            "user_notes_count": sum(not note.system for note in mr.notes),
            "reference": f"!{mr.iid}",
            "references": {"short": f"!{mr.iid}", "relative": f"!{mr.iid}", "full": f"{mr.project.path}!{mr.iid}"},
            "web_url": f"{self._world.url}/{mr.project.path}/-/merge_requests/{mr.iid}",
            **self._people(mr),
            **self._standing(mr),
            **_UNUSED,
        }

    def _people(self, mr: MergeRequest) -> Json:
        assignees = [self._plain.user(user) for user in mr.assignees]
        merged_by = self._plain.user(mr.merged_by) if mr.merged_by else None
        told = {"author": self._plain.user(mr.by), "assignees": assignees, "assignee": assignees[0] if assignees else None}
        return {**told, "reviewers": [], "merged_by": merged_by, "merge_user": merged_by, "closed_by": None}

    def _standing(self, mr: MergeRequest) -> Json:
        status = self._verbs.mergeability.status(mr)
        unresolved = any(note.resolvable and not note.resolved for note in mr.notes)
        return {
            "merge_status": "cannot_be_merged" if status == "conflict" else "can_be_merged",
            "detailed_merge_status": status,
            "has_conflicts": status == "conflict",
            "blocking_discussions_resolved": not unresolved,
        }

    def full(self, mr: MergeRequest) -> Json:
        """One merge request asked for by number."""
        head, newest = self._verbs.pipelines.head(mr), mr.versions[-1] if mr.versions else None
        files = mr.project.git.changes(newest.base, newest.head) if newest else ()
        return {
            **self.short(mr),
            "subscribed": False,
            "changes_count": str(len(files)) if files else None,
            "pipeline": self._pipelines.short(head) if head else None,
            "head_pipeline": self._pipelines.full(head) if head else None,
            "diff_refs": self._refs(newest) if newest else None,
            "merge_error": None,
            "first_contribution": False,
            "user": {"can_merge": False},
        }

    def version(self, mr: MergeRequest, version: Version) -> Json:
        return {
            "id": version.id,
            "head_commit_sha": version.head,
            "base_commit_sha": version.base,
            "start_commit_sha": version.start,
            "created_at": when(version.at),
            "merge_request_id": mr.id,
            "state": "collected",
            "real_size": str(len(mr.project.git.changes(version.base, version.head))),
            "patch_id_sha": None,
        }

    def note(self, mr: MergeRequest, note: Note) -> Json:
        told = {
            "id": note.id,
            "type": "DiscussionNote" if note.resolvable else None,
            "body": note.body,
            "author": self._plain.user(note.by),
            "created_at": when(note.created_at),
            "updated_at": when(note.updated_at),
            "system": note.system,
            "noteable_id": mr.id,
            "noteable_type": "MergeRequest",
            "project_id": mr.project.id,
            "resolvable": note.resolvable,
            "confidential": False,
            "internal": False,
            "imported": False,
            "noteable_iid": mr.iid,
            "commands_changes": {},
        }
        return {**told, "resolved": note.resolved, "resolved_by": None} if note.resolvable else told

    def discussion(self, mr: MergeRequest, discussion: str) -> Json:
        notes = self._verbs.notes.thread(mr, discussion)
        return {
            "id": discussion,
            "individual_note": not notes[0].resolvable and len(notes) == 1,
            "notes": [self.note(mr, note) for note in notes],
        }

    def approvals(self, mr: MergeRequest) -> Json:
        """What Free shows, and with a licence how much is missing."""
        user, approvals = self._plain.user, self._verbs.approvals
        given = [{"user": user(each.by), "approved_at": when(each.at)} for each in mr.approvals]
        told = {"id": mr.id, "iid": mr.iid, "project_id": mr.project.id, "title": mr.title, "description": mr.description}
        told |= {"state": mr.state, "created_at": when(mr.created_at), "updated_at": when(mr.updated_at)}
        told |= {"merge_status": "can_be_merged", "approved": approvals.met(mr), "approved_by": given}
        if not self._world.licensed("premium"):
            return told
        rules = approvals.rules(mr)
        left = [rule for rule in rules if approvals.missing(mr, rule)]
        told |= {"approvals_required": sum(rule.required for rule in rules), "require_password_to_approve": False}
        told |= {"approvals_left": sum(approvals.missing(mr, rule) for rule in rules), "has_approval_rules": bool(rules)}
        told |= {"approval_rules_left": [{"id": rule.id, "name": rule.name, "rule_type": "regular"} for rule in left]}
        return {**told, "approval_rules_overwritten": False, "multiple_approval_rules_available": True}

    def approval_rule(self, rule: ApprovalRule) -> Json:
        return {
            "id": rule.id,
            "name": rule.name,
            "rule_type": "regular" if rule.users else "any_approver",
            "report_type": None,
            "eligible_approvers": [self._plain.user(user) for user in rule.users],
            "approvals_required": rule.required,
            "users": [self._plain.user(user) for user in rule.users],
            "groups": [],
            "contains_hidden_groups": False,
            "protected_branches": [{"name": name} for name in rule.branches],
            "applies_to_all_protected_branches": False,
        }

    def rule_state(self, mr: MergeRequest, rule: ApprovalRule) -> Json:
        """A rule as it stands on one merge request."""
        wanted = {user.id for user in rule.users}
        given: list[Given] = [each for each in mr.approvals if not wanted or each.by.id in wanted]
        approved = not self._verbs.approvals.missing(mr, rule)
        by = [self._plain.user(each.by) for each in given]
        return {**self.approval_rule(rule), "overridden": False, "approved": approved, "approved_by": by}

    def status_check(self, project: Project, check: StatusCheck) -> Json:
        rules = [project.protected[name] for name in check.branches if name in project.protected]
        return {
            "id": check.id,
            "name": check.name,
            "project_id": project.id,
            "external_url": check.url,
            "hmac": bool(check.secret),
            "protected_branches": [{"id": rule.id, "name": rule.name} for rule in rules],
        }

    def check_state(self, mr: MergeRequest, check: StatusCheck) -> Json:
        status = self._verbs.status_checks.status(mr, check)
        return {"id": check.id, "name": check.name, "external_url": check.url, "status": status}

    def car(self, car: Car) -> Json:
        mr = car.merge_request
        return {
            "id": car.id,
            "merge_request": {
                "id": mr.id,
                "iid": mr.iid,
                "project_id": mr.project.id,
                "title": mr.title,
                "description": mr.description,
                "state": mr.state,
                "created_at": when(mr.created_at),
                "updated_at": when(mr.updated_at),
                "web_url": f"{self._world.url}/{mr.project.path}/-/merge_requests/{mr.iid}",
            },
            "user": self._plain.user(car.by),
            "pipeline": self._pipelines.short(car.pipeline) if car.pipeline else None,
            "created_at": when(car.at),
            "updated_at": when(car.merged_at or car.at),
            "target_branch": car.target_branch,
            "status": car.status,
            "merged_at": when(car.merged_at),
            "duration": None,
        }

    def _refs(self, version: Version) -> Json:
        return {"base_sha": version.base, "head_sha": version.head, "start_sha": version.start}


def diff(change: FileChange, modes: tuple[str, str], patch: str, cut: str = "") -> Json:
    """One file of `/diffs`. `cut` is `collapsed` or `too_large` where the text is withheld."""
    return {
        "diff": "" if cut else patch,
        "collapsed": cut == "collapsed",
        "too_large": cut == "too_large",
        "new_path": change.path,
        "old_path": change.previous or change.path,
        "a_mode": modes[0],
        "b_mode": modes[1],
        "new_file": change.status == "added",
        "renamed_file": change.status == "renamed",
        "deleted_file": change.status == "removed",
        "generated_file": False,
    }
