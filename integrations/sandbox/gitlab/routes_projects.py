"""Routes about projects, their labels and their protected branches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.sandbox.gitlab.call import Answer, Call, Routes
from integrations.sandbox.gitlab.model import Label, Project
from integrations.sandbox.gitlab.paging import by_id
from integrations.sandbox.gitlab.parameters import among, flag, instant, number, text
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import Refusal, conflict, not_found

ROUTES = Routes()
_EDITS = ("new_name", "color", "description")
_ORDERS = ("id", "name", "path", "created_at", "updated_at", "last_activity_at")
_NO_KEYSET = "Keyset pagination is not yet available for this type of request"


@ROUTES.add(
    "GET /projects", membership=flag(), min_access_level=number(), archived=flag(), simple=flag(), search=text(), owned=flag(),
    visibility=among("private", "internal", "public"), order_by=among(*_ORDERS), sort=among("asc", "desc"),
    id_before=number(), last_activity_after=instant(), with_merge_requests_enabled=flag(), search_namespaces=flag(),
)  # fmt: skip
def projects(call: Call) -> Answer:
    """By number, or by keyset, which GitLab has for the order of ids alone."""
    found = [each for each in call.world.projects.values() if _fits(call, each)]
    order, descending = call.given.get("order_by", "created_at"), call.given.get("sort", "desc") == "desc"
    plain = call.render.plain

    def render(project: Project) -> dict[str, Any]:
        return plain.simple_project(project) if call.given.get("simple") else plain.project(project, call.by)

    if call.given.get("pagination") == "keyset":
        if order not in ("id", "created_at") or (order == "created_at" and "order_by" in call.given):
            raise Refusal(405, _NO_KEYSET, body={"error": _NO_KEYSET})
        return call.page(by_id([each.id for each in found], found, call.given, descending=descending), render)
    keys = {"name": lambda each: (each.name, each.id), "path": lambda each: (each.path, each.id)}
    found.sort(key=keys.get(order, lambda each: each.id), reverse=descending)
    return call.listed(found, render)


def _fits(call: Call, project: Project) -> bool:
    given, access = call.given, call.world.access(project, call.by)
    wanted = given.get("visibility")
    return all(
        (
            call.world.visible(project, call.by),
            access >= given.get("min_access_level", 0),
            access > Access.NONE or not given.get("membership"),
            access >= Access.OWNER or not given.get("owned"),
            given.get("archived") in (None, project.archived),
            wanted in (None, "private" if project.private else "public"),
            given.get("search", "").lower() in (project.path if given.get("search_namespaces") else project.name).lower(),
            given.get("id_before") is None or project.id < given["id_before"],
            given.get("pagination") == "keyset" or given.get("id_after") is None or project.id > given["id_after"],
        )
    )


@ROUTES.add("GET /projects/{id}", Access.NONE, license=flag(), statistics=flag(), with_custom_attributes=flag())
def project(call: Call) -> Answer:
    return Answer(call.render.plain.project(call.project, call.caller.user))


# protected branches


@ROUTES.add("GET /projects/{id}/protected_branches", Access.DEVELOPER, search=text())
def protected_branches(call: Call) -> Answer:
    part = call.given.get("search", "")
    return call.listed([each for each in call.project.protected.values() if part in each.name], call.render.plain.protected)


@ROUTES.add("GET /projects/{id}/protected_branches/{name}", Access.DEVELOPER)
def protected_branch(call: Call) -> Answer:
    found = call.project.protected.get(call.path["name"])
    if found is None:
        raise not_found()
    return Answer(call.render.plain.protected(found))


# labels


@ROUTES.add(
    "GET /projects/{id}/labels", Access.GUEST, search=text(), with_counts=flag(), include_ancestor_groups=flag(),
    archived=flag(),
)  # fmt: skip
def labels(call: Call) -> Answer:
    part = call.given.get("search", "").lower()
    found = [each for each in call.project.labels.values() if part in each.name.lower()]
    return call.listed(sorted(found, key=lambda each: each.name.lower()), call.render.plain.label)


@ROUTES.add(
    "POST /projects/{id}/labels", Access.REPORTER, name=text(required=True, blank=False), color=text(required=True),
    description=text(), priority=number(),
)  # fmt: skip
def new_label(call: Call) -> Answer:
    given = call.given
    if given["name"].lower() in call.project.labels:
        raise conflict("Label already exists")
    made = call.verbs.changes.define_label(call.project, given["name"], given["color"], given.get("description"))
    return Answer(call.render.plain.label(made), 201)


@ROUTES.add("GET /projects/{id}/labels/{name}", Access.GUEST)
def label(call: Call) -> Answer:
    return Answer(call.render.plain.label(_label(call.project, call.path["name"])))


@ROUTES.add("PUT /projects/{id}/labels/{name}", Access.REPORTER, new_name=text(), color=text(), description=text())
def edit_label(call: Call) -> Answer:
    return _edited(call, _label(call.project, call.path["name"]), call.given)


@ROUTES.add(
    "PUT /projects/{id}/labels", Access.REPORTER, label_id=number(), name=text(), new_name=text(), color=text(),
    description=text(),
)  # fmt: skip
def edit_named_label(call: Call) -> Answer:
    """The older way to say which: in the body."""
    which = str(call.given.get("label_id", call.given.get("name", "")))
    if not which:
        problem = "label_id, name are missing, exactly one parameter must be provided"
        raise Refusal(400, problem, body={"error": problem})
    return _edited(call, _label(call.project, which), {key: call.given[key] for key in _EDITS if key in call.given})


def _edited(call: Call, label: Label, edits: Mapping[str, str]) -> Answer:
    if not edits:
        problem = "new_name, color, description, priority, archived are missing, at least one parameter must be provided"
        raise Refusal(400, problem, body={"error": problem})
    label.color = edits.get("color", label.color)
    label.description = edits.get("description", label.description)
    if "new_name" in edits:
        _rename(call.project, label, edits["new_name"])
    return Answer(call.render.plain.label(label))


def _label(project: Project, wanted: str) -> Label:
    """By name or by id."""
    for each in project.labels.values():
        if wanted in (each.name, str(each.id)):
            return each
    raise not_found("Label")


def _rename(project: Project, label: Label, name: str) -> None:
    was = label.name
    project.labels[name.lower()] = project.labels.pop(was.lower())
    label.name = name
    for mr in project.merge_requests.values():
        mr.labels = [name if each == was else each for each in mr.labels]
