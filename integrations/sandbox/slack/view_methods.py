"""`views.*`: dialogues and the home page. A dialogue needs a fresh trigger; an update may guard itself with a hash."""

from __future__ import annotations

import hashlib
import json

from integrations.sandbox.slack.arguments import Arguments
from integrations.sandbox.slack.chat_methods import named_blocks
from integrations.sandbox.slack.kit import check_view, elements_of
from integrations.sandbox.slack.refusal import Json, Refusal, invalid
from integrations.sandbox.slack.triggers import Triggers
from integrations.sandbox.slack.workspace import APP, BOT, TEAM, View, Workspace

STACK = 3
SIZE = 250_000
HELD = {
    "users_select": ("selected_user", "initial_user"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
}
"""Elements that hold one text: its name in what comes back, and in the view."""


def described(view: View) -> Json:
    """The view as Slack returns it and sends it along with a submission."""
    content = view.content
    modal = content["type"] == "modal"
    more: Json = {"title": content["title"], "submit": content.get("submit"), "close": content.get("close")} if modal else {}
    return {
        "id": view.id,
        "team_id": TEAM,
        "app_id": APP,
        "bot_id": BOT,
        "type": content["type"],
        "blocks": view.blocks,
        "callback_id": content.get("callback_id", ""),
        "private_metadata": content.get("private_metadata", ""),
        "external_id": view.external_id,
        "clear_on_close": content.get("clear_on_close", False),
        "notify_on_close": content.get("notify_on_close", False),
        "hash": view.hash,
        "root_view_id": view.root_id or view.id,
        "previous_view_id": view.previous_id or None,
        "state": {"values": view.values},
        **more,
    }


def new_hash(workspace: Workspace, content: Json) -> str:
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]
    return f"{int(workspace.seconds())}.{workspace.serial()}{digest}"


def read_content(workspace: Workspace, value: object, kind: str) -> Json:
    """A view that keeps every rule, with ids on its blocks."""
    content = check_view(value, kinds=(kind,))
    if len(json.dumps(content)) > SIZE:
        raise Refusal("view_too_large")
    for block in content["blocks"]:
        for element in elements_of(block):
            user = element.get("initial_user")
            if user is not None and user not in workspace.members:
                raise invalid("invalid_arguments", [f"invalid initial_user {user} [json-pointer:/view/blocks]"])
    named_blocks(workspace, content["blocks"])
    return content


def place(workspace: Workspace, user: str, content: Json, previous: View | None) -> View:
    """Put a dialogue on a person's screen, on top of `previous`."""
    external = str(content.get("external_id", ""))
    if external and any(view.external_id == external for view in workspace.views):
        raise Refusal("duplicate_external_id")
    view = View(f"V{workspace.serial():08d}", user, content, new_hash(workspace, content), external_id=external)
    view.root_id = previous.root_id if previous else view.id
    view.previous_id = previous.id if previous else ""
    view.values = initial_values(content)
    workspace.views.append(view)
    workspace.touch()
    return view


def replace(workspace: Workspace, view: View, content: Json) -> None:
    """New content in place. What was typed stays where block and action kept their ids."""
    kept = {(block, action) for block, values in initial_values(content).items() for action in values}
    values = initial_values(content)
    for block, typed in view.values.items():
        for action, value in typed.items():
            if (block, action) in kept and value.get("type") == values[block][action].get("type"):
                values[block][action] = value
    view.content, view.values, view.errors = content, values, {}
    view.hash = new_hash(workspace, content)
    workspace.touch()


def initial_values(content: Json) -> dict[str, Json]:
    """What the inputs of a view hold before anybody touched them."""
    found: dict[str, Json] = {}
    for block in content["blocks"]:
        for element in _inputs(block):
            found.setdefault(block["block_id"], {})[element["action_id"]] = blank(element)
    return found


def blank(element: Json) -> Json:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": element.get("initial_value")}
    if kind in ("checkboxes", "multi_static_select"):
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    if kind in HELD:
        chosen, first = HELD[kind]
        return {"type": kind, chosen: element.get(first)}
    return {"type": kind, "selected_option": element.get("initial_option")}


def _inputs(block: Json) -> list[Json]:
    holders = [block.get("accessory"), block.get("element"), *(block.get("elements") or ())]
    silent = ("button", "overflow", "image", "mrkdwn", "plain_text")
    return [holder for holder in holders if isinstance(holder, dict) and holder.get("type") not in silent]


def open_modal(workspace: Workspace, triggers: Triggers, arguments: Arguments) -> Json:
    content = read_content(workspace, arguments.value("view", "invalid_arguments"), "modal")
    user = triggers.spend(arguments.required("trigger_id"))
    return {"ok": True, "view": described(place(workspace, user, content, None))}


def push_modal(workspace: Workspace, triggers: Triggers, arguments: Arguments) -> Json:
    content = read_content(workspace, arguments.value("view", "invalid_arguments"), "modal")
    user = triggers.spend(arguments.required("trigger_id"))
    stack = workspace.stack(user)
    if len(stack) >= STACK:
        raise Refusal("push_limit_reached")
    return {"ok": True, "view": described(place(workspace, user, content, stack[-1] if stack else None))}


def update_modal(workspace: Workspace, arguments: Arguments) -> Json:
    view_id, external = arguments.text("view_id"), arguments.text("external_id")
    view = next((v for v in workspace.views if v.id == view_id or (external and v.external_id == external)), None)
    if view is None:
        raise Refusal("not_found")
    _guard(view, arguments)
    replace(workspace, view, read_content(workspace, arguments.value("view", "invalid_arguments"), "modal"))
    return {"ok": True, "view": described(view)}


def publish_home(workspace: Workspace, arguments: Arguments) -> Json:
    user = workspace.member(arguments.required("user_id")).id
    content = read_content(workspace, arguments.value("view", "invalid_arguments"), "home")
    home = workspace.homes.get(user)
    if home is None:
        home = View(f"V{workspace.serial():08d}", user, content, "")
        workspace.homes[user] = home
    else:
        _guard(home, arguments)
    replace(workspace, home, content)
    return {"ok": True, "view": described(home)}


def _guard(view: View, arguments: Arguments) -> None:
    expected = arguments.text("hash")
    if expected and expected != view.hash:
        raise Refusal("hash_conflict")
