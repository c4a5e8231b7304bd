"""One request on its way to a route, the route table, and what comes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from integrations.sandbox.gitlab.auth import Caller
from integrations.sandbox.gitlab.limits import RateLimits
from integrations.sandbox.gitlab.model import Licence, MergeRequest, Project
from integrations.sandbox.gitlab.paging import Window, by_number
from integrations.sandbox.gitlab.parameters import PAGING, Declared, Parameter
from integrations.sandbox.gitlab.people import Access, Group, User
from integrations.sandbox.gitlab.refusal import Refusal, not_found, unauthorized
from integrations.sandbox.gitlab.render import Renderer
from integrations.sandbox.gitlab.render_merge_request import MergeRequestRenderer
from integrations.sandbox.gitlab.render_pipeline import PipelineRenderer
from integrations.sandbox.gitlab.state import World
from integrations.sandbox.gitlab.verbs import Verbs

_PARAMETER = re.compile(r"\{(\w+)(\*?)\}")
_ANY = -1
NOTHING: Declared = {}
_READABLE = {"/user": "read_user", "/personal_access_tokens": "read_user", "/repository/": "read_repository"}
"""Scopes narrower than `read_api` that some paths take, too."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """JSON unless the body is bytes. A `window` adds the headers of its page."""

    body: Any
    status: int = 200
    window: Window[Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Renderers:
    """All that makes JSON of records."""

    plain: Renderer
    mrs: MergeRequestRenderer
    ci: PipelineRenderer


@dataclass(slots=True)
class Call:
    """What a route works with: `path` is decoded, `given` holds the declared parameters, read."""

    verbs: Verbs
    render: Renderers
    limits: RateLimits
    caller: Caller
    path: Mapping[str, str]
    given: Mapping[str, Any] = field(default_factory=dict)
    raw: bytes = b""
    found: Project | None = None

    @property
    def world(self) -> World:
        return self.verbs.world

    @property
    def by(self) -> User:
        if self.caller.user is None:
            raise unauthorized()
        return self.caller.user

    @property
    def project(self) -> Project:
        """The project that the path's `id` names; there only if the caller may see it."""
        if self.found is None:
            raise not_found("Project")
        return self.found

    @property
    def group(self) -> Group:
        found = self.world.group(self.path["id"])
        if self.caller.user is None or not self.world.sees_group(found, self.caller.user):
            raise not_found("Group")
        return found

    @property
    def merge_request(self) -> MergeRequest:
        found = self.project.merge_requests.get(self.number("iid"))
        if found is None:
            raise record_not_found()
        return found

    def number(self, name: str) -> int:
        if not self.path[name].isdigit():
            raise Refusal(400, f"{name} is invalid", body={"error": f"{name} is invalid"})
        return int(self.path[name])

    def commit(self, name: str = "sha") -> str:
        """The full id of the commit that the path names by branch, tag or id."""
        found = self.project.git.resolve(self.path[name])
        if found is None:
            raise not_found("Commit")
        return found

    def listed(self, items: Sequence[T], render: Callable[[T], Any]) -> Answer:
        """One numbered page of `items`, rendered."""
        return self.page(by_number(items, self.given), render)

    def page(self, window: Window[T], render: Callable[[T], Any]) -> Answer:
        return Answer([render(item) for item in window.items], window=window)


def record_not_found() -> Refusal:
    """What is missing below a project, in the words of GitLab's database."""
    return Refusal(404, "404 Not found")


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    template: str
    needs: Access
    tier: Licence
    takes: Declared
    pattern: re.Pattern[str]
    handler: Handler
    scopes: tuple[str, ...] = ()
    """Beside `read_api`, what lets a token read this."""

    @property
    def writes(self) -> bool:
        return self.method != "GET"


class Routes:
    """The table. `needs` is the least role in the project. Below Premium GitLab answers 403, and below Ultimate, whose one
    API here is that of external status checks, 401."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, int], list[Route]] = {}

    def add(
        self, line: str, needs: Access = Access.NONE, tier: Licence = "free", also: Declared = NOTHING, **takes: Parameter
    ) -> Callable[[Handler], Handler]:
        """Register the function for `GET /projects/{id}/labels`, with the parameters that GitLab declares: those of
        `also`, which several share, and its own. A star lets a part hold slashes."""
        method, _, template = line.partition(" ")
        spans = "*" in template
        expression = _PARAMETER.sub(lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", template.replace(".", r"\."))
        pattern = re.compile(f"^{expression}$")
        declared = {**(PAGING if method == "GET" else {}), **also, **takes}

        def register(handler: Handler) -> Handler:
            extra = next((scope for part, scope in _READABLE.items() if part in template), None)
            route = Route(method, template, needs, tier, declared, pattern, handler, (extra,) if extra else ())
            self._all.setdefault((method, _ANY if spans else template.count("/")), []).append(route)
            return handler

        return register

    def include(self, other: Routes) -> None:
        for key, routes in other._all.items():
            self._all.setdefault(key, []).extend(routes)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        for length in (path.count("/"), _ANY):
            for route in self._all.get((method, length), ()):
                if match := route.pattern.match(path):
                    return route, match.groupdict()
        return None
