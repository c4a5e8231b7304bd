"""Routes about webhooks of projects and groups, what was sent to them, and sending it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from integrations.sandbox.gitlab.call import Answer, Call, Routes, record_not_found
from integrations.sandbox.gitlab.paging import by_number
from integrations.sandbox.gitlab.parameters import text
from integrations.sandbox.gitlab.people import Access, Hook
from integrations.sandbox.gitlab.refusal import forbidden, not_found
from integrations.sandbox.gitlab.voice import Delivery

ROUTES = Routes()
KEPT = timedelta(days=7)
MOST_EVENTS = 20
_RANGES = {"successful": range(200, 300), "client_failure": range(400, 500), "server_failure": range(500, 600)}


@ROUTES.add("GET /projects/{id}/hooks", Access.MAINTAINER)
def project_hooks(call: Call) -> Answer:
    return call.listed(call.project.hooks, call.render.plain.hook)


@ROUTES.add("GET /projects/{id}/hooks/{hook_id}", Access.MAINTAINER)
def project_hook(call: Call) -> Answer:
    return Answer(call.render.plain.hook(_hook(call, call.project.hooks)))


@ROUTES.add("GET /projects/{id}/hooks/{hook_id}/events", Access.MAINTAINER, status=text())
def project_events(call: Call) -> Answer:
    return _events(call, _hook(call, call.project.hooks))


@ROUTES.add("POST /projects/{id}/hooks/{hook_id}/events/{event_id}/resend", Access.MAINTAINER)
def resend_to_project(call: Call) -> Answer:
    return _resend(call, _hook(call, call.project.hooks))


@ROUTES.add("GET /groups/{id}/hooks")
def group_hooks(call: Call) -> Answer:
    return call.listed(_of_group(call), call.render.plain.hook)


@ROUTES.add("GET /groups/{id}/hooks/{hook_id}")
def group_hook(call: Call) -> Answer:
    return Answer(call.render.plain.hook(_hook(call, _of_group(call))))


@ROUTES.add("GET /groups/{id}/hooks/{hook_id}/events", status=text())
def group_events(call: Call) -> Answer:
    return _events(call, _hook(call, _of_group(call)))


@ROUTES.add("POST /groups/{id}/hooks/{hook_id}/events/{event_id}/resend")
def resend_to_group(call: Call) -> Answer:
    return _resend(call, _hook(call, _of_group(call)))


def _of_group(call: Call) -> Sequence[Hook]:
    """Premium's, for owners; elsewhere the path is not there."""
    if not call.world.licensed("premium"):
        raise not_found()
    if call.world.group_access(call.group, call.by) < Access.OWNER:
        raise forbidden()
    return call.group.hooks


def _hook(call: Call, hooks: Sequence[Hook]) -> Hook:
    number = call.number("hook_id")
    known = next((each for each in hooks if each.id == number), None)
    if known is None:
        raise record_not_found()
    return known


def _sent(call: Call, hook: Hook) -> list[Delivery]:
    """Of the last seven days, newest first."""
    since = call.world.now() - KEPT
    sent = [each for each in call.world.voice.deliveries if each.to is hook and each.at >= since]
    return [each for each in reversed(sent) if each.answer not in ("held", "sending")]


def _events(call: Call, hook: Hook) -> Answer:
    found, wanted = _sent(call, hook), call.given.get("status")
    if wanted is not None:
        codes = _RANGES.get(wanted) or [int(wanted) if wanted.isdigit() else -1]
        found = [each for each in found if each.status in codes]
    size = min(MOST_EVENTS, call.given.get("per_page", MOST_EVENTS))
    return call.page(by_number(found, {**call.given, "per_page": size}), lambda each: _event(call, each))


def _event(call: Call, sent: Delivery) -> dict[str, Any]:
    headers = {**call.world.voice.headers(sent)}
    return {
        "id": sent.id,
        "url": call.world.voice.address(sent),
        "trigger": {"merge_request": "merge_request_hooks"}.get(sent.kind, f"{sent.kind}_hooks"),
        "request_headers": {name: "[REDACTED]" if name == "X-Gitlab-Token" else value for name, value in headers.items()},
        "request_data": sent.payload,
        "response_headers": {},
        "response_body": "",
        "execution_duration": 0.1,
        "response_status": str(sent.status) if sent.status else "internal error",
    }


def _resend(call: Call, hook: Hook) -> Answer:
    """GitLab waits for the answer and tells its status. Here the request is only on its way: who is asked may ask back."""
    number = call.number("event_id")
    if not any(each.id == number for each in _sent(call, hook)):
        raise record_not_found()
    call.world.voice.redeliver(number)
    return Answer({"response_status": 200}, 201)
