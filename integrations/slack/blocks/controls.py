"""Buttons and the menu behind them. `action_id` names the control, `value` is its opaque token and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.notice import Control
from integrations.slack.blocks.element import LABEL_LIMIT, Block, plain_text
from integrations.slack.blocks.spans import clean, cut, safe_url

VISIBLE = 3
OPTIONS = 5
MENU = "more"
_VALUE_LIMIT = 2_000
_OPTION_VALUE_LIMIT = 150


def actions(controls: tuple[Control, ...], more: tuple[Control, ...]) -> Block | None:
    """The row of controls: three buttons at most, what else there is in a menu. A menu of one is a button."""
    shown = controls[:VISIBLE]
    hidden = (*controls[VISIBLE:], *more)[:OPTIONS]
    if len(hidden) == 1:
        shown, hidden = (*shown, *hidden), ()
    elements = [button(control, name) for control, name in zip(shown, _distinct(shown), strict=True)]
    if hidden:
        elements.append(_menu(hidden))
    return {"type": "actions", "elements": elements} if elements else None


def button(control: Control, action_id: str) -> Block:
    element: Block = {"type": "button", "action_id": action_id, "text": plain_text(control.label, LABEL_LIMIT)}
    url = safe_url(control.url)
    if url:
        element["url"] = url[:3000]
    if control.token:
        element["value"] = control.token[:_VALUE_LIMIT]
    if control.style != "plain":
        element["style"] = control.style
    described = clean(control.described).strip()
    if described:
        element["accessibility_label"] = cut(described, LABEL_LIMIT)
    return element


def read_menu(value: str) -> tuple[str, str]:
    """(name, token) of an option that `_menu` wrote."""
    name, _, token = value.partition(" ")
    return name, token


def read_name(action_id: str) -> str:
    """The control's name: a second button of one name in a row carries a number behind it."""
    return action_id.partition(":")[0]


def _menu(controls: tuple[Control, ...]) -> Block:
    options: list[Block] = []
    for name, control in zip(_distinct(controls), controls, strict=True):
        option: Block = {
            "text": plain_text(control.label, LABEL_LIMIT),
            "value": f"{name} {control.token}"[:_OPTION_VALUE_LIMIT],
        }
        url = safe_url(control.url)
        if url:
            option["url"] = url[:3000]
        options.append(option)
    return {"type": "overflow", "action_id": MENU, "options": options}


def _distinct(controls: Iterable[Control]) -> list[str]:
    names: list[str] = []
    for control in controls:
        again = sum(1 for name in names if read_name(name) == control.name)
        names.append(f"{control.name}:{again + 1}" if again else control.name)
    return names
