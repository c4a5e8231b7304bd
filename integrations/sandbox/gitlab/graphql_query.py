"""The fields of the query itself: where each look begins."""

from __future__ import annotations

from typing import Any, Unpack

from integrations.sandbox.gitlab.graphql_cost import MAX_COMPLEXITY, Cost
from integrations.sandbox.gitlab.graphql_merge_request import MergeRequestView
from integrations.sandbox.gitlab.graphql_paging import Connection
from integrations.sandbox.gitlab.graphql_project import PACKAGE, GroupView, PackageView, ProjectView
from integrations.sandbox.gitlab.graphql_view import Gaze, UserView, number_of
from integrations.sandbox.gitlab.model import Project
from integrations.sandbox.gitlab.people import Access, User
from integrations.sandbox.gitlab.render import REVISION
from integrations.sandbox.gitlab.voice import VERSION
from integrations.sandbox.graphql.connection import Paging
from integrations.sandbox.graphql.documents import View

_LEVELS = {"NO_ACCESS": 0, "MINIMAL_ACCESS": 5, "GUEST": 10, "PLANNER": 15, "REPORTER": 20}
_LEVELS |= {"DEVELOPER": 30, "MAINTAINER": 40, "OWNER": 50}


class QueryView(View):
    typename = "Query"

    def __init__(self, gaze: Gaze, cost: Cost) -> None:
        self._gaze = gaze
        self._cost = cost

    def echo(self, text: str) -> str:
        user = self._gaze.caller.user
        return f'"{user.username if user else None}" says: {text}'

    @property
    def metadata(self) -> dict[str, Any] | None:
        if self._gaze.caller.user is None:
            return None
        return {"version": VERSION, "revision": REVISION, "enterprise": self._gaze.world.licence != "free"}

    @property
    def query_complexity(self) -> dict[str, int]:
        return {"score": self._cost.complexity, "limit": MAX_COMPLEXITY}

    @property
    def current_user(self) -> UserView | None:
        user = self._gaze.caller.user
        return UserView(self._gaze, user, "CurrentUser") if user else None

    def user(self, id: str | None = None, username: str | None = None) -> UserView | None:
        found = self._users([id] if id else None, [username] if username else None)
        return UserView(self._gaze, found[0]) if found and (id or username) else None

    def users(
        self,
        ids: list[str] | None = None,
        usernames: list[str] | None = None,
        search: str | None = None,
        **paging: Unpack[Paging],
    ) -> Connection[User]:
        found = [each for each in self._users(ids, usernames) if (search or "").lower() in each.username.lower()]
        return Connection(found, lambda each: UserView(self._gaze, each), paging)

    def group(self, full_path: str) -> GroupView | None:
        found, user = self._gaze.world.groups.get(full_path.lower()), self._gaze.caller.user
        return GroupView(self._gaze, found) if found and user and self._gaze.world.sees_group(found, user) else None

    def project(self, full_path: str) -> ProjectView | None:
        found = self._gaze.world.projects.get(full_path.lower())
        return ProjectView(self._gaze, found) if found and self._gaze.sees(found) else None

    def projects(self, **wanted: Any) -> Connection[Project]:
        paging: Paging = {}
        for name in ("first", "after", "last", "before"):
            paging[name] = wanted.pop(name, None)
        found = [each for each in self._gaze.world.projects.values() if self._gaze.sees(each) and self._fits(each, wanted)]
        found.sort(key=lambda each: each.id, reverse=wanted.get("sort") != "id_asc")
        return Connection(found, lambda each: ProjectView(self._gaze, each), paging)

    def merge_request(self, id: str) -> MergeRequestView | None:
        number = number_of(id, "MergeRequest")
        for project in filter(self._gaze.reads, self._gaze.world.projects.values()):
            for mr in project.merge_requests.values():
                if mr.id == number:
                    return MergeRequestView(self._gaze, mr)
        return None

    def package(self, id: str) -> PackageView | None:
        number = number_of(id, PACKAGE)
        for project in filter(self._gaze.reads, self._gaze.world.projects.values()):
            for package in project.packages:
                if package.id == number:
                    return PackageView(self._gaze, project, package, "PackageDetailsType")
        return None

    def _users(self, ids: list[str] | None, usernames: list[str] | None) -> list[User]:
        names = None if usernames is None else {name.lower() for name in usernames}
        numbers = None if ids is None else {number_of(each, "User") for each in ids}
        known = self._gaze.world.users.items() if self._gaze.caller.user else ()
        return [user for name, user in known if (names is None or name in names) and (numbers is None or user.id in numbers)]

    def _fits(self, project: Project, wanted: dict[str, Any]) -> bool:
        access = self._gaze.world.access(project, self._gaze.caller.user)
        archived = {"ONLY": (True,), "EXCLUDE": (False,)}.get(wanted.get("archived") or "", (True, False))
        return all(
            (
                not wanted.get("membership") or access > Access.NONE,
                access >= _LEVELS[wanted.get("min_access_level") or "NO_ACCESS"],
                project.archived in archived,
                (wanted.get("search") or "").lower() in project.path.lower(),
                wanted.get("full_paths") is None or project.path in wanted["full_paths"],
                wanted.get("ids") is None or f"gid://gitlab/Project/{project.id}" in wanted["ids"],
            )
        )
