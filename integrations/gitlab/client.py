"""Calls to GitLab: python-gitlab under the gate's own rules.

python-gitlab sleeps through a 429 by itself and hides an answer's headers behind its errors. Here every answer is judged
as it arrives (`_Judged`), so that errors carry the time GitLab asks to wait, and the caller decides what to do. One
`requests.Session` serves all threads: warm connections, no cookies, no `.netrc`, and proxies and certificate authorities
taken from the environment once. A redirect never carries the token to another host, as one to an object store would.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabError
from pydantic import BaseModel

from bot.ports.answers import Pages, settle
from bot.ports.errors import Unavailable
from bot.ports.shelf import Shelf
from integrations.gitlab.failures import ANSWERS, quoted, translate
from integrations.gitlab.session import Judged, NotModified, make_session, onward

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
PAGE = 100
KEPT_BYTES = 32 * 1024 * 1024
"""So much of lists is kept to be asked for on condition; the pages longest unused are forgotten."""
PIECE = 1 << 16
Params = Mapping[str, str | int | Sequence[str | int]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access token of the bot, which no `repr` shows."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where GitLab is (no trailing slash, no `/api/v4`) and how long to wait for it."""

    url: str = "https://gitlab.com"
    timeout_s: float = 15.0
    connect_timeout_s: float = 5.0
    parallel: int = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer, read whole. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class GraphProblem:
    """One error of a GraphQL answer: its sentence, and the field it is about."""

    message: str
    path: tuple[str, ...] = ()


class Client:
    """Calls as the bot. Every method raises `WorldError` only; one object serves all threads."""

    def __init__(self, credentials: Credentials, endpoint: Endpoint = Endpoint()) -> None:
        self.url = endpoint.url.rstrip("/")
        self._session = make_session(self.url, (endpoint.connect_timeout_s, endpoint.timeout_s), endpoint.parallel)
        self._gitlab = Gitlab(
            self.url,
            private_token=credentials.token,
            ssl_verify=self._session.verify,
            user_agent="llmgate",
            retry_transient_errors=False,
            keep_base_url=True,
            backend=partial(Judged, session=self._session),
        )
        self._pool = ThreadPoolExecutor(endpoint.parallel, thread_name_prefix="gitlab")
        self._kept = Shelf[Answer](KEPT_BYTES, lambda answer: len(answer.content))

    def close(self) -> None:
        """Close every connection. Calls under way finish first."""
        self._pool.shutdown()
        self._session.close()

    def send(self, method: str, path: str, body: Mapping[str, object] | None = None, params: Params | None = None) -> Answer:
        """One call; the answer as it came, its status known to be good."""
        return self._call(method, path, body, params)

    def get(self, path: str, model: type[M], params: Params | None = None) -> M:
        return ANSWERS.read(model, self.send("GET", path, None, params).content, f"GET {path}")

    def write(self, method: str, path: str, body: Mapping[str, object], model: type[M]) -> M:
        return ANSWERS.read(model, self.send(method, path, body).content, f"{method} {path}")

    def pages(
        self, path: str, items: Callable[[object], Sequence[T]], params: Params | None = None, *, kept: bool = False
    ) -> Pages[T]:
        """Every page of a list: the first one alone, the rest in parallel where GitLab says how many there are.

        With `kept` each page is asked for on the condition that it is another than the last time: for lists that are
        read again and again.
        """
        asked: Params = {"per_page": PAGE, **(params or {})}
        ask = self._if_changed if kept else self._listed
        first = ask(path, asked)
        told = first.headers.get("x-total-pages", "")
        if told.isascii() and told.isdigit() and "page" in onward(first.headers):
            waiting = [self.submit(ask, path, {**asked, "page": page}) for page in range(2, int(told) + 1)]
            answers = [first, *settle(waiting)]
        else:
            answers = list(_following(first, lambda more: ask(path, {**asked, **more})))
        return ANSWERS.gathered(items, [answer.content for answer in answers], f"GET {path}")

    def each_page(
        self, path: str, items: Callable[[object], Sequence[T]], params: Params | None = None
    ) -> Iterator[Sequence[T]]:
        """The pages one after the other, each asked for when it is wanted."""
        asked: Params = {"per_page": PAGE, **(params or {})}
        for answer in _following(self._listed(path, asked), lambda more: self._listed(path, {**asked, **more})):
            yield ANSWERS.items(items, answer.content, f"GET {path}")

    def graph(self, query: str, variables: Mapping[str, object]) -> tuple[dict[str, Any], tuple[GraphProblem, ...]]:
        """A GraphQL call: what came, and what is wrong with it. Raises where nothing of use came."""
        call = "POST /api/graphql"
        answer = self._call("POST", f"{self.url}/api/graphql", {"query": query, "variables": dict(variables)}, None)
        told = ANSWERS.read(_GraphAnswer, answer.content, call)
        problems = tuple(GraphProblem(quoted(e.message), tuple(str(p) for p in e.path or ())) for e in told.errors or [])
        if told.data is None:
            said = "; ".join(problem.message for problem in problems[:3]) or "no data"
            raise Unavailable(f"GitLab's GraphQL failed: {said}; it is tried again")
        return told.data, problems

    def raw(self, path: str, limit: int, params: Params | None = None) -> bytes | None:
        """The bytes behind a path; None where there are more than `limit`, of which no more is read than that."""
        call = f"GET {path}"
        try:
            answer = self._gitlab.http_request(
                "get", path, dict(params or {}), streamed=True, obey_rate_limit=False, max_retries=0
            )
            with answer:
                found = bytearray()
                for piece in answer.iter_content(PIECE):
                    found += piece
                    if len(found) > limit:
                        return None
                return bytes(found)
        except (GitlabError, requests.RequestException, ValueError) as error:
            raise translate(error, call) from None

    def upload(self, path: str, content: bytes) -> None:
        """Put these bytes behind a path."""
        try:
            self._gitlab.http_request("put", path, None, content, raw=True, obey_rate_limit=False, max_retries=0)
        except (GitlabError, requests.RequestException, ValueError) as error:
            raise translate(error, f"PUT {path}") from None

    def submit(self, call: Callable[..., T], *given: object) -> Future[T]:
        """Run a call beside the caller. Only calls that submit nothing themselves, or the pool could wait for itself."""
        return self._pool.submit(call, *given)

    def _listed(self, path: str, params: Params) -> Answer:
        return self._call("GET", path, None, params)

    def _if_changed(self, path: str, params: Params) -> Answer:
        key = json.dumps([path, params], sort_keys=True)
        held = self._kept.take(key)
        if held is None:
            answer = self._listed(path, params)
        else:
            try:
                answer = self._call("GET", path, None, params, {"If-None-Match": held.headers["etag"]})
            except NotModified as same:
                answer = Answer(200, {**held.headers, **same.headers}, held.content)
        if "etag" in answer.headers:
            self._kept.keep(key, answer)
        return answer

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        params: Params | None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        call = f"{method} {path.removeprefix(self.url)}"
        try:
            answer = self._gitlab.http_request(
                method.lower(),
                path,
                dict(params or {}),
                dict(body) if body is not None else None,
                obey_rate_limit=False,
                max_retries=0,
                extra_headers=dict(headers or {}),
            )
            return Answer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)
        except NotModified:
            raise
        except (GitlabError, requests.RequestException, ValueError) as error:
            raise translate(error, call) from None


class _GraphError(BaseModel):
    message: str = ""
    path: list[str | int] | None = None


class _GraphAnswer(BaseModel):
    data: dict[str, Any] | None = None
    errors: list[_GraphError] | None = None


def _following(answer: Answer, ask: Callable[[dict[str, str]], Answer]) -> Iterator[Answer]:
    yield answer
    while more := onward(answer.headers):
        answer = ask(more)
        yield answer


def whole(problems: Sequence[GraphProblem], about: str) -> None:
    """Raise for a GraphQL answer with a hole in it: it could hide something."""
    for problem in problems:
        where = ".".join(problem.path) or "its root"
        raise Unavailable(f"GitLab's answer about {about} has a hole at {where}: {problem.message}; it is tried again")
