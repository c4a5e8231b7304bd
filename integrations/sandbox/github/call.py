"""One request on its way to a route, the route table, and what comes back."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from integrations.sandbox.github.auth import Caller
from integrations.sandbox.github.limits import RateLimits
from integrations.sandbox.github.model import Account, PullRequest, Repository
from integrations.sandbox.github.refusal import Refusal, not_found
from integrations.sandbox.github.verbs import Verbs

PER_PAGE = 30
MAX_PER_PAGE = 100
VERSION = "2022-11-28"
"""Of the API, for who asks for none."""
_PARAMETER = re.compile(r"\{(\w+)(\*?)\}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a list, and where its neighbours are; the face turns it into a `Link` header."""

    number: int
    size: int
    last: int


@dataclass(frozen=True, slots=True)
class Answer:
    body: Any
    status: int = 200
    page: Page | None = None
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of a list that is paged by a cursor: the parameters of each neighbour, by relation."""


@dataclass(slots=True)
class Call:
    """What a route works with. `repo` is there when the path names one the caller may see."""

    verbs: Verbs
    limits: RateLimits
    caller: Caller
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: dict[str, Any] = field(default_factory=dict)
    found: Repository | None = None
    version: str = VERSION
    """Of the API, as the client asks for it."""

    @property
    def repo(self) -> Repository:
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def by(self) -> Account:
        if self.caller.account is None:
            raise Refusal(401, "Requires authentication")
        return self.caller.account

    @property
    def pull(self) -> PullRequest:
        """The pull request that the path's `number` names."""
        known = self.repo.pulls.get(self.number("number"))
        if known is None:
            raise not_found()
        return known

    def number(self, name: str) -> int:
        if not self.path[name].isdigit():
            raise not_found()
        return int(self.path[name])

    def commit(self, name: str = "sha") -> str:
        """The full id of the commit that the path names by branch, tag or id."""
        oid = self.repo.git.resolve(self.path[name])
        if oid is None:
            raise Refusal(422, f"No commit found for SHA: {self.path[name]}")
        return oid

    def listed(self, items: list[T] | tuple[T, ...], render: Callable[[T], Any], wrap: str = "") -> Answer:
        """One page of `items`, rendered; in an object with `total_count` when `wrap` names its list."""
        size = min(MAX_PER_PAGE, max(1, self._positive("per_page", PER_PAGE)))
        number = max(1, self._positive("page", 1))
        shown = [render(item) for item in items[(number - 1) * size : number * size]]
        page = Page(number, size, max(1, -(-len(items) // size)))
        return Answer({"total_count": len(items), wrap: shown} if wrap else shown, page=page)

    def by_cursor(self, items: list[T], number: Callable[[T], int]) -> Answer:
        """One page of `items` after or before the one whose number the cursor holds; plain, with its links."""
        size = min(MAX_PER_PAGE, max(1, self._positive("per_page", PER_PAGE)))
        numbers = [number(item) for item in items]
        start = self._cursor("after", numbers, -1) + 1
        if "before" in self.query:
            start = max(0, self._cursor("before", numbers, len(items)) - size)
        links: dict[str, Mapping[str, str]] = {}
        if start + size < len(items):
            links["next"] = {"after": _cursor_of(numbers[start + size - 1])}
        if start > 0:
            links["prev"] = {"before": _cursor_of(numbers[start])}
        return Answer(items[start : start + size], links=links)

    def _cursor(self, name: str, numbers: list[int], default: int) -> int:
        if name not in self.query:
            return default
        known = {_cursor_of(number): place for place, number in enumerate(numbers)}
        if self.query[name] not in known:
            raise Refusal(422, f"Invalid request.\n\n{name} is not a cursor of this list.")
        return known[self.query[name]]

    def _positive(self, name: str, default: int) -> int:
        given = self.query.get(name, "")
        return int(given) if given.isdigit() else default


def _cursor_of(number: int) -> str:
    return base64.b64encode(f"cursor:{number}".encode()).decode()


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    template: str
    needs: tuple[str, ...]
    handler: Handler
    pattern: re.Pattern[str]
    app_only: bool = False
    client_only: bool = False


class Routes:
    """The table. `needs` are alternatives: holding one of them is enough."""

    def __init__(self) -> None:
        self._all: list[Route] = []

    def add(self, line: str, *needs: str, app_only: bool = False, client_only: bool = False) -> Callable[[Handler], Handler]:
        """Register the function for `GET /repos/{owner}/{repo}/contents/{path*}`; a star lets a part hold slashes.

        `app_only` takes the app's JWT and nothing else, `client_only` its client id and secret.
        """
        method, _, template = line.partition(" ")
        expression = _PARAMETER.sub(lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", template.replace(".", r"\."))

        def register(handler: Handler) -> Handler:
            pattern = re.compile(f"^{expression}$")
            self._all.append(Route(method, template, needs, handler, pattern, app_only, client_only))
            return handler

        return register

    def include(self, other: Routes) -> None:
        self._all += other._all

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        for route in self._all:
            if route.method == method and (match := route.pattern.match(path)):
                return route, match.groupdict()
        return None
