"""External status checks (Ultimate): somebody outside answers for one head commit, or GitLab gives up after two minutes."""

from __future__ import annotations

from datetime import timedelta

from integrations.sandbox.gitlab.announce import Announcer
from integrations.sandbox.gitlab.model import CheckResponse, MergeRequest, Response, StatusCheck
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.refusal import Refusal, conflict, forbidden, not_found

PATIENCE = timedelta(minutes=2)
"""So long a check may stay pending; then it counts as failed."""


class StatusChecks:
    def __init__(self, tell: Announcer) -> None:
        self._tell = tell
        self._world = tell.world

    def applicable(self, mr: MergeRequest) -> list[StatusCheck]:
        return self._tell.checks(mr)

    def status(self, mr: MergeRequest, check: StatusCheck) -> CheckResponse:
        """What the check says of the head as it is now."""
        given = mr.responses.get(check.id)
        if given is None or given.sha != mr.sha:
            return "pending"
        if given.status == "pending" and self._world.now() - given.at >= PATIENCE:
            return "failed"
        return given.status

    def respond(self, mr: MergeRequest, check_id: int, sha: str, status: CheckResponse, by: User) -> Response:
        """An answer for one commit; 409 when that is not the head. Who may approve merge requests may answer."""
        check = self._find(mr, check_id)
        if not self._world.develops(mr.project, by):
            raise forbidden()
        if sha != mr.sha:
            raise conflict(f"SHA does not match HEAD of source branch: {mr.sha}")
        mr.responses[check.id] = Response(sha, status, self._world.now())
        return mr.responses[check.id]

    def retry(self, mr: MergeRequest, check_id: int, by: User) -> None:
        """Ask a failed check again."""
        check = self._find(mr, check_id)
        if not self._world.develops(mr.project, by):
            raise forbidden()
        if self.status(mr, check) != "failed":
            raise Refusal(422, "External status check must be failed")
        mr.responses[check.id] = Response(mr.sha, "pending", self._world.now())
        self._tell.ask(check, mr, by)

    def licensed(self) -> None:
        """Elsewhere than in Ultimate the whole API is not there."""
        if not self._world.licensed("ultimate"):
            raise not_found()

    def _find(self, mr: MergeRequest, check_id: int) -> StatusCheck:
        self.licensed()
        found = next((check for check in self.applicable(mr) if check.id == check_id), None)
        if found is None:
            raise not_found()
        return found


def blocked_by_checks(checks: StatusChecks, mr: MergeRequest) -> bool:
    """Does the project wait for its checks, and is one of them not passed?"""
    wanted = mr.project.settings.status_checks_must_pass
    return wanted and any(checks.status(mr, check) != "passed" for check in checks.applicable(mr))
