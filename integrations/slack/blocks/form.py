"""A form as a Slack dialogue, and what comes back from it.

Slack's checkboxes take ten options a group, and 75 characters of text and 75 of description an option. So a long checklist
becomes several groups, an item goes on in its description, and one too long even for that keeps its full text in a section
above its short option. An item's id is the option's value; which block an error
belongs to is read from the view that was submitted, so nothing about a form has to be remembered here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.core.notice import Form, FormErrors, FormItem, Notice
from integrations.slack.blocks.element import LABEL_LIMIT, SECTION_LIMIT, TITLE_LIMIT, Block, named, plain_text, section
from integrations.slack.blocks.fields import input_block, read_fields
from integrations.slack.blocks.message import Room, card_blocks, cut_inert, section_blocks
from integrations.slack.blocks.spans import clean, cut
from integrations.slack.payload import Payload

CALLBACK = "llmgate-form"
REASON = "reason"
CHECKLIST = "checklist"
GROUP = 10
REASON_LIMIT = 2_000
_ITEM_TEXT = 420
_FORM_ROOM = 60
_ERRORS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form was opened from, so that a private answer to it finds its way back. It rides in `private_metadata`."""

    token: str
    channel: str = ""
    thread: str = ""

    def written(self) -> str:
        return json.dumps({"token": self.token, "channel": self.channel, "thread": self.thread}, separators=(",", ":"))

    @classmethod
    def read(cls, metadata: str) -> Origin:
        """What `written` wrote; empty where it was something else."""
        try:
            found = Payload(json.loads(metadata))
        except ValueError:
            found = Payload({})
        return cls(found.text("token"), found.text("channel"), found.text("thread"))


def form_view(form: Form, origin: Origin) -> Block:
    """The dialogue for `views.open`."""
    blocks = section_blocks(form.sections, Room(blocks=_FORM_ROOM))
    blocks += [*_checklist(form.checklist), *(input_block(field) for field in form.fields)]
    if form.reason != "none":
        blocks.append(_reason(form))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": origin.written(),
        "title": plain_text(form.title, TITLE_LIMIT),
        "submit": plain_text(form.submit, TITLE_LIMIT),
        "close": plain_text("Cancel", TITLE_LIMIT),
        "blocks": named(blocks, form.token),
    }


def notice_view(notice: Notice, title: str) -> Block:
    """A notice to read in a dialogue, where there is no channel to whisper in."""
    return {
        "type": "modal",
        "callback_id": f"{CALLBACK}-notice",
        "title": plain_text(title, TITLE_LIMIT),
        "close": plain_text("Close", TITLE_LIMIT),
        "blocks": named(card_blocks(notice, Room()), notice.summary),
    }


def _checklist(items: tuple[FormItem, ...]) -> list[Block]:
    blocks: list[Block] = []
    groups = [items[start : start + GROUP] for start in range(0, len(items), GROUP)]
    for place, group in enumerate(groups):
        label = "Confirm each item" + (f" ({place + 1} of {len(groups)})" if len(groups) > 1 else "")
        blocks += _long_texts(group, place * GROUP)
        options = [_option(item, number) for number, item in enumerate(group, start=place * GROUP + 1)]
        blocks.append(
            {
                "type": "input",
                "block_id": f"{CHECKLIST}:{place}",
                "label": plain_text(label, LABEL_LIMIT),
                "element": {"type": "checkboxes", "action_id": CHECKLIST, "options": options},
            }
        )
    return blocks


def _halves(item: FormItem) -> tuple[str, str] | None:
    """An item as text and description, parted behind a clause where that fits, else at a space. None where it is too long."""
    whole = clean(item.text).strip()
    if len(whole) <= LABEL_LIMIT:
        return whole, ""
    spaces = [place for place in range(len(whole) - LABEL_LIMIT - 1, LABEL_LIMIT + 1) if whole[place : place + 1] == " "]
    clauses = [place for place in spaces if whole[place - 1] in ",;:."]
    if len(whole) > 2 * LABEL_LIMIT + 1 or not spaces:
        return None
    place = (clauses or spaces)[-1]
    return whole[:place], whole[place + 1 :]


def _long_texts(group: tuple[FormItem, ...], before: int) -> list[Block]:
    """Sections with the full text of items whose option cannot hold it."""
    lines = [
        f"*{number}.* {cut_inert(item.text, _ITEM_TEXT)}"
        for number, item in enumerate(group, start=before + 1)
        if _halves(item) is None
    ]
    blocks: list[Block] = []
    taken: list[str] = []
    for line in lines:
        if taken and len("\n".join([*taken, line])) > SECTION_LIMIT:
            blocks.append(section("\n".join(taken)))
            taken = []
        taken.append(line[:SECTION_LIMIT])
    return [*blocks, section("\n".join(taken))] if taken else blocks


def _option(item: FormItem, number: int) -> Block:
    halves = _halves(item)
    if halves is None:
        head = f"{number}. {clean(item.text).strip()}"
        space = head.rfind(" ", len(f"{number}. ") + 20, LABEL_LIMIT - 1)
        short = (head[:space] if space > 0 else head[: LABEL_LIMIT - 1]).rstrip(" ,;:(") + "…"
        return {"text": plain_text(short, LABEL_LIMIT), "value": item.id}
    option: Block = {"text": plain_text(halves[0], LABEL_LIMIT), "value": item.id}
    if halves[1]:
        option["description"] = plain_text(halves[1], LABEL_LIMIT)
    return option


def _reason(form: Form) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": REASON, "multiline": True, "max_length": REASON_LIMIT}
    block: Block = {
        "type": "input",
        "block_id": REASON,
        "label": plain_text(form.reason_label or "Reason", 150),
        "element": element,
        "optional": form.reason == "optional",
    }
    if form.reason_hint.strip():
        block["hint"] = plain_text(form.reason_hint, 150)
    return block


@dataclass(frozen=True, slots=True)
class Answers:
    """What a submitted view holds: ids ticked, the reason, and what was chosen by field."""

    ticked: tuple[str, ...]
    reason: str
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()


def read_answers(view: Payload) -> Answers:
    values = view.at("state", "values")
    ticked: list[str] = []
    for block in values.names():
        if block.partition(":")[0] == CHECKLIST:
            ticked += [option.text("value") for option in values.at(block, CHECKLIST).items("selected_options")]
    return Answers(tuple(ticked), values.text(REASON, REASON, "value"), read_fields(values))


def errors_response(errors: FormErrors, view: Payload) -> Block:
    """The answer to a submission that was not taken: each error beside its field, what was typed stays.

    An error of the whole form goes to a line on top where it is the only one, else to the first field that has one.
    """
    inputs = [block for block in view.items("blocks") if block.text("type") == "input"]
    by_block: dict[str, list[str]] = {}
    whole: list[str] = []
    for field, text in errors.errors:
        block = _block_of(field, inputs)
        if block:
            by_block.setdefault(block, []).append(cut(clean(text), 400))
        else:
            whole.append(text)
    if by_block:
        by_block[next(iter(by_block))] += [cut(clean(text), 400) for text in whole]
        return {"response_action": "errors", "errors": {block: _joined(texts) for block, texts in by_block.items()}}
    return {"response_action": "update", "view": _with_banner(view, whole)}


def _joined(texts: list[str]) -> str:
    more = f" · and {len(texts) - _ERRORS_SHOWN} more" if len(texts) > _ERRORS_SHOWN else ""
    return " · ".join(texts[:_ERRORS_SHOWN]) + more


def _block_of(field: str, inputs: list[Payload]) -> str:
    """The input block that a field's error is shown at; empty for the whole form."""
    if any(block.text("block_id") == field for block in inputs):
        return field
    kind, _, item = field.partition(":")
    candidates = [block for block in inputs if block.text("block_id").partition(":")[0] == kind]
    for block in candidates:
        if any(option.text("value") == item for option in block.at("element").items("options")):
            return block.text("block_id")
    return candidates[0].text("block_id") if candidates else ""


def _with_banner(view: Payload, texts: list[str]) -> Block:
    """The same dialogue with what is wrong on top."""
    said = " ".join(texts) or "This was not taken, and nothing was recorded. Try again."
    banner: Block = {**section(f"✗ {cut_inert(said, 600)}"), "block_id": "banner"}
    blocks = [block.raw for block in view.items("blocks") if block.text("block_id") != "banner"]
    kept = {name: view.raw[name] for name in ("type", "callback_id", "private_metadata", "title", "submit", "close")}
    return {**{name: value for name, value in kept.items() if value}, "blocks": [banner, *blocks]}
