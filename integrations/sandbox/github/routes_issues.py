"""Routes about comments and labels; on GitHub a pull request is an issue as well."""

from __future__ import annotations

from integrations.sandbox.github.call import Answer, Call, Routes
from integrations.sandbox.github.model import App, Comment
from integrations.sandbox.github.refusal import Refusal, forbidden, invalid, not_found
from integrations.sandbox.github.validation import Field, checked, colour, text

ROUTES = Routes()
READ = ("issues:read", "pull_requests:read")
WRITE = ("issues:write", "pull_requests:write")


@ROUTES.add("GET /repos/{owner}/{repo}/issues/{number}/comments", *READ)
def comments(call: Call) -> Answer:
    return call.listed(call.pull.comments, lambda each: call.verbs.tell.plain.comment(call.pull, each))


@ROUTES.add("POST /repos/{owner}/{repo}/issues/{number}/comments", *WRITE)
def comment(call: Call) -> Answer:
    made = call.verbs.changes.comment(call.pull, text(call.body), call.by, _via(call))
    return Answer(call.verbs.tell.plain.comment(call.pull, made), 201)


@ROUTES.add("GET /repos/{owner}/{repo}/issues/comments/{comment}", *READ)
def show_comment(call: Call) -> Answer:
    return Answer(call.verbs.tell.plain.comment(*call.verbs.changes.find_comment(call.repo, call.number("comment"))))


@ROUTES.add("PATCH /repos/{owner}/{repo}/issues/comments/{comment}", *WRITE)
def edit_comment(call: Call) -> Answer:
    pull, found = call.verbs.changes.find_comment(call.repo, call.number("comment"))
    _may_touch(call, found)
    call.verbs.changes.edit_comment(pull, found, text(call.body), call.by)
    return Answer(call.verbs.tell.plain.comment(pull, found))


@ROUTES.add("DELETE /repos/{owner}/{repo}/issues/comments/{comment}", *WRITE)
def delete_comment(call: Call) -> Answer:
    pull, found = call.verbs.changes.find_comment(call.repo, call.number("comment"))
    _may_touch(call, found)
    call.verbs.changes.delete_comment(pull, found, call.by)
    return Answer(None, 204)


@ROUTES.add("GET /repos/{owner}/{repo}/issues/{number}/labels", *READ)
def labels(call: Call) -> Answer:
    return call.listed(call.verbs.tell.plain.labels(call.pull), lambda each: each)


@ROUTES.add("POST /repos/{owner}/{repo}/issues/{number}/labels", *WRITE)
def add_labels(call: Call) -> Answer:
    names = checked("Label", call.body, {"labels": Field(list, required=True)})["labels"]
    if not all(isinstance(name, str) for name in names):
        raise Refusal(422, "Invalid request.\n\nFor 'properties/labels', a list of strings is wanted.")
    call.verbs.changes.label(call.pull, names, call.by)
    return Answer(call.verbs.tell.plain.labels(call.pull))


@ROUTES.add("DELETE /repos/{owner}/{repo}/issues/{number}/labels/{name}", *WRITE)
def remove_label(call: Call) -> Answer:
    call.verbs.changes.unlabel(call.pull, call.path["name"], call.by)
    return Answer(call.verbs.tell.plain.labels(call.pull))


@ROUTES.add("GET /repos/{owner}/{repo}/labels", *READ)
def repository_labels(call: Call) -> Answer:
    found = sorted(call.repo.labels.values(), key=lambda each: each.name.lower())
    return call.listed(found, lambda each: call.verbs.tell.plain.label(call.repo, each))


@ROUTES.add("GET /repos/{owner}/{repo}/labels/{name}", *READ)
def show_label(call: Call) -> Answer:
    found = call.repo.labels.get(call.path["name"].lower())
    if found is None:
        raise not_found()
    return Answer(call.verbs.tell.plain.label(call.repo, found))


@ROUTES.add("POST /repos/{owner}/{repo}/labels", *WRITE)
def create_label(call: Call) -> Answer:
    fields = {"name": Field(required=True), "color": Field(), "description": Field(longest=100)}
    values = checked("Label", call.body, fields)
    if values["name"].lower() in call.repo.labels:
        raise invalid("Label", "name", "already_exists")
    shade = colour(values.get("color", "ededed"))
    made = call.verbs.changes.define_label(call.repo, values["name"], shade, values.get("description"))
    return Answer(call.verbs.tell.plain.label(call.repo, made), 201)


@ROUTES.add("PATCH /repos/{owner}/{repo}/labels/{name}", *WRITE)
def edit_label(call: Call) -> Answer:
    values = checked("Label", call.body, {"color": Field(), "description": Field(longest=100)})
    found = call.repo.labels.get(call.path["name"].lower())
    if found is None:
        raise not_found()
    found.color = colour(values.get("color", found.color))
    found.description = values.get("description", found.description)
    return Answer(call.verbs.tell.plain.label(call.repo, found))


def _via(call: Call) -> App | None:
    return call.verbs.world.app if call.caller.kind == "installation" else None


def _may_touch(call: Call, found: Comment) -> None:
    """Others' comments need write access; an app may touch those of others only with the permission it already showed."""
    if call.caller.kind == "user" and found.by is not call.by and not call.verbs.world.may(call.repo, call.by, "write"):
        raise forbidden("issues:write")
