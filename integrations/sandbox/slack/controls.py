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
    """The one control called `wanted`: its `block_id/action_id`, action_id, label or value, or for a menu one of its options.

    LookupError when there is none or when there are several: a person points at one control.
    """
    known = [control for control in controls(blocks) if not kind or control.element["type"] == kind]
    for names in (_path, _own_names, _option_names):
        found = [control for control in known if wanted in names(control)]
        if len(found) == 1:
            return found[0]
        if found:
            raise LookupError(f"{len(found)} controls are called {wanted!r}; name one of {[_path(c)[0] for c in found]}")
    raise LookupError(f"no control {wanted!r} here; there are {[c.label or c.element.get('action_id') for c in known]}")


def _path(control: Control) -> tuple[str, ...]:
    return (f"{control.block['block_id']}/{control.element['action_id']}",)


def _own_names(control: Control) -> tuple[str, ...]:
    return (control.element["action_id"], control.label, str(control.element.get("value", "")))


def _option_names(control: Control) -> tuple[str, ...]:
    return tuple(name for option in control.element.get("options", ()) for name in _names(option))


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
