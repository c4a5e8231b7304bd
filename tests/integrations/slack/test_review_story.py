"""A reviewer presses, reads, ticks and sends: the same over Socket Mode and over HTTP."""

from __future__ import annotations

from bot.core.actions import ShowCard
from bot.core.events import ButtonPressed, FormSubmitted
from bot.core.ids import ChangeRef, ChatUser, RepoRef
from bot.core.notice import Control, Form, FormErrors, FormItem, Notice, Section, text
from bot.ports.chat import MessageRef
from bot.ports.errors import Unavailable
from tests.integrations.slack.stage import Stage, line

CHANGE = ChangeRef(RepoRef("github", "github.com", "acme/shop"), 12)
CARD = Notice(
    "High risk: 2 approvals missing — acme/shop#12",
    "waiting",
    text("High risk: 2 approvals missing — acme/shop#12"),
    sections=(Section((text("claude-sonnet, signed"),), heading="Provenance"),),
    controls=(Control("review", "Review & approve", "tok-1", style="primary", described="Review and approve acme/shop#12"),),
    more=(
        Control("why", "Why this tier?", "tok-1"),
        Control("open", "Open the change", url="https://github.com/acme/shop/pull/12"),
    ),
)
FORM = Form(
    "Review & approve",
    "Approve",
    "review:tok-1",
    (Section((text("claude-sonnet"),), heading="Provenance"),),
    (FormItem("tests", "Tests exist and pass"), FormItem("secrets", "No secrets")),
    "optional",
    "A word for the record",
)


def show_card(stage: Stage) -> MessageRef:
    shown = stage.chat.deliver(ShowCard(CHANGE, stage.channel, CARD), None, None, "card-1")
    assert shown is not None
    return shown


def test_press_form_errors_then_accepted(stage: Stage) -> None:
    card, maya = show_card(stage), stage.maya.id
    asked_who_we_are = sum(call.method == "auth.test" for call in stage.slack.calls)
    stage.desk.on_press = lambda _: FORM
    stage.desk.on_submit = lambda form: (
        None if len(form.ticked) == 2 else FormErrors((("checklist:secrets", "Confirm this: No secrets"),))
    )
    assert stage.slack.click(maya, card.channel, card.ts, "Review & approve").taken
    assert stage.slack.until(lambda: len(stage.slack.open_views(maya)) == 1)

    refused = stage.slack.submit(maya, {"checklist": ["tests"], "reason": "Looks right"})
    assert refused.errors == {"checklist:0": "Confirm this: No secrets"}
    assert stage.slack.open_views(maya)[0].values["reason"]["reason"]["value"] == "Looks right"

    assert stage.slack.submit(maya, {"checklist": ["tests", "secrets"]}).taken
    assert stage.slack.open_views(maya) == []
    press, _, sent = stage.desk.asked
    assert isinstance(press, ButtonPressed)
    assert (press.name, press.token, press.user, press.channel) == (
        "review", "tok-1", ChatUser(stage.slack.team, maya), card.channel,
    )  # fmt: skip
    assert isinstance(sent, FormSubmitted)
    assert (sent.token, sent.ticked, sent.reason) == ("review:tok-1", ("tests", "secrets"), "Looks right")
    assert stage.slack.refused_answers == []
    assert stage.slack.unmodelled == []
    assert sum(call.method == "auth.test" for call in stage.slack.calls) == asked_who_we_are


def test_a_refused_press_is_told_to_the_presser_alone(stage: Stage) -> None:
    card = show_card(stage)
    stage.desk.on_press = lambda _: Notice("You wrote this change", "bad", text("You wrote this change"))
    stage.slack.click(stage.maya.id, card.channel, card.ts, "review")
    assert stage.slack.until(lambda: len(stage.slack.ephemerals(stage.maya.id)) == 1)
    assert stage.slack.ephemerals(stage.maya.id)[0].text == "You wrote this change"
    assert stage.slack.ephemerals(stage.noor.id) == []
    assert len(stage.slack.messages(card.channel)) == 1


def test_a_menu_option_is_a_press_and_a_link_is_none(stage: Stage) -> None:
    card = show_card(stage)
    assert stage.slack.overflow(stage.maya.id, card.channel, card.ts, "Open the change").taken
    stage.desk.on_press = lambda press: line(f"{press.name} {press.token}")
    assert stage.slack.overflow(stage.maya.id, card.channel, card.ts, "Why this tier?").taken
    assert stage.slack.until(lambda: len(stage.slack.ephemerals(stage.maya.id)) == 1)
    assert stage.slack.ephemerals(stage.maya.id)[0].text == "why tok-1"
    assert len(stage.desk.asked) == 1


def test_a_late_trigger_is_explained_and_nothing_is_recorded(stage: Stage) -> None:
    card = show_card(stage)
    stage.desk.on_press = lambda _: FORM
    stage.slack.fail_next("views.open", "expired_trigger_id")
    stage.slack.click(stage.maya.id, card.channel, card.ts, "review")
    assert stage.slack.until(lambda: len(stage.slack.ephemerals(stage.maya.id)) == 1)
    said = stage.slack.ephemerals(stage.maya.id)[0].text
    assert "three seconds passed" in said
    assert "nothing was recorded" in said
    assert stage.slack.open_views(stage.maya.id) == []


def test_a_desk_that_breaks_keeps_what_was_typed_and_says_so(stage: Stage) -> None:
    card, maya = show_card(stage), stage.maya.id

    def broken(_: FormSubmitted) -> None:
        raise Unavailable("the database is full")

    stage.desk.on_press, stage.desk.on_submit = lambda _: FORM, broken
    stage.slack.click(maya, card.channel, card.ts, "review")
    assert stage.slack.until(lambda: len(stage.slack.open_views(maya)) == 1)
    stage.slack.submit(maya, {"checklist": ["tests"], "reason": "kept"})
    view = stage.slack.open_views(maya)[0]
    assert "nothing was recorded" in str(view.blocks[0])
    assert view.values["reason"]["reason"]["value"] == "kept"
    stage.desk.on_submit = lambda _: None
    assert stage.slack.submit(maya).taken
    assert stage.slack.open_views(maya) == []
    assert stage.slack.refused_answers == []


def test_a_private_refusal_closes_the_form_and_lands_in_the_thread(stage: Stage) -> None:
    card, maya = show_card(stage), stage.maya.id
    stage.desk.on_press = lambda _: FORM
    stage.desk.on_submit = lambda _: Notice("Noor was faster", "neutral", text("Noor was faster"))
    stage.slack.click(maya, card.channel, card.ts, "review")
    assert stage.slack.until(lambda: len(stage.slack.open_views(maya)) == 1)
    stage.slack.submit(maya, {"checklist": ["tests"]})
    assert stage.slack.until(lambda: len(stage.slack.ephemerals(maya)) == 1)
    assert stage.slack.ephemerals(maya)[0].text == "Noor was faster"
    assert stage.slack.open_views(maya) == []
