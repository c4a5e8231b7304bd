"""`git clone`, `fetch` and `push` over HTTP, through git's own `http-backend`; people sign in with their token.

After a push the refs are read again, and everything that follows from their movement happens as for the `push` verb.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from integrations.sandbox.git import http_backend
from integrations.sandbox.github.auth import Caller, visible
from integrations.sandbox.github.model import Account, Repository
from integrations.sandbox.github.refusal import Refusal
from integrations.sandbox.github.verbs import Verbs

_SIGN_IN = {"WWW-Authenticate": 'Basic realm="GitHub"'}


class SmartHttp:
    def __init__(self, verbs: Verbs) -> None:
        self._verbs = verbs

    def answer(self, request: Request, body: bytes) -> Response:
        """Called in a thread of its own: git may take its time."""
        name, rest, service = http_backend.asked(request)
        try:
            caller, account = self._signed_in(request)
            repo = visible(self._verbs.world, caller, name)
            level = "write" if service == "git-receive-pack" else "read"
            granted = caller.holds([f"contents:{level}"]) or self._verbs.world.may(repo, account, level)
            if not granted:
                raise Refusal(403, f"Permission to {repo.full_name}.git denied to {account.login}.")
            if rest != "git-receive-pack":
                return http_backend.answer(request, body, repo.git.path, rest)
            return self._receive(request, body, repo, account)
        except Refusal as refused:
            headers = _SIGN_IN if refused.status == 401 else {}
            return Response(refused.message + "\n", refused.status, headers, "text/plain")

    def _signed_in(self, request: Request) -> tuple[Caller, Account]:
        token = http_backend.password(request)
        if token is None:
            raise Refusal(401, "Authentication required.")
        caller = self._verbs.tokens.caller(f"token {token}")
        if caller.account is None or caller.kind == "app":
            raise Refusal(401, "Invalid username or token.")
        return caller, caller.account

    def _receive(self, request: Request, body: bytes, repo: Repository, account: Account) -> Response:
        with self._verbs.world.lock:
            refused = [ref for _, _, ref in http_backend.commands(body) if self._protected(repo, ref, account)]
            if refused:
                raise Refusal(403, f"GH006: Protected branch update failed for {refused[0]}.")
            response = http_backend.answer(request, body, repo.git.path, "git-receive-pack")
            self._verbs.pushes.moved(repo, repo.git.reload(), account)
        return response

    def _protected(self, repo: Repository, ref: str, account: Account) -> bool:
        protection = repo.protections.get(ref.removeprefix("refs/heads/"))
        if protection is None:
            return False
        return protection.enforce_admins or not self._verbs.world.may(repo, account, "admin")
