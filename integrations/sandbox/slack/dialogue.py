"""A person at a dialogue: typing and ticking, sending it, and seeing what comes back.

Slack's own window checks what it can before anything is sent: a required input that is empty, a text that is too short.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from integrations.sandbox.slack.refusal import Json, Refusal
from integrations.sandbox.slack.view_methods import HELD, blank, place, read_content, replace
from integrations.sandbox.slack.workspace import View, Workspace

Value = str | list[str]
Values = Mapping[str, Value]
TROUBLE = "We had some trouble connecting. Try again?"
REQUIRED = "Please complete this required field."
SHAPES = {"datepicker": r"\d{4}-\d{2}-\d{2}", "timepicker": r"([01]\d|2[0-3]):[0-5]\d"}
HOLDS = ("value", "selected_options", "selected_option", *(chosen for chosen, _ in HELD.values()))
"""Where the answer to an input may stand."""


def fill(view: View, values: Values) -> None:
    """Type and tick. A value is named by its block_id, its action_id or its label; options by value or by label."""
    for name, value in values.items():
        block, element = _input(view, name)
        view.values.setdefault(block["block_id"], {})[element["action_id"]] = _typed(element, value)


def _input(view: View, name: str) -> tuple[Json, Json]:
    for block in view.blocks:
        holders = [block.get("element"), block.get("accessory"), *(block.get("elements") or ())]
        for element in holders:
            if not isinstance(element, dict) or "action_id" not in element:
                continue
            if name in (block["block_id"], element["action_id"], block.get("label", {}).get("text")):
                return block, element
    known = [f"{block['block_id']} ({block.get('label', {}).get('text', '')})" for block in view.blocks if "element" in block]
    raise LookupError(f"the dialogue {view.title!r} has no input {name!r}; it has {known}")


def _typed(element: Json, value: Value) -> Json:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": str(value) or None}
    if kind in HELD:
        return {"type": kind, HELD[kind][0]: _picked(kind, str(value)) or None}
    if kind in ("checkboxes", "multi_static_select"):
        wanted = [value] if isinstance(value, str) else value
        return {"type": kind, "selected_options": [_option(element, one) for one in wanted]}
    return {"type": kind, "selected_option": _option(element, str(value)) if value else None}


def _picked(kind: str, value: str) -> str:
    """What a picker's own window lets through: a day, a time, anybody."""
    shape = SHAPES.get(kind)
    if value and shape is not None and not re.fullmatch(shape, value):
        raise LookupError(f"a {kind} takes no {value!r}; it takes {SHAPES[kind]}")
    return value


def _option(element: Json, wanted: str) -> Json:
    for option in element["options"]:
        if wanted in (option["value"], option["text"]["text"]):
            return dict(option)
    known = [option["value"] for option in element["options"]]
    raise LookupError(f"no option {wanted!r}; there are {known}")


def checked_by_slack(view: View) -> dict[str, str]:
    """What Slack's window itself finds wrong, by block."""
    found: dict[str, str] = {}
    for block in view.blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = view.values.get(block["block_id"], {}).get(element["action_id"]) or blank(element)
        said = next((value[key] for key in HOLDS if key in value), None)
        if not said and not block.get("optional"):
            found[block["block_id"]] = REQUIRED
        elif isinstance(said, str) and element["type"] == "plain_text_input":
            problem = _length(element, said)
            if problem:
                found[block["block_id"]] = problem
    return found


def _length(element: Json, said: str) -> str:
    if len(said) < element.get("min_length", 0):
        return f"Please write at least {element['min_length']} characters."
    if len(said) > element.get("max_length", 3000):
        return f"Please write at most {element.get('max_length', 3000)} characters."
    return ""


def close(workspace: Workspace, view: View) -> None:
    workspace.views.remove(view)
    workspace.touch()


def answered(workspace: Workspace, view: View, body: Json) -> None:
    """Do what the application answered to a submission: errors, another view, or nothing and the dialogue closes."""
    action = body.get("response_action", "")
    if action == "errors":
        _show_errors(view, body.get("errors"))
    elif action == "update":
        replace(workspace, view, read_content(workspace, body.get("view"), "modal"))
    elif action == "push":
        place(workspace, view.user, read_content(workspace, body.get("view"), "modal"), view)
    elif action == "clear":
        for one in workspace.stack(view.user):
            workspace.views.remove(one)
    elif action or body:
        raise Refusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] unknown response_action: {action}"]})
    elif view in workspace.views:
        workspace.views.remove(view)
    workspace.touch()


def _show_errors(view: View, errors: object) -> None:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        seen = sorted(errors) if isinstance(errors, dict) else errors
        raise Refusal(
            "invalid_arguments",
            response_metadata={
                "messages": [f"[ERROR] errors must name input blocks of the view: saw {seen}, known {sorted(inputs)}"]
            },
        )
    view.errors = {str(block): str(text) for block, text in errors.items()}
