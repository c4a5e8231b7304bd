"""`git clone`, `fetch` and `push` over HTTP, through git's own `http-backend`; people sign in with their token.

After a push the refs are read again, and everything that follows from their movement happens as for the `push` verb.
"""

from __future__ import annotations

import base64
import gzip
import subprocess

from starlette.requests import Request
from starlette.responses import Response

from integrations.sandbox.git.machine import GIT, GIT_ENV
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
        name, _, rest = request.url.path.lstrip("/").partition(".git/")
        service = request.query_params.get("service") or rest
        try:
            caller, account = self._signed_in(request)
            repo = visible(self._verbs.world, caller, name)
            level = "write" if service == "git-receive-pack" else "read"
            granted = caller.holds([f"contents:{level}"]) or self._verbs.world.may(repo, account, level)
            if not granted:
                raise Refusal(403, f"Permission to {repo.full_name}.git denied to {account.login}.")
            if rest != "git-receive-pack":
                return self._backend(request, body, repo, rest)
            return self._receive(request, body, repo, account)
        except Refusal as refused:
            headers = _SIGN_IN if refused.status == 401 else {}
            return Response(refused.message + "\n", refused.status, headers, "text/plain")

    def _signed_in(self, request: Request) -> tuple[Caller, Account]:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise Refusal(401, "Authentication required.")
        try:
            _, _, token = base64.b64decode(given, validate=True).decode().partition(":")
        except ValueError as failed:
            raise Refusal(401, "Invalid username or token.") from failed
        caller = self._verbs.tokens.caller(f"token {token}")
        if caller.account is None or caller.kind == "app":
            raise Refusal(401, "Invalid username or token.")
        return caller, caller.account

    def _receive(self, request: Request, body: bytes, repo: Repository, account: Account) -> Response:
        with self._verbs.world.lock:
            before = dict(repo.git.refs)
            refused = [ref for ref in _commands(body) if self._protected(repo, ref, account)]
            if refused:
                raise Refusal(403, f"GH006: Protected branch update failed for {refused[0]}.")
            response = self._backend(request, body, repo, "git-receive-pack")
            repo.git.reload()
            moved = {ref: before.get(ref) for ref in {*before, *repo.git.refs} if before.get(ref) != repo.git.refs.get(ref)}
            self._verbs.pushes.moved(repo, dict(sorted(moved.items())), account)
        return response

    def _protected(self, repo: Repository, ref: str, account: Account) -> bool:
        protection = repo.protections.get(ref.removeprefix("refs/heads/"))
        if protection is None:
            return False
        return protection.enforce_admins or not self._verbs.world.may(repo, account, "admin")

    def _backend(self, request: Request, body: bytes, repo: Repository, rest: str) -> Response:
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        environment = {
            **GIT_ENV,
            "GIT_PROJECT_ROOT": str(repo.git.path),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "REQUEST_METHOD": request.method,
            "PATH_INFO": f"/{rest}",
            "QUERY_STRING": request.url.query,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_USER": "git",
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run([GIT, "http-backend"], env=environment, input=body, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        status = int(headers.pop("Status", "200 OK").split(" ")[0])
        return Response(content, status, headers)


def _commands(body: bytes) -> list[str]:
    """The refs that a push wants to move: pkt-lines `old new ref` up to the flush."""
    refs, at = [], 0
    while (size := int(body[at : at + 4] or b"0", 16)) > 4:
        line = body[at + 4 : at + size].split(b"\0")[0].decode("utf-8", "replace").strip()
        refs.append(line.split(" ", 2)[-1])
        at += size
    return refs
