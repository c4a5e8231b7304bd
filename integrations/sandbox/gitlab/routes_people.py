"""Routes about users, tokens, groups, members, and the instance itself."""

from __future__ import annotations

from collections.abc import Iterable

from integrations.sandbox.gitlab.call import Answer, Call, Routes, record_not_found
from integrations.sandbox.gitlab.parameters import among, flag, number, several, text
from integrations.sandbox.gitlab.people import Member
from integrations.sandbox.gitlab.refusal import unauthorized
from integrations.sandbox.gitlab.render import REVISION
from integrations.sandbox.gitlab.voice import VERSION

ROUTES = Routes()
_MEMBERS = {
    "query": text(),
    "user_ids": several(number(), commas=True),
    "skip_users": several(number()),
    "state": among("awaiting", "active"),
    "show_seat_info": flag(),
}


@ROUTES.add("GET /version")
def version(call: Call) -> Answer:
    del call
    return Answer({"version": VERSION, "revision": REVISION})


@ROUTES.add("GET /metadata")
def metadata(call: Call) -> Answer:
    kas = {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None}
    enterprise = call.world.licence != "free"
    return Answer({"version": VERSION, "revision": REVISION, "kas": kas, "enterprise": enterprise})


@ROUTES.add("GET /user")
def myself(call: Call) -> Answer:
    return Answer(call.render.plain.myself(call.by))


@ROUTES.add("GET /users", username=text(), search=text(), active=flag(), blocked=flag(), humans=flag())
def users(call: Call) -> Answer:
    name, part = call.given.get("username"), call.given.get("search", "").lower()
    found = [each for each in call.world.users.values() if name is None or each.username.lower() == name.lower()]
    found = [each for each in found if part in each.username.lower() or part in each.name.lower()]
    found = [each for each in found if not call.given.get("active") or each.state == "active"]
    found = [each for each in found if not call.given.get("blocked") or each.state == "blocked"]
    found = [each for each in found if not call.given.get("humans") or each.kind == "human"]
    return call.listed(sorted(found, key=lambda each: -each.id), call.render.plain.user)


@ROUTES.add("GET /users/{user_id}")
def user(call: Call) -> Answer:
    return Answer(call.render.plain.profile(call.world.user_by_id(call.number("user_id"))))


@ROUTES.add("GET /users/{user_id}/status")
def status(call: Call) -> Answer:
    """Of whoever set none every field is empty."""
    busy = call.world.user_by_id(call.number("user_id")).busy
    said = {"emoji": "speech_balloon", "availability": "busy", "message": "", "message_html": ""} if busy else {}
    nothing = dict.fromkeys(("emoji", "availability", "message", "message_html", "clear_status_at"))
    return Answer({**nothing, **said})


@ROUTES.add("GET /personal_access_tokens/self")
def own_token(call: Call) -> Answer:
    """Of a group's or project's token, too."""
    if call.caller.token is None:
        raise unauthorized()
    return Answer(call.render.plain.token(call.caller.token))


# groups


@ROUTES.add("GET /groups/{id}", with_projects=flag(), with_custom_attributes=flag())
def group(call: Call) -> Answer:
    return Answer(call.render.plain.group(call.group))


@ROUTES.add(
    "GET /groups/{id}/projects", simple=flag(), archived=flag(), include_subgroups=flag(), with_shared=flag(), search=text(),
    min_access_level=number(), order_by=among("id", "name", "path", "created_at"), sort=among("asc", "desc"),
)  # fmt: skip
def group_projects(call: Call) -> Answer:
    prefix, part = f"{call.group.full_path.lower()}/", call.given.get("search", "").lower()
    below = [each for path, each in call.world.projects.items() if path.startswith(prefix) and part in path]
    found = [each for each in below if call.given.get("include_subgroups") or each.group is call.group]
    found = [each for each in found if call.given.get("archived") in (None, each.archived)]
    least = call.given.get("min_access_level", 0)
    seen = [each for each in found if call.world.visible(each, call.by) and call.world.access(each, call.by) >= least]
    return call.listed(seen, lambda each: call.render.plain.project(each, call.by))


@ROUTES.add("GET /groups/{id}/members", also=_MEMBERS)
def group_members(call: Call) -> Answer:
    return _members(call, call.world.group_members(call.group, inherited=False).values())


@ROUTES.add("GET /groups/{id}/members/all", also=_MEMBERS)
def all_group_members(call: Call) -> Answer:
    return _members(call, call.world.group_members(call.group).values())


# members of projects


@ROUTES.add("GET /projects/{id}/members", also=_MEMBERS)
def members(call: Call) -> Answer:
    return _members(call, call.world.project_members(call.project, inherited=False).values())


@ROUTES.add("GET /projects/{id}/members/all", also=_MEMBERS)
def all_members(call: Call) -> Answer:
    return _members(call, call.world.project_members(call.project).values())


@ROUTES.add("GET /projects/{id}/members/{user_id}")
def member(call: Call) -> Answer:
    return _member(call, call.world.project_members(call.project, inherited=False))


@ROUTES.add("GET /projects/{id}/members/all/{user_id}")
def any_member(call: Call) -> Answer:
    return _member(call, call.world.project_members(call.project))


def _members(call: Call, known: Iterable[Member]) -> Answer:
    wanted, part = call.given.get("user_ids"), call.given.get("query", "").lower()
    skipped = call.given.get("skip_users", ())
    found = [each for each in known if wanted is None or each.user.id in wanted]
    found = [each for each in found if part in each.user.username.lower() or part in each.user.name.lower()]
    return call.listed([each for each in found if each.user.id not in skipped], call.render.plain.member)


def _member(call: Call, known: dict[int, Member]) -> Answer:
    found = known.get(call.number("user_id"))
    if found is None:
        raise record_not_found()
    return Answer(call.render.plain.member(found))
