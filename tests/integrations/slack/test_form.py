"""The dialogue: what it shows, how long checklists fit, where errors land."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.notice import Field, Form, FormErrors, FormItem, Home, HomePart, Notice, Option, Section, text
from integrations.sandbox.slack.kit import check_view
from integrations.slack.blocks.element import Block
from integrations.slack.blocks.form import Answers, Origin, errors_response, form_view, read_answers
from integrations.slack.blocks.home import home_view
from integrations.slack.blocks.spans import clean
from integrations.slack.payload import Payload
from tests.integrations.slack.reading import read

TWO_LINES = (
    "Design and architecture fit: the change belongs in this module, keeps its promises and adds no dependency nobody asked for"
)
LONG = f"{TWO_LINES}, and whoever is called at night for it can read it without its author"


def form(*items: FormItem) -> Form:
    sections = (Section((text("High risk: touches payments"),), heading="Risk"),)
    return Form(
        "Review & approve", "Approve", "review:tok", sections, items, "optional", "A word for the record", "Leave out secrets."
    )


def blocks_of(view: Block) -> list[Block]:
    return [dict(block.raw) for block in Payload(view).items("blocks")]


def test_a_dialogue_reads_from_top_to_bottom() -> None:
    items = (FormItem("a", "Tests pass"), FormItem("b", TWO_LINES), FormItem("c", LONG))
    view = check_view(form_view(form(*items), Origin("review:tok")), kinds=("modal",))
    assert read(blocks_of(view)) == [
        "*Risk*\nHigh risk: touches payments",
        f"*3.* {LONG}",
        "? Confirm each item\n☐ Tests pass"
        "\n☐ Design and architecture fit: the change belongs in this module, | "
        "keeps its promises and adds no dependency nobody asked for"
        "\n☐ 3. Design and architecture fit: the change belongs in this module, keeps…",
        "? A word for the record\nLeave out secrets.",
    ]


@given(st.text(min_size=1, max_size=400))
def test_an_item_is_shown_whole_however_long(words: str) -> None:
    """As the option itself, as the option and its description, or above a short option."""
    view = check_view(form_view(form(FormItem("a", words)), Origin("t")), kinds=("modal",))
    *above, checklist, _ = read(blocks_of(view))[1:]
    wanted = "".join((clean(words).strip() or "—").replace("|", "").split())
    option = "".join(checklist.partition("☐ ")[2].replace("|", "").split())
    assert option == wanted or (len(above) == 1 and len(wanted) > 75)


def test_eleven_items_are_two_groups() -> None:
    items = [FormItem(f"i{number}", f"Item {number}") for number in range(1, 12)]
    view = check_view(form_view(form(*items), Origin("t")), kinds=("modal",))
    groups = [block for block in read(blocks_of(view)) if block.startswith("? Confirm")]
    assert [group.count("☐") for group in groups] == [10, 1]
    assert groups[1] == "? Confirm each item (2 of 2)\n☐ Item 11"


def submitted(view: Block, ticked: dict[str, list[str]]) -> Payload:
    values = {block: {"checklist": {"selected_options": [{"value": one} for one in ids]}} for block, ids in ticked.items()}
    return Payload({**view, "state": {"values": values}})


def test_ticks_of_all_groups_come_back() -> None:
    view = form_view(form(*[FormItem(f"i{number}", "x") for number in range(11)]), Origin("t"))
    assert read_answers(submitted(view, {"checklist:0": ["i1", "i2"], "checklist:1": ["i10"]})) == Answers(
        ("i1", "i2", "i10"), ""
    )


def test_errors_stand_beside_their_group() -> None:
    view = form_view(form(*[FormItem(f"i{number}", "x") for number in range(11)]), Origin("t"))
    errors = FormErrors((("checklist:i10", "tick this"), ("reason", "say why"), ("form", "also")))
    answer = errors_response(errors, Payload(view))
    assert answer == {"response_action": "errors", "errors": {"checklist:1": "tick this · also", "reason": "say why"}}


def test_many_errors_of_one_group_are_counted() -> None:
    view = form_view(form(*[FormItem(f"i{number}", "x") for number in range(6)]), Origin("t"))
    answer = errors_response(FormErrors(tuple((f"checklist:i{n}", f"e{n}") for n in range(6))), Payload(view))
    assert answer["errors"] == {"checklist:0": "e0 · e1 · e2 · and 3 more"}


def test_an_error_of_the_whole_form_is_a_banner_said_once() -> None:
    view = form_view(form(FormItem("a", "x")), Origin("t"))
    once = Payload(errors_response(FormErrors((("form", "first"),)), Payload(view))).at("view")
    twice = Payload(errors_response(FormErrors((("form", "second <!here>"),)), once)).at("view")
    check_view(twice.raw, kinds=("modal",))
    banners = [block for block in read([dict(block.raw) for block in twice.items("blocks")]) if block.startswith("✗")]
    assert banners == ["✗ second &lt;!here&gt;"]
    assert twice.text("private_metadata") == Origin("t").written()


def test_an_error_of_an_unknown_field_is_still_said() -> None:
    bare = form_view(Form("T", "Go", "t", (Section((text("x"),)),)), Origin("t"))
    answer = errors_response(FormErrors((("checklist:gone", "the checklist changed"),)), Payload(bare))
    assert answer["response_action"] == "update"


def test_a_forged_origin_reads_as_none() -> None:
    assert Origin.read("not json") == Origin("")
    assert Origin.read("[]") == Origin("")
    assert Origin.read(Origin("a", "C1", "1.2").written()) == Origin("a", "C1", "1.2")


def test_what_does_not_fit_a_home_page_is_counted() -> None:
    entry = Notice("acme/shop#1", "waiting", text("acme/shop#1 waits"), (Section((text("one"), text("two"))),))
    part = HomePart("Waiting for you", (entry,) * 60, text("by due time"))
    view = check_view(home_view(Home(text("My queue"), (part,), text("linked: maya")), "k"), kinds=("home",))
    shown = read(blocks_of(view))
    assert shown[:5] == ["# My queue", "—", "*Waiting for you*", "~ by due time", "○ acme/shop#1 waits"]
    assert shown[-2:] == ["~ … and 14 more: `/llmgate queue` lists them all.", "~ linked: maya"]


EVERY = (
    Field("for", "For how long", "choice", (Option("60", "1 hour"), Option("240", "4 hours")), ("240",)),
    Field("zone", "Time zone", "menu", (Option("UTC", "UTC"), Option("Europe/Berlin", "Berlin")), ("UTC",)),
    Field("days", "Days", "boxes", (Option("0", "Mon"), Option("1", "Tue"), Option("5", "Sat")), ("0", "1")),
    Field("to", "Who", "person", given=("U0BOB",), hint="They must be linked."),
    Field("start", "From", "time", given=("09:30",)),
    Field("back", "Back on", "day", given=("2026-12-24",), optional=True),
    Field("word", "A word", "line", given=("soon",), optional=True),
)


def with_fields(*fields: Field) -> Form:
    return Form("Settings", "Save", "settings:own", (Section((text("Yours"),)),), fields=fields)


def test_each_kind_of_field_is_slacks_own_input() -> None:
    view = check_view(form_view(with_fields(*EVERY), Origin("t")), kinds=("modal",))
    inputs = [Payload(block) for block in blocks_of(view)[1:]]
    assert [(one.text("block_id"), one.text("element", "type")) for one in inputs] == [
        ("field:for", "radio_buttons"),
        ("field:zone", "static_select"),
        ("field:days", "checkboxes"),
        ("field:to", "users_select"),
        ("field:start", "timepicker"),
        ("field:back", "datepicker"),
        ("field:word", "plain_text_input"),
    ]
    assert inputs[0].at("element").raw["initial_option"] == {
        "text": {"type": "plain_text", "text": "4 hours", "emoji": False},
        "value": "240",
    }
    assert len(inputs[2].items("element", "initial_options")) == 2
    assert [one.flag("optional") for one in inputs] == [False] * 5 + [True, True]


def test_a_choice_among_more_than_ten_becomes_a_menu() -> None:
    many = Field("n", "Which", "choice", tuple(Option(str(n), f"Number {n}") for n in range(30)))
    view = check_view(form_view(with_fields(many), Origin("t")), kinds=("modal",))
    assert Payload(blocks_of(view)[1]).text("element", "type") == "static_select"


def test_what_a_picker_cannot_hold_is_left_out() -> None:
    wrong = (
        Field("a", "A", "time", given=("25:00",)),
        Field("b", "B", "day", given=("soon",)),
        Field("c", "C", "person", given=("bob",)),
    )
    view = check_view(form_view(with_fields(*wrong), Origin("t")), kinds=("modal",))
    assert [name for block in blocks_of(view)[1:] for name in Payload(block).at("element").names() if "initial" in name] == []


def test_what_was_chosen_comes_back_by_field_and_what_was_not_is_left_out() -> None:
    values = {
        "field:for": {"for": {"type": "radio_buttons", "selected_option": {"value": "60"}}},
        "field:days": {"days": {"type": "checkboxes", "selected_options": [{"value": "0"}, {"value": "5"}]}},
        "field:to": {"to": {"type": "users_select", "selected_user": "U0DEE"}},
        "field:start": {"start": {"type": "timepicker", "selected_time": "08:00"}},
        "field:back": {"back": {"type": "datepicker", "selected_date": None}},
        "field:word": {"word": {"type": "plain_text_input", "value": "soon"}},
        "field:none": {"none": {"type": "checkboxes", "selected_options": []}},
    }
    answers = read_answers(Payload({"state": {"values": values}}))
    assert dict(answers.fields) == {
        "for": ("60",),
        "days": ("0", "5"),
        "to": ("U0DEE",),
        "start": ("08:00",),
        "word": ("soon",),
    }


def test_an_error_of_a_field_stands_beside_it() -> None:
    view = form_view(with_fields(*EVERY), Origin("t"))
    answer = errors_response(FormErrors((("field:to", "Cid may not approve this."),)), Payload(view))
    assert answer == {"response_action": "errors", "errors": {"field:to": "Cid may not approve this."}}
