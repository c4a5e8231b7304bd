"""Projects, groups and packages as GraphQL sees them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Unpack

from integrations.sandbox.gitlab.graphql_code import RepositoryView
from integrations.sandbox.gitlab.graphql_merge_request import MergeRequestView
from integrations.sandbox.gitlab.graphql_paging import Connection
from integrations.sandbox.gitlab.graphql_pipeline import PipelineView
from integrations.sandbox.gitlab.graphql_view import Gaze, LabelView, UserView, access_level, gid, number_of, when
from integrations.sandbox.gitlab.model import Label, MergeRequest, Package, PackageFile, Pipeline, Project
from integrations.sandbox.gitlab.people import Group, Member
from integrations.sandbox.gitlab.render_package import PACKAGE_TYPE, told_name
from integrations.sandbox.graphql.connection import Paging
from integrations.sandbox.graphql.documents import View

PACKAGE = "Packages::Package"


class GroupView(View):
    typename = "Group"

    def __init__(self, gaze: Gaze, group: Group) -> None:
        self._gaze = gaze
        self._group = group
        self.id = gid("Group", group.id)
        self.name = group.name
        self.path = group.full_path.rpartition("/")[2]
        self.full_path = group.full_path
        self.full_name = group.full_path.replace("/", " / ")
        self.web_url = f"{gaze.world.url}/groups/{group.full_path}"

    @property
    def parent(self) -> GroupView | None:
        return GroupView(self._gaze, self._group.parent) if self._group.parent else None

    def group_members(self, relations: list[str], search: str | None = None, **paging: Unpack[Paging]) -> Connection[Member]:
        members = self._gaze.world.group_members(self._group, inherited="INHERITED" in relations).values()
        return Connection([each for each in members if (search or "") in each.user.username], self._member, paging)

    def projects(
        self, include_subgroups: bool = False, search: str | None = None, **paging: Unpack[Paging]
    ) -> Connection[Project]:
        prefix = f"{self._group.full_path.lower()}/"
        below = [each for path, each in self._gaze.world.projects.items() if path.startswith(prefix)]
        found = [each for each in below if include_subgroups or each.group is self._group]
        seen = [each for each in found if self._gaze.sees(each) and (search or "") in each.path]
        return Connection(seen, lambda each: ProjectView(self._gaze, each), paging)

    def _member(self, member: Member) -> dict[str, Any]:
        return {
            "id": gid("GroupMember", member.user.id),
            "user": UserView(self._gaze, member.user),
            "accessLevel": access_level(member.access),
            "expiresAt": when(member.expires_at),
            "group": self,
        }


class ProjectView(View):
    typename = "Project"

    def __init__(self, gaze: Gaze, project: Project) -> None:
        self._gaze = gaze
        self._project = project
        self.id = gid("Project", project.id)
        self.name = self.path = project.name
        self.full_path = project.path
        self.name_with_namespace = project.path.replace("/", " / ")
        self.archived = project.archived
        self.visibility = "private" if project.private else "public"
        self.created_at = when(project.created_at)
        self.web_url = f"{gaze.world.url}/{project.path}"
        self.http_url_to_repo = f"{self.web_url}.git"
        self.only_allow_merge_if_pipeline_succeeds = project.settings.pipelines_must_succeed
        self.only_allow_merge_if_all_discussions_are_resolved = project.settings.threads_must_be_resolved

    @property
    def group(self) -> GroupView | None:
        return GroupView(self._gaze, self._project.group) if self._project.group else None

    @property
    def repository(self) -> RepositoryView | None:
        return RepositoryView(self._gaze, self._project) if self._gaze.reads(self._project) else None

    def label(self, title: str) -> LabelView | None:
        return next((LabelView(each) for each in self._project.labels.values() if each.name == title), None)

    def labels(self, title: str | None = None, search_term: str | None = None, **paging: Unpack[Paging]) -> Connection[Label]:
        found = sorted(self._project.labels.values(), key=lambda each: each.name)
        text = (search_term or "").lower()
        wanted = [each for each in found if title in (None, each.name) and text in each.name.lower()]
        return Connection(wanted, LabelView, paging)

    def merge_request(self, iid: str) -> MergeRequestView | None:
        found = self._project.merge_requests.get(int(iid)) if iid.isdigit() else None
        return MergeRequestView(self._gaze, found) if found and self._gaze.reads(self._project) else None

    def merge_requests(self, sort: str, **wanted: Any) -> Connection[MergeRequest]:
        paging: Paging = {}
        for name in ("first", "after", "last", "before"):
            paging[name] = wanted.pop(name, None)
        seen = self._project.merge_requests.values() if self._gaze.reads(self._project) else ()
        found = [each for each in seen if _fits(each, wanted)]
        by_update = sort.startswith("UPDATED")
        found.sort(key=lambda each: (each.updated_at if by_update else each.created_at, each.id), reverse=sort.endswith("DESC"))
        return Connection(found, lambda each: MergeRequestView(self._gaze, each), paging)

    def packages(self, sort: str, **wanted: Any) -> Connection[Package]:
        paging: Paging = {}
        for name in ("first", "after", "last", "before"):
            paging[name] = wanted.pop(name, None)
        known = self._project.packages if self._gaze.reads(self._project) else []
        # GitLab looks for the name anywhere in a package's, as its search does
        found = [each for each in known if (wanted.get("package_name") or "") in each.name]
        found = [each for each in found if wanted.get("package_version") in (None, each.version)]
        found = [each for each in found if wanted.get("package_type") in (None, PACKAGE_TYPE.upper())]
        found = found if wanted.get("status") in (None, "DEFAULT") else []
        word = {"NAME": lambda each: each.name, "VERSION": lambda each: each.version}.get(sort.partition("_")[0])
        found.sort(key=word or (lambda each: each.id), reverse=sort.endswith("DESC"))
        return Connection(found, lambda each: PackageView(self._gaze, self._project, each), paging)

    def pipeline(self, id: str | None = None, iid: str | None = None, sha: str | None = None) -> PipelineView | None:
        number = number_of(id, "Ci::Pipeline") if id else None
        for each in reversed(self._project.pipelines if self._gaze.reads(self._project) else []):
            if (number in (None, each.id)) and iid in (None, str(each.iid)) and sha in (None, each.sha):
                return PipelineView(self._gaze, each)
        return None

    def pipelines(
        self, ref: str | None = None, sha: str | None = None, source: str | None = None, **paging: Unpack[Paging]
    ) -> Connection[Pipeline]:
        known = self._project.pipelines if self._gaze.reads(self._project) else []
        found = [each for each in known if ref in (None, each.ref) and sha in (None, each.sha)]
        found = [each for each in reversed(found) if source in (None, each.source)]
        return Connection(found, lambda each: PipelineView(self._gaze, each), paging)


def _fits(mr: MergeRequest, wanted: dict[str, Any]) -> bool:
    """Every argument that was given holds. A list holds any of its items; labels must all be there."""
    after, before = (_instant(wanted.get(name)) for name in ("updated_after", "updated_before"))
    return all(
        (
            wanted.get("state") in (None, "all", mr.state),
            wanted.get("draft") in (None, mr.draft),
            wanted.get("author_username") in (None, mr.by.username),
            wanted.get("iids") is None or str(mr.iid) in wanted["iids"],
            wanted.get("source_branches") is None or mr.source_branch in wanted["source_branches"],
            wanted.get("target_branches") is None or mr.target_branch in wanted["target_branches"],
            set(wanted.get("label_name") or ()) <= set(mr.labels),
            after is None or mr.updated_at >= after,
            before is None or mr.updated_at <= before,
        )
    )


def _instant(given: str | None) -> datetime | None:
    return datetime.fromisoformat(given.replace("Z", "+00:00")) if given else None


class PackageView(View):
    """In a list it is a `Package`, by its id a `PackageDetailsType`: only that one tells its files."""

    status = "DEFAULT"

    def __init__(self, gaze: Gaze, project: Project, package: Package, kind: str = "Package") -> None:
        self.typename = kind
        self._gaze = gaze
        self._project = project
        self._package = package
        self.id = gid(PACKAGE, package.id)
        self.name = package.name
        self.version = package.version
        self.package_type = PACKAGE_TYPE.upper()
        self.created_at = self.updated_at = when(package.at or project.created_at)

    @property
    def project(self) -> ProjectView:
        return ProjectView(self._gaze, self._project)

    def package_files(self, **paging: Unpack[Paging]) -> Connection[PackageFile]:
        return Connection(self._package.files, self._file, paging)

    def _file(self, file: PackageFile) -> dict[str, Any]:
        return {
            "id": gid("Packages::PackageFile", file.id),
            "fileName": told_name(file.name),
            "size": str(len(file.content)),
            "fileSha256": hashlib.sha256(file.content).hexdigest(),
            "downloadPath": f"/{self._project.path}/-/package_files/{file.id}/download",
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        }
