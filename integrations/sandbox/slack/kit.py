"""Block Kit's rules: which blocks and elements there are, which fields they take, and how long each may be.

Stricter than the SDK's models, which accept unknown blocks and extra fields. Blocks the product does not use are unknown
here on purpose: the first use of one shows up as a refusal, and its rules are added then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from integrations.sandbox.slack.mrkdwn import texts
from integrations.sandbox.slack.refusal import Json, invalid
from integrations.sandbox.slack.shapes import (
    Check,
    Problems,
    array,
    boolean,
    each,
    integer,
    one_of,
    shape,
    string,
    typed,
    written_as,
)

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
TOTAL_CHARACTERS = 13_200
"""Over all blocks of a message, though each of them is legal: seen in slackapi/bolt-js#2509, not documented."""


def plain(limit: int) -> Check:
    return typed({"plain_text": shape({"type": string(20), "text": string(limit)}, {"emoji": boolean})})


def prose(limit: int) -> Check:
    marked = shape({"type": string(20), "text": string(limit)}, {"verbatim": boolean})
    return typed(
        {"plain_text": shape({"type": string(20), "text": string(limit)}, {"emoji": boolean}), "mrkdwn": marked},
    )


TYPE = {"type": string(40)}
IDENTIFIER = {"action_id": string(255)}
BLOCK_ID = {"block_id": string(255)}
CONFIRM = shape(
    {"title": plain(100), "text": prose(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
PLACEHOLDER = {"placeholder": plain(150), "focus_on_load": boolean, "confirm": CONFIRM}
OPTION = shape({"text": plain(75), "value": string(150)}, {"description": plain(75)})
RICH_OPTION = shape({"text": prose(75), "value": string(150)}, {"description": prose(75)})
OVERFLOW_OPTION = shape({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": string(3000)})


def _distinct_values(value: object, pointer: str, problems: Problems) -> None:
    options = value.get("options") if isinstance(value, dict) else None
    if isinstance(options, list):
        values = Counter(str(option.get("value")) for option in options if isinstance(option, dict))
        for name, count in values.items():
            if count > 1:
                problems.add(f"duplicate option value: {name}", f"{pointer}/options")


def _choice(limit: int, option: Check, several: bool, more: dict[str, Check]) -> Check:
    chosen = {"initial_options": array(option, limit)} if several else {"initial_option": option}
    return each(
        shape({**TYPE, "options": array(option, limit)}, {**IDENTIFIER, "confirm": CONFIRM, **chosen, **more}),
        _distinct_values,
    )


DATE = written_as(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "date in the format YYYY-MM-DD")
TIME = written_as(r"([01]\d|2[0-3]):[0-5]\d", "time in the format HH:mm")
FOCUS: dict[str, Check] = {"focus_on_load": boolean}
IMAGE = shape({**TYPE, "image_url": string(3000), "alt_text": string(2000)})
ELEMENTS: dict[str, Check] = {
    "button": shape(
        {**TYPE, "text": plain(75)},
        {
            **IDENTIFIER,
            "url": string(3000),
            "value": string(2000),
            "style": one_of("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
    ),
    "overflow": each(
        shape({**TYPE, "options": array(OVERFLOW_OPTION, 5)}, {**IDENTIFIER, "confirm": CONFIRM}),
        _distinct_values,
    ),
    "checkboxes": _choice(10, RICH_OPTION, True, FOCUS),
    "radio_buttons": _choice(10, RICH_OPTION, False, FOCUS),
    "static_select": _choice(100, OPTION, False, PLACEHOLDER),
    "multi_static_select": _choice(100, OPTION, True, {**PLACEHOLDER, "max_selected_items": integer(1, 100)}),
    "users_select": shape(TYPE, {**IDENTIFIER, **PLACEHOLDER, "initial_user": string(40)}),
    "datepicker": shape(TYPE, {**IDENTIFIER, **PLACEHOLDER, "initial_date": DATE}),
    "timepicker": shape(TYPE, {**IDENTIFIER, **PLACEHOLDER, "initial_time": TIME, "timezone": string(60)}),
    "plain_text_input": shape(
        TYPE,
        {
            **IDENTIFIER,
            "placeholder": plain(150),
            "focus_on_load": boolean,
            "initial_value": string(3000, 0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
    ),
    "image": IMAGE,
}
CONTEXT: dict[str, Check] = {
    "plain_text": plain(2000),
    "mrkdwn": shape({"type": string(20), "text": string(2000)}, {"verbatim": boolean}),
    "image": IMAGE,
}


def _elements(*names: str) -> Check:
    return typed({name: ELEMENTS[name] for name in names})


PICKERS = ("users_select", "datepicker", "timepicker")
CONTROLS = ("button", "overflow", "checkboxes", "radio_buttons", "static_select", *PICKERS)
CHOICES = ("checkboxes", "radio_buttons", "static_select", "multi_static_select", *PICKERS)


def _section_says_something(value: object, pointer: str, problems: Problems) -> None:
    if isinstance(value, dict) and "text" not in value and "fields" not in value:
        problems.add("missing required field: text or fields", pointer)


BLOCKS: dict[str, Check] = {
    "section": each(
        shape(
            TYPE,
            {
                **BLOCK_ID,
                "text": prose(3000),
                "fields": array(prose(2000), 10),
                "accessory": _elements(*CONTROLS, "multi_static_select", "image"),
                "expand": boolean,
            },
        ),
        _section_says_something,
    ),
    "header": shape({**TYPE, "text": plain(150)}, BLOCK_ID),
    "divider": shape(TYPE, BLOCK_ID),
    "context": shape({**TYPE, "elements": array(typed(CONTEXT), 10)}, BLOCK_ID),
    "actions": shape({**TYPE, "elements": array(_elements(*CONTROLS), 25)}, BLOCK_ID),
    "image": shape({**TYPE, "image_url": string(3000), "alt_text": string(2000)}, {**BLOCK_ID, "title": plain(2000)}),
    "input": shape(
        {**TYPE, "label": plain(2000), "element": _elements("plain_text_input", *CHOICES)},
        {**BLOCK_ID, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
}
MESSAGE_ONLY: dict[str, Check] = {"markdown": shape({**TYPE, "text": string(12_000)}, BLOCK_ID)}
VIEW_FIELDS: dict[str, Check] = {
    "callback_id": string(255, 0),
    "private_metadata": string(3000, 0),
    "external_id": string(255, 0),
}


def elements_of(block: Json) -> Iterator[Json]:
    """The interactive elements of one block."""
    for holder in (block.get("accessory"), block.get("element"), *(block.get("elements") or ())):
        if isinstance(holder, dict) and holder.get("type") in ELEMENTS and holder.get("type") != "image":
            yield holder


def _identifiers(blocks: list[Json], pointer: str, problems: Problems) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        name = block.get("block_id")
        if name in seen:
            problems.add(f"block_id {name} is used twice", f"{pointer}/{index}/block_id")
        if name:
            seen.add(name)
        actions = Counter(element["action_id"] for element in elements_of(block) if element.get("action_id"))
        for action, count in actions.items():
            if count > 1:
                problems.add(f"action_id {action} is used twice in one block", f"{pointer}/{index}")


def _blocks(value: object, pointer: str, most: int, kinds: dict[str, Check]) -> Problems:
    problems = Problems()
    array(typed(kinds), most, 0)(value, pointer, problems)
    if not problems.found and isinstance(value, list):
        _identifiers(value, pointer, problems)
    return problems


def check_message(blocks: object) -> list[Json]:
    """Blocks of a message, or a refusal that names every problem."""
    problems = _blocks(blocks, "/blocks", MESSAGE_BLOCKS, {**BLOCKS, **MESSAGE_ONLY})
    if problems.found or not isinstance(blocks, list):
        raise invalid("invalid_blocks", problems.found)
    total = sum(len(text) for _, text in texts(blocks))
    if total > TOTAL_CHARACTERS:
        raise invalid("msg_blocks_too_long", [f"{total} characters over all blocks, {TOTAL_CHARACTERS} allowed"])
    return blocks


def check_view(view: object, *, kinds: tuple[str, ...]) -> Json:
    """A modal or a home page, or a refusal that names every problem."""
    problems = Problems()
    common: dict[str, Check] = {"type": one_of(*kinds), "blocks": lambda *_: None}
    modal: dict[str, Check] = {
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        **VIEW_FIELDS,
    }
    if isinstance(view, dict) and view.get("type") == "modal":
        shape({**common, "title": plain(24)}, modal)(view, "/view", problems)
    else:
        shape(common, VIEW_FIELDS)(view, "/view", problems)
    blocks = view.get("blocks") if isinstance(view, dict) else None
    problems.found += _blocks(blocks, "/view/blocks", VIEW_BLOCKS, BLOCKS).found
    if isinstance(view, dict) and isinstance(blocks, list) and not problems.found:
        asks = any(block["type"] == "input" for block in blocks)
        if view["type"] == "modal" and asks and "submit" not in view:
            problems.add("`submit` is required when an `input` block is present", "/view/submit")
    if problems.found or not isinstance(view, dict):
        raise invalid("invalid_arguments", problems.found)
    return view
