"""An open dialogue as a form: inputs with their labels, hints, what was typed, and the error under each block."""

from __future__ import annotations

from html import escape

from integrations.sandbox.page.cards import Surface, blocks_html, text_html
from integrations.sandbox.page.markup import Reader, plain_html
from integrations.sandbox.slack.refusal import Json
from integrations.sandbox.slack.workspace import View

PICKED = {"datepicker": ("selected_date", "date"), "timepicker": ("selected_time", "time")}
"""Slack's pickers: where the answer stands, and the browser's own input for it."""


def dialog_html(view: View, reader: Reader) -> str:
    """The whole dialogue. Field names are block ids, as submissions are read by block."""
    parts = "".join(_part(block, view, reader) for block in view.blocks)
    warning = f'<p class="error" role="alert">{escape(view.warning)}</p>' if view.warning else ""
    close = escape(view.content.get("close", {}).get("text", "Cancel"))
    submit = view.content.get("submit")
    send = f'<button type="submit" class="button primary">{escape(submit["text"])}</button>' if submit else ""
    return (
        f'<form class="dialog" data-view="{escape(view.id)}"><header><span class="app-mark" aria-hidden="true">lg</span>'
        f'<h2 id="dialog-title">{escape(view.title)}</h2>'
        '<button type="button" class="plain" data-verb="close_view" aria-label="Close">✕</button></header>'
        f'<div class="dialog-body">{parts}</div>'
        f'<footer>{warning}<button type="button" class="button" data-verb="close_view">{close}</button>{send}</footer></form>'
    )


def _part(block: Json, view: View, reader: Reader) -> str:
    if block["type"] != "input":
        return blocks_html([block], Surface("view"), reader)
    element = block["element"]
    typed = view.values.get(block["block_id"], {}).get(element["action_id"], {})
    optional = ' <span class="quiet">(optional)</span>' if block.get("optional") else ""
    hint = f'<p class="hint">{plain_html(block["hint"]["text"])}</p>' if "hint" in block else ""
    said = view.errors.get(block["block_id"], "")
    error = f'<p class="error" role="alert">Error: {escape(said)}</p>' if said else ""
    label = f"{plain_html(block['label']['text'])}{optional}"
    name = escape(block["block_id"])
    wrong = " wrong" if said else ""
    if element["type"] in ("checkboxes", "radio_buttons"):
        body = _choices(element, typed, name, reader)
        return f'<fieldset class="field{wrong}"><legend>{label}</legend>{body}{hint}{error}</fieldset>'
    body = _box(element, typed, name, reader)
    return f'<div class="field{wrong}"><label for="f-{name}">{label}</label>{body}{hint}{error}</div>'


def _choices(element: Json, typed: Json, name: str, reader: Reader) -> str:
    several = element["type"] == "checkboxes"
    chosen = typed.get("selected_options") if several else [typed.get("selected_option")]
    ticked = {option["value"] for option in chosen or () if option}
    kind = "checkbox" if several else "radio"
    drawn = []
    for option in element["options"]:
        on = " checked" if option["value"] in ticked else ""
        more = f'<span class="quiet">{text_html(option["description"], reader)}</span>' if "description" in option else ""
        box = f'<input type="{kind}" name="{name}" value="{escape(option["value"])}"{on}>'
        drawn.append(f'<label class="choice">{box}<span>{text_html(option["text"], reader)}{more}</span></label>')
    return "".join(drawn)


def _box(element: Json, typed: Json, name: str, reader: Reader) -> str:
    kind = element["type"]
    if kind == "plain_text_input":
        return _text(element, typed, name)
    if kind in PICKED:
        picked, type_ = PICKED[kind]
        return f'<input id="f-{name}" name="{name}" type="{type_}" value="{escape(typed.get(picked) or "")}">'
    return _menu(element, typed, name, reader)


def _text(element: Json, typed: Json, name: str) -> str:
    hint, value = escape(element.get("placeholder", {}).get("text", "")), escape(typed.get("value") or "")
    common = f'id="f-{name}" name="{name}" placeholder="{hint}" maxlength="{element.get("max_length", 3000)}"'
    return (
        f'<textarea {common} rows="4">{value}</textarea>' if element.get("multiline") else f'<input {common} value="{value}">'
    )


def _menu(element: Json, typed: Json, name: str, reader: Reader) -> str:
    """One of several: of the members of the workspace, or of the element's own options."""
    if element["type"] == "users_select":
        choices = [(member.id, member.name) for member in reader.workspace.members.values() if not member.bot]
        chosen = {typed.get("selected_user")}
    else:
        choices = [(option["value"], option["text"]["text"]) for option in element["options"]]
        picked = typed.get("selected_options") or [typed.get("selected_option")]
        chosen = {option["value"] for option in picked if option}
    several = " multiple" if element["type"].startswith("multi_") else ""
    blank = "" if several else '<option value="">Choose…</option>'
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value in chosen else ""}>{escape(text)}</option>'
        for value, text in choices
    )
    return f'<select id="f-{name}" name="{name}"{several}>{blank}{options}</select>'
