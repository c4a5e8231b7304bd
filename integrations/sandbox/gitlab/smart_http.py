"""`git clone`, `fetch` and `push` over HTTP; people sign in with a token, whatever user name they give.

After a push the refs are read again, and everything that follows from their movement happens as for the `push` verb.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from integrations.sandbox.git import http_backend
from integrations.sandbox.gitlab.auth import Caller
from integrations.sandbox.gitlab.model import Project
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.refusal import Refusal
from integrations.sandbox.gitlab.verbs import Verbs

_KEEP_HISTORY = {"receive.denyNonFastForwards": "true"}
_SIGN_IN = {"WWW-Authenticate": 'Basic realm="GitLab"'}
_DENIED = "HTTP Basic: Access denied. The provided password or token is incorrect or your account has 2FA enabled."
_GONE = "The project you were looking for could not be found or you don't have permission to view it."


class SmartHttp:
    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs
        self._world = verbs.world

    def answer(self, request: Request, body: bytes) -> Response:
        """Called in a thread of its own: git may take its time."""
        path, rest, service = http_backend.asked(request)
        try:
            caller = self._signed_in(request)
            project = self._readable(path, caller)
            if service != "git-receive-pack":
                return http_backend.answer(request, body, project.git.path, rest)
            by = self._pusher(caller, project)
            if rest != "git-receive-pack":
                return http_backend.answer(request, body, project.git.path, rest)
            return self._receive(request, body, project, by)
        except Refusal as refused:
            headers = _SIGN_IN if refused.status == 401 else {}
            return Response(refused.message + "\n", refused.status, headers, "text/plain")

    def _signed_in(self, request: Request) -> Caller:
        token = http_backend.password(request)
        if token is None:
            return Caller()
        try:
            return self._verbs.tokens.bearer(token)
        except Refusal as refused:
            raise Refusal(401, _DENIED) from refused

    def _readable(self, path: str, caller: Caller) -> Project:
        """Code of a private project is for reporters and above; what is missing looks as if it were private."""
        project = self._world.projects.get(path.lower())
        if caller.user is None and (project is None or project.private):
            raise Refusal(401, _DENIED)
        if project is None or not (caller.user is None or caller.holds(["read_repository"])):
            raise Refusal(404, _GONE)
        if not self._world.reads(project, caller.user):
            raise Refusal(404, _GONE)
        return project

    def _pusher(self, caller: Caller, project: Project) -> User:
        if caller.user is None:
            raise Refusal(401, _DENIED)
        if not self._world.develops(project, caller.user) or not caller.holds(["write_repository"]):
            raise Refusal(403, "You are not allowed to push code to this project.")
        return caller.user

    def _receive(self, request: Request, body: bytes, project: Project, by: User) -> Response:
        with self._world.lock:
            refs = [ref for _, _, ref in http_backend.commands(body)]
            for ref in refs:
                self._verbs.pushes.check(project, ref, by)
            settings = {} if all(self._may_rewrite(project, ref) for ref in refs) else _KEEP_HISTORY
            response = http_backend.answer(request, body, project.git.path, "git-receive-pack", settings)
            self._verbs.pushes.moved(project, project.git.reload(), by)
        return response

    def _may_rewrite(self, project: Project, ref: str) -> bool:
        rule = self._world.protection(project, ref.removeprefix("refs/heads/"))
        return rule is None or rule.force_push
