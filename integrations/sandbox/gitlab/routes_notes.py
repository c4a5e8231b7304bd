"""Routes about what is said on merge requests: notes, and threads that can be resolved."""

from __future__ import annotations

from typing import Any

from integrations.sandbox.gitlab.call import Answer, Call, Routes, record_not_found
from integrations.sandbox.gitlab.model import Note
from integrations.sandbox.gitlab.parameters import among, flag, text
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.quick_actions import refuse_in
from integrations.sandbox.gitlab.refusal import Refusal, not_found

ROUTES = Routes()
READ = Access.REPORTER
_ON = "/projects/{id}/merge_requests/{iid}"
_FILTERS = ("all_notes", "only_comments", "only_activity")


@ROUTES.add(
    f"GET {_ON}/notes", READ, sort=among("asc", "desc"), order_by=among("created_at", "updated_at"),
    activity_filter=among(*_FILTERS),
)  # fmt: skip
def notes(call: Call) -> Answer:
    by_update, kind = call.given.get("order_by") == "updated_at", call.given.get("activity_filter", "all_notes")
    wanted = {"all_notes": (True, False), "only_comments": (False,), "only_activity": (True,)}[kind]
    found = [each for each in call.merge_request.notes if each.system in wanted]
    found.sort(key=lambda each: (each.updated_at if by_update else each.created_at, each.id))
    if call.given.get("sort", "desc") == "desc":
        found.reverse()
    return call.listed(found, lambda each: _rendered(call, each))


@ROUTES.add(f"GET {_ON}/notes/{{note_id}}", READ)
def note(call: Call) -> Answer:
    return Answer(_rendered(call, _found(call)))


@ROUTES.add(f"POST {_ON}/notes", READ, body=text(required=True), internal=flag(), merge_request_diff_head_sha=text())
def new_note(call: Call) -> Answer:
    call.limits.spend_dear(call.caller, "notes_create")
    return Answer(_rendered(call, call.verbs.notes.comment(call.merge_request, refuse_in(call.given["body"]), call.by)), 201)


@ROUTES.add(f"PUT {_ON}/notes/{{note_id}}", READ, body=text(blank=False))
def edit_note(call: Call) -> Answer:
    found = _found(call)
    if "body" in call.given:
        call.verbs.notes.edit(call.merge_request, found, refuse_in(call.given["body"]), call.by)
    return Answer(_rendered(call, found))


@ROUTES.add(f"DELETE {_ON}/notes/{{note_id}}", READ)
def delete_note(call: Call) -> Answer:
    call.verbs.notes.delete(call.merge_request, _found(call), call.by)
    return Answer(None, 204)


@ROUTES.add(f"GET {_ON}/discussions", READ)
def discussions(call: Call) -> Answer:
    """Oldest first; a note without a thread is a discussion of its own."""
    mr = call.merge_request
    ids = list(dict.fromkeys(each.discussion for each in mr.notes))
    return call.listed(ids, lambda each: call.render.mrs.discussion(mr, each))


@ROUTES.add(f"POST {_ON}/discussions", READ, body=text(required=True), commit_id=text())
def new_discussion(call: Call) -> Answer:
    """A thread on the merge request as a whole; one on a line of code is not modelled."""
    call.limits.spend_dear(call.caller, "notes_create")
    made = call.verbs.notes.discuss(call.merge_request, refuse_in(call.given["body"]), call.by)
    return Answer(call.render.mrs.discussion(call.merge_request, made.discussion), 201)


@ROUTES.add(f"GET {_ON}/discussions/{{discussion}}", READ)
def discussion(call: Call) -> Answer:
    return _thread(call)


@ROUTES.add(f"PUT {_ON}/discussions/{{discussion}}", READ, resolved=flag())
def resolve(call: Call) -> Answer:
    if "resolved" not in call.given:
        raise Refusal(400, "resolved is missing", body={"error": "resolved is missing"})
    call.verbs.notes.resolve(call.merge_request, call.path["discussion"], call.given["resolved"], call.by)
    return _thread(call)


@ROUTES.add(f"POST {_ON}/discussions/{{discussion}}/notes", READ, body=text(required=True))
def reply(call: Call) -> Answer:
    call.limits.spend_dear(call.caller, "notes_create")
    made = call.verbs.notes.reply(call.merge_request, call.path["discussion"], refuse_in(call.given["body"]), call.by)
    return Answer(_rendered(call, made), 201)


@ROUTES.add(f"PUT {_ON}/discussions/{{discussion}}/notes/{{note_id}}", READ, body=text(blank=False), resolved=flag())
def edit_reply(call: Call) -> Answer:
    """Either the text or whether it is resolved, never both."""
    if len(call.given) != 1:
        problem = "body, resolved are mutually exclusive" if call.given else "body, resolved are missing, exactly one"
        raise Refusal(400, problem, body={"error": problem})
    found = _found(call)
    if found.discussion != call.path["discussion"]:
        raise not_found("Discussion")
    if "body" in call.given:
        call.verbs.notes.edit(call.merge_request, found, refuse_in(call.given["body"]), call.by)
    else:
        call.verbs.notes.resolve(call.merge_request, found.discussion, call.given["resolved"], call.by)
    return Answer(_rendered(call, found))


def _found(call: Call) -> Note:
    number = call.number("note_id")
    known = next((each for each in call.merge_request.notes if each.id == number), None)
    if known is None:
        raise record_not_found()
    return known


def _rendered(call: Call, note: Note) -> dict[str, Any]:
    return call.render.mrs.note(call.merge_request, note)


def _thread(call: Call) -> Answer:
    return Answer(call.render.mrs.discussion(call.merge_request, call.path["discussion"]))
