"""Which webhook tells of what. The only caller of the voice."""

from __future__ import annotations

from typing import Any

from integrations.sandbox.git.gitdir import NO_OID
from integrations.sandbox.gitlab.model import MergeRequest, Note, Pipeline, Project, StatusCheck
from integrations.sandbox.gitlab.payloads import COMMITS_TOLD, Json, Payloads
from integrations.sandbox.gitlab.people import Hook, User
from integrations.sandbox.gitlab.state import World


class Announcer:
    def __init__(self, world: World) -> None:
        self.world = world
        self.plain = Payloads(world)
        self.system_hooks: list[Hook] = []

    def merge_request(self, action: str, mr: MergeRequest, by: User, **more: Any) -> None:
        """`changes` are told beside, `oldrev` inside: the head before a push. External status checks are asked along."""
        payload = self._merge_request(action, mr, by, more)
        self._say("merge_requests", mr.project, payload)
        for check in self.checks(mr):
            self.world.voice.ask(check, {**payload, "external_approval_rule": _rule(check)})

    def ask(self, check: StatusCheck, mr: MergeRequest, by: User) -> None:
        """Call one external status check again."""
        payload = self._merge_request("update", mr, by, {})
        self.world.voice.ask(check, {**payload, "external_approval_rule": _rule(check)})

    def checks(self, mr: MergeRequest) -> list[StatusCheck]:
        """The external status checks that apply to the merge request; none without the licence."""
        if not self.world.licensed("ultimate"):
            return []
        known = mr.project.status_checks.values()
        return [check for check in known if not check.branches or mr.target_branch in check.branches]

    def note(self, action: str, mr: MergeRequest, note: Note) -> None:
        payload = {
            "object_kind": "note",
            "event_type": "note",
            "user": self.plain.user(note.by),
            "project_id": mr.project.id,
            "project": self.plain.project(mr.project),
            "object_attributes": self.plain.note(mr, note, action),
            "repository": self.plain.repository(mr.project),
            "merge_request": self.plain.merge_request(mr),
        }
        self._say("note", mr.project, payload)

    def pipeline(self, pipeline: Pipeline) -> None:
        project, mr = pipeline.project, pipeline.merge_request
        builds = [self.plain.build(job) for job in pipeline.jobs if not job.external and not job.retried]
        payload = {
            "object_kind": "pipeline",
            "object_attributes": self.plain.pipeline(pipeline),
            "merge_request": self.plain.source(mr) if mr else None,
            "user": self.plain.user(pipeline.by),
            "project": self.plain.project(project),
            "commit": self.plain.commit(project, project.git.objects.commit(pipeline.sha)),
            "builds": builds,
        }
        self._say("pipeline", project, payload)

    def push(self, project: Project, ref: str, moved: tuple[str | None, str | None], by: User) -> None:
        """A branch moved from the first commit to the second; None for neither."""
        before, after = (oid or NO_OID for oid in moved)
        oids: tuple[str, ...] = ()
        if moved[1]:
            oids = project.git.commits_between(moved[0] or project.git.branch(project.default_branch), moved[1])
        commits = [project.git.objects.commit(oid) for oid in oids[-COMMITS_TOLD:]]
        payload = {
            "object_kind": "push",
            "event_name": "push",
            "before": before,
            "after": after,
            "ref": ref,
            "ref_protected": self.world.protection(project, ref.removeprefix("refs/heads/")) is not None,
            "checkout_sha": moved[1],
            "message": None,
            "user_id": by.id,
            "user_name": by.name or by.username,
            "user_username": by.username,
            "user_email": None,
            "user_avatar": self.plain.user(by)["avatar_url"],
            "project_id": project.id,
            "project": self.plain.project(project),
            "commits": [{**self.plain.commit(project, each), **self.plain.touched(project, each)} for each in commits],
            "total_commits_count": len(oids),
            "push_options": {},
            "repository": self.plain.repository(project),
        }
        self._say("push", project, payload)

    def _merge_request(self, action: str, mr: MergeRequest, by: User, more: dict[str, Any]) -> Json:
        attributes = {**self.plain.merge_request(mr), "action": action}
        if more.get("oldrev"):
            attributes["oldrev"] = more["oldrev"]
        return {
            "object_kind": "merge_request",
            "event_type": "merge_request",
            "user": self.plain.user(by),
            "project": self.plain.project(mr.project),
            "object_attributes": attributes,
            "labels": attributes["labels"],
            "changes": more.get("changes", {}),
            "repository": self.plain.repository(mr.project),
        }

    def _say(self, event: str, project: Project, payload: Json) -> None:
        self.world.voice.emit(event, payload, self._hooks(project), self.world.url)

    def _hooks(self, project: Project) -> list[Hook]:
        """The project's own, those of the groups above it where the licence has them, and the instance's."""
        hooks, group = list(project.hooks), project.group
        while group is not None:
            hooks += group.hooks if self.world.licensed("premium") else []
            group = group.parent
        return [*hooks, *self.system_hooks]


def _rule(check: StatusCheck) -> Json:
    return {"id": check.id, "name": check.name, "external_url": check.url}
