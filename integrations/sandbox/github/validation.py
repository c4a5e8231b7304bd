"""Request bodies against what GitHub accepts: known keys, types, lengths, enumerations.

An unknown key is refused. GitHub itself passes over most of them in silence; a client that sends one has a misspelt
setting that does nothing, which the sandbox must not hide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from integrations.sandbox.github.refusal import Refusal, invalid, unprocessable

MAX_OUTPUT = 65_535
MAX_ACTIONS = 3
MAX_ANNOTATIONS = 50
CONCLUSIONS = {"action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"}
RUN_STATUSES = {"queued", "in_progress", "completed"}


@dataclass(frozen=True, slots=True)
class Field:
    kind: type | tuple[type, ...] = str
    required: bool = False
    longest: int | None = None
    among: frozenset[str] | None = None


def checked(resource: str, body: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The body, if all of it is as `fields` say; raises 422 else."""
    for name, value in body.items():
        if name not in fields:
            raise unprocessable(f'"{name}" is not a permitted key.')
        _check(resource, name, value, fields[name])
    for name, field in fields.items():
        if field.required and body.get(name) is None:
            raise unprocessable(f'"{name}" wasn\'t supplied.')
    return {name: value for name, value in body.items() if value is not None}


def _check(resource: str, name: str, value: Any, field: Field) -> None:
    if value is None and not field.required:
        return
    if not isinstance(value, field.kind) or (isinstance(value, bool) and field.kind is int):
        kind = getattr(field.kind, "__name__", "value")
        raise unprocessable(f"For 'properties/{name}', {value!r} is not of type {kind}.")
    if field.longest is not None and isinstance(value, str | list) and len(value) > field.longest:
        raise invalid(resource, name, "invalid", f"{name} exceeds a maximum size of {field.longest}.")
    if field.among is not None and value not in field.among:
        raise unprocessable(f"For 'properties/{name}', {value!r} is not a member of {sorted(field.among)}.")


_RUN: Mapping[str, Field] = {
    "name": Field(longest=255),
    "details_url": Field(longest=2_048),
    "external_id": Field(longest=255),
    "status": Field(among=frozenset(RUN_STATUSES)),
    "started_at": Field(),
    "conclusion": Field(among=frozenset(CONCLUSIONS)),
    "completed_at": Field(),
    "output": Field(dict),
    "actions": Field(list),
}
_OUTPUT: Mapping[str, Field] = {
    "title": Field(longest=255),
    "summary": Field(longest=MAX_OUTPUT),
    "text": Field(longest=MAX_OUTPUT),
    "annotations": Field(list, longest=MAX_ANNOTATIONS),
    "images": Field(list),
}
_ANNOTATION: Mapping[str, Field] = {
    "path": Field(required=True),
    "start_line": Field(int, required=True),
    "end_line": Field(int, required=True),
    "start_column": Field(int),
    "end_column": Field(int),
    "annotation_level": Field(required=True, among=frozenset({"notice", "warning", "failure"})),
    "message": Field(required=True, longest=65_536),
    "title": Field(longest=255),
    "raw_details": Field(longest=65_536),
}
_ACTION: Mapping[str, Field] = {
    "label": Field(required=True, longest=20),
    "identifier": Field(required=True, longest=20),
    "description": Field(required=True, longest=40),
}


def check_run(body: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """The body of a check run to be made or changed, times parsed."""
    fields = {**_RUN, "name": Field(required=new, longest=255), **({"head_sha": Field(required=True)} if new else {})}
    values = checked("CheckRun", body, fields)
    if values.get("status") == "completed" and "conclusion" not in values:
        raise invalid("CheckRun", "conclusion", "missing_field", "conclusion is required when status is completed")
    if "output" in values:
        output = checked("CheckRun", values["output"], _OUTPUT)
        if "summary" not in output or (new and "title" not in output):
            missing = "summary" if "summary" not in output else "title"
            raise unprocessable(f'"{missing}" wasn\'t supplied.')
        for annotation in output.get("annotations", ()):
            checked("CheckRun", annotation, _ANNOTATION)
        values["output"] = output
    if len(values.get("actions", ())) > MAX_ACTIONS:
        raise invalid("CheckRun", "actions", "invalid", f"actions exceeds a maximum count of {MAX_ACTIONS}.")
    for action in values.get("actions", ()):
        checked("CheckRun", action, _ACTION)
    for name in {"started_at", "completed_at"} & values.keys():
        values[name] = instant(values[name])
    return values


def instant(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError as failed:
        raise unprocessable(f"{text!r} is not a valid date-time.") from failed
    if given.tzinfo is None:
        raise unprocessable(f"{text!r} is not a valid date-time: no offset.")
    return given.astimezone(UTC)


def status(body: Mapping[str, Any]) -> dict[str, Any]:
    states = frozenset({"error", "failure", "pending", "success"})
    fields = {
        "state": Field(required=True, among=states),
        "target_url": Field(),
        "description": Field(longest=140),
        "context": Field(longest=255),
    }
    return checked("Status", body, fields)


def colour(value: str) -> str:
    if len(value) != 6 or any(c not in "0123456789abcdefABCDEF" for c in value):
        raise invalid("Label", "color", "invalid")
    return value.lower()


def text(body: Mapping[str, Any], name: str = "body") -> str:
    """A body that holds one text and nothing else."""
    return str(checked("IssueComment", body, {name: Field(required=True)})[name])


def nothing(body: Mapping[str, Any]) -> None:
    if body:
        raise Refusal(422, "Invalid request.\n\nNo body is expected here.")
