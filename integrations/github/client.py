"""Calls to GitHub: githubkit under the gate's own rules.

githubkit makes an HTTP client for each request unless it is entered as a context, and a context belongs to one thread.
`KeptGitHub` keeps one `httpx.Client` (which threads may share) for each installation instead, so that worker threads share
warm connections. Retries are off: errors are translated and the caller decides. The HTTP cache is off: what is known is
passed by value. Token and JWT caches belong to the instance, never to the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx
from githubkit import GitHub
from githubkit.auth.app import AppAuthStrategy
from githubkit.cache import MemCacheStrategy
from githubkit.exception import GitHubException, GraphQLFailed, RateLimitExceeded
from githubkit.response import Response
from pydantic import BaseModel

from bot.ports.answers import Pages, settle
from bot.ports.errors import Refused, Unavailable, Vanished, WorldError
from integrations.github.failures import ANSWERS, quoted, translate, used_up
from integrations.github.sign_in import InstallationStrategy

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
PAGE = 100
Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """The GitHub App: its id and its private key (PEM), which no `repr` shows."""

    app_id: int
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the API is and how long to wait for it. GitHub Enterprise Server: `https://HOST/api/v3`."""

    api_url: str = "https://api.github.com"
    timeout_s: float = 15.0
    connect_timeout_s: float = 5.0
    keepalive_s: float = 60.0
    parallel: int = 32


class KeptGitHub(GitHub[AppAuthStrategy]):
    """A githubkit client that keeps one HTTP client for all threads."""

    keepalive_s = 60.0

    def kept_client(self) -> httpx.Client:
        with _MAKING:
            if not hasattr(self, "_kept"):
                limits = httpx.Limits(max_connections=100, max_keepalive_connections=40, keepalive_expiry=self.keepalive_s)
                self._kept = httpx.Client(**self._get_client_defaults(), limits=limits)
            return self._kept

    @contextmanager
    def get_sync_client(self) -> Generator[httpx.Client, None, None]:
        yield self.kept_client()

    def _check_rate_limit(self, response: Response[Any]) -> None:
        """Left to `failures`: githubkit's reading fails on a `Retry-After` that is a date, and reads this machine's clock."""


_MAKING = threading.Lock()


@dataclass(frozen=True, slots=True)
class GraphProblem:
    """One error of a GraphQL answer: GitHub's type, its sentence, and the field it is about."""

    kind: str
    message: str
    path: tuple[str, ...] = ()


class Session:
    """Calls as one installation, or as the app itself. Every method raises `WorldError` only."""

    def __init__(self, github: KeptGitHub, pool: ThreadPoolExecutor) -> None:
        self._github = github
        self._pool = pool

    def send(
        self, method: str, path: str, body: Mapping[str, object] | None = None, params: Params | None = None
    ) -> httpx.Response:
        """One call; the answer as it came, its status known to be good."""
        try:
            given = dict(params) if params else None
            return self._github.request(method, path, params=given, json=dict(body) if body is not None else None).raw_response
        except (GitHubException, ValueError, httpx.HTTPError) as error:
            raise translate(error, f"{method} {path}") from None

    def get(self, path: str, model: type[M], params: Params | None = None) -> M:
        return ANSWERS.read(model, self.send("GET", path, None, params).content, f"GET {path}")

    def write(self, method: str, path: str, body: Mapping[str, object], model: type[M]) -> M:
        return ANSWERS.read(model, self.send(method, path, body).content, f"{method} {path}")

    def pages(self, path: str, items: Callable[[object], Sequence[T]], params: Params | None = None) -> Pages[T]:
        """Every page of a list: the first one alone, the rest in parallel where GitHub says how many there are."""
        asked = {"per_page": PAGE, **(params or {})}
        first = self.send("GET", path, None, asked)
        last = _linked(first, "last").get("page", "")
        if last.isascii() and last.isdigit():
            waiting = [self.submit(self.send, "GET", path, None, {**asked, "page": page}) for page in range(2, int(last) + 1)]
            answers = [first, *settle(waiting)]
            return ANSWERS.gathered(items, [answer.content for answer in answers], f"GET {path}")
        found = list(self._following(first, items, path, asked))
        return Pages([item for page in found for item in page], len(found))

    def each_page(
        self, path: str, items: Callable[[object], Sequence[T]], params: Params | None = None
    ) -> Iterator[Sequence[T]]:
        """The pages one after the other, each asked for when it is wanted."""
        asked = {"per_page": PAGE, **(params or {})}
        yield from self._following(self.send("GET", path, None, asked), items, path, asked)

    def _following(
        self, answer: httpx.Response, items: Callable[[object], Sequence[T]], path: str, asked: Params
    ) -> Iterator[Sequence[T]]:
        yield ANSWERS.items(items, answer.content, f"GET {path}")
        while onward := _linked(answer, "next"):
            answer = self.send("GET", path, None, {**asked, **onward})
            yield ANSWERS.items(items, answer.content, f"GET {path}")

    def graph(self, query: str, variables: Mapping[str, object]) -> tuple[dict[str, Any], tuple[GraphProblem, ...]]:
        """A GraphQL call: what came, and what is wrong with it. Raises where nothing of use came."""
        call = "POST /graphql"
        try:
            return self._github.graphql.request(query, dict(variables)), ()
        except GraphQLFailed as failed:
            problems = tuple(
                GraphProblem(e.type or "", quoted(e.message), tuple(str(p) for p in e.path or ()))
                for e in failed.response.errors or []
            )
            return _partial(failed.response.data, problems)
        except RateLimitExceeded as limited:
            raise used_up(limited.response.raw_response, call) from None
        except (GitHubException, ValueError, AttributeError, TypeError, httpx.HTTPError) as error:
            raise translate(error, call) from None  # githubkit stumbles over JSON that is not an object

    def submit(self, call: Callable[..., T], *given: object) -> Future[T]:
        """Run a call beside the caller. Only calls that submit nothing themselves, or the pool could wait for itself."""
        return self._pool.submit(call, *given)


class Sessions:
    """The app's sessions on one host: one for itself and one for each installation, made when first asked for."""

    def __init__(self, credentials: AppCredentials, endpoint: Endpoint = Endpoint()) -> None:
        self.app_id = credentials.app_id
        self._app = AppAuthStrategy(credentials.app_id, credentials.private_key)
        self._endpoint = endpoint
        self._pool = ThreadPoolExecutor(endpoint.parallel, thread_name_prefix="github")
        self._made: dict[int, tuple[KeptGitHub, Session]] = {}
        self._lock = threading.Lock()

    def app(self) -> Session:
        """Calls as the app: its own settings, deliveries and installations."""
        return self._session(0)

    def installation(self, number: int) -> Session:
        return self._session(number)

    def close(self) -> None:
        """Close every connection. Calls under way finish first."""
        self._pool.shutdown()
        for github, _ in self._made.values():
            github.kept_client().close()

    def _session(self, number: int) -> Session:
        with self._lock:
            if number not in self._made:
                github = self._github(InstallationStrategy(self._app, number) if number else self._app)
                self._made[number] = (github, Session(github, self._pool))
            return self._made[number][1]

    def _github(self, auth: AppAuthStrategy) -> KeptGitHub:
        point = self._endpoint
        github = KeptGitHub(
            auth,
            base_url=point.api_url,
            timeout=httpx.Timeout(point.timeout_s, connect=point.connect_timeout_s),
            user_agent="llmgate",
            cache_strategy=MemCacheStrategy(),
            http_cache=False,
            auto_retry=False,
        )
        github.keepalive_s = point.keepalive_s
        return github


def _linked(answer: httpx.Response, relation: str) -> dict[str, str]:
    """The query of a linked page: only that is taken of the link, so that no answer sends a token elsewhere."""
    url = answer.links.get(relation, {}).get("url", "")
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def _partial(
    data: dict[str, Any] | None, problems: tuple[GraphProblem, ...]
) -> tuple[dict[str, Any], tuple[GraphProblem, ...]]:
    kinds = {problem.kind for problem in problems}
    said = "; ".join(problem.message for problem in problems[:3])
    if data and any(value is not None for value in data.values()):
        return data, problems
    raise _graph_failure(kinds, said)


def _graph_failure(kinds: set[str], said: str) -> WorldError:
    if "NOT_FOUND" in kinds:
        return Vanished(f"GitHub's GraphQL knows no such thing: {said}; it is gone, or the app may not see it")
    if kinds & {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
        return Refused(
            f"GitHub's GraphQL refused: {said}; wanted a permission the app does not have here: see `llmgate doctor`"
        )
    return Unavailable(f"GitHub's GraphQL failed: {said}; it is tried again")
