"""Approvals: of a merge request, by its people. Rules that must be met are Premium's; in Free anybody's approval is a word."""

from __future__ import annotations

from integrations.sandbox.gitlab.announce import Announcer
from integrations.sandbox.gitlab.model import ApprovalRule, Given, MergeRequest
from integrations.sandbox.gitlab.notes import Notes
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.refusal import conflict, forbidden, not_found, unauthorized


class Approvals:
    def __init__(self, tell: Announcer, notes: Notes) -> None:
        self._tell = tell
        self._notes = notes
        self._world = tell.world

    def rules(self, mr: MergeRequest) -> list[ApprovalRule]:
        """Those that bind this merge request; none without the licence."""
        if not self._world.licensed("premium"):
            return []
        return [rule for rule in mr.project.approval_rules if not rule.branches or mr.target_branch in rule.branches]

    def missing(self, mr: MergeRequest, rule: ApprovalRule) -> int:
        """How many approvals the rule still waits for. A rule without users takes anybody's."""
        wanted = {user.id for user in rule.users}
        given = [each for each in mr.approvals if not wanted or each.by.id in wanted]
        return max(0, rule.required - len(given))

    def met(self, mr: MergeRequest) -> bool:
        return all(not self.missing(mr, rule) for rule in self.rules(mr))

    def approve(self, mr: MergeRequest, by: User, sha: str | None = None) -> None:
        """409 where `sha` is not the head; 401 for who may not, or did already."""
        if not self._world.develops(mr.project, by):
            raise forbidden()
        if sha and sha != mr.sha:
            raise conflict(f"SHA does not match HEAD of source branch: {mr.sha}")
        if mr.state != "opened" or any(each.by is by for each in mr.approvals) or not self._eligible(mr, by):
            raise unauthorized()
        mr.approvals.append(Given(by, self._world.now()))
        self._notes.system(mr, "approved this merge request", by)
        self._tell.merge_request("approved" if self.met(mr) else "approval", mr, by)

    def unapprove(self, mr: MergeRequest, by: User) -> None:
        was = self.met(mr)
        given = next((each for each in mr.approvals if each.by is by), None)
        if given is None or mr.state != "opened":
            raise not_found()
        mr.approvals.remove(given)
        self._notes.system(mr, "unapproved this merge request", by)
        self._tell.merge_request("unapproved" if was else "unapproval", mr, by)

    def pushed(self, mr: MergeRequest) -> None:
        """New commits arrived: approvals go where the project says so (Premium); elsewhere they stay."""
        if self._world.licensed("premium") and mr.project.settings.reset_approvals_on_push:
            mr.approvals.clear()

    def _eligible(self, mr: MergeRequest, by: User) -> bool:
        """Premium's settings against approving one's own work."""
        settings = mr.project.settings
        if not self._world.licensed("premium"):
            return True
        if by is mr.by and not settings.author_may_approve:
            return False
        return settings.committers_may_approve or by.id not in self._committers(mr)

    def _committers(self, mr: MergeRequest) -> set[int]:
        git = mr.project.git
        commits = git.commits_between(mr.versions[-1].base, mr.sha) if mr.versions else ()
        known = [self._world.by_email(git.objects.commit(oid).committer.email) for oid in commits]
        return {user.id for user in known if user}
