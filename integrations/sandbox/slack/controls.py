"""Finding the control a person points at, and the action Slack sends for it."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.sandbox.slack.kit import elements_of
from integrations.sandbox.slack.refusal import Json


@dataclass(frozen=True, slots=True)
class Control:
    block: Json
    element: Json

    @property
    def label(self) -> str:
        return str(self.element.get("text", {}).get("text", ""))


def controls(blocks: list[Json]) -> list[Control]:
    return [Control(block, element) for block in blocks for element in elements_of(block)]


def find(blocks: list[Json], wanted: str, kind: str = "") -> Control:
    """The control with this action_id, this label or, for menus, this option. LookupError names what is there."""
    known = [control for control in controls(blocks) if not kind or control.element["type"] == kind]
    for control in known:
        if wanted in (control.element.get("action_id"), control.label):
            return control
    for control in known:
        if kind == "overflow" and any(wanted in _names(option) for option in control.element["options"]):
            return control
    raise LookupError(f"no control {wanted!r} here; there are {[c.label or c.element.get('action_id') for c in known]}")


def _names(option: Json) -> tuple[str, str]:
    return str(option.get("value")), str(option["text"]["text"])


def action(control: Control, ts: str, option: str = "") -> Json:
    """The `actions[0]` of the interaction. `option` is the value or label chosen from a menu."""
    element = control.element
    sent: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": control.block["block_id"],
        "action_ts": ts,
    }
    if element["type"] == "button":
        sent["text"] = element["text"]
        sent |= {name: element[name] for name in ("value", "style") if name in element}
    else:
        chosen = next((one for one in element["options"] if option in _names(one)), None)
        if chosen is None:
            raise LookupError(f"no option {option!r} here; there are {[_names(one)[1] for one in element['options']]}")
        sent["selected_option"] = chosen
    return sent
