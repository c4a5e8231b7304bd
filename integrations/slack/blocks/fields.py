"""Fields of a form as Slack's inputs, and what people chose in them. A field's block and element are named by its id, so that
what was typed survives a new version of the dialogue, and an error finds its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.core.notice import Field, FieldKind, Option
from integrations.slack.blocks.element import LABEL_LIMIT, Block, plain_text
from integrations.slack.payload import Payload

FIELD = "field"
FEW = 10
"""Radio buttons and checkboxes of one group."""
MANY = 100
"""Options of a menu."""
LINE_LIMIT = 200
_HINT_LIMIT = 150
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MEMBER = re.compile(r"[UW][A-Z0-9]+")


def input_block(field: Field) -> Block:
    """The input of one field. A choice among more than ten becomes a menu, of which a hundred options fit."""
    kind = "menu" if field.kind == "choice" and len(field.options) > FEW else field.kind
    block: Block = {
        "type": "input",
        "block_id": f"{FIELD}:{field.id}",
        "label": plain_text(field.label, LABEL_LIMIT),
        "element": {**_ELEMENTS[kind](field), "action_id": field.id},
        "optional": field.optional,
    }
    if field.hint.strip():
        block["hint"] = plain_text(field.hint, _HINT_LIMIT)
    return block


def _option(option: Option) -> Block:
    return {"text": plain_text(option.text, LABEL_LIMIT), "value": option.value[:150]}


def _one_of(type_: str, most: int) -> Callable[[Field], Block]:
    def element(field: Field) -> Block:
        options = field.options[:most]
        given = next((one for one in options if one.value in field.given), None)
        first = {"initial_option": _option(given)} if given else {}
        return {"type": type_, "options": [_option(one) for one in options], **first}

    return element


def _boxes(field: Field) -> Block:
    options = field.options[:FEW]
    given = [_option(one) for one in options if one.value in field.given]
    first = {"initial_options": given} if given else {}
    return {"type": "checkboxes", "options": [_option(one) for one in options], **first}


def _held(type_: str, name: str, shape: re.Pattern[str]) -> Callable[[Field], Block]:
    """An element that holds one text; what does not look like one of its kind is left out."""

    def element(field: Field) -> Block:
        given = next((one for one in field.given if shape.fullmatch(one)), "")
        return {"type": type_, **({name: given} if given else {})}

    return element


def _line(field: Field) -> Block:
    given = next(iter(field.given), "")[:LINE_LIMIT]
    return {"type": "plain_text_input", "max_length": LINE_LIMIT, **({"initial_value": given} if given else {})}


_ELEMENTS: Mapping[FieldKind, Callable[[Field], Block]] = {
    "choice": _one_of("radio_buttons", FEW),
    "menu": _one_of("static_select", MANY),
    "boxes": _boxes,
    "person": _held("users_select", "initial_user", _MEMBER),
    "time": _held("timepicker", "initial_time", _TIME),
    "day": _held("datepicker", "initial_date", _DAY),
    "line": _line,
}


def read_fields(values: Payload) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What was chosen, by field, from a view's `state.values`. A field that was left empty is left out."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for block in values.names():
        kind, _, name = block.partition(":")
        chosen = _chosen(values.at(block, name)) if kind == FIELD else ()
        if chosen:
            found.append((name, chosen))
    return tuple(found)


def _chosen(element: Payload) -> tuple[str, ...]:
    several = tuple(option.text("value") for option in element.items("selected_options"))
    one = element.text("selected_option", "value") or next(
        filter(None, (element.text(name) for name in ("selected_user", "selected_time", "selected_date", "value"))), ""
    )
    return several or ((one,) if one else ())
