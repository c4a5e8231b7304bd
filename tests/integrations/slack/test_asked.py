"""Somebody who is asked: the controls of the ask, the pages of their home, and the way a private message is answered."""

from __future__ import annotations

from bot.core.events import ButtonPressed
from bot.core.ids import ChatUser
from bot.core.messages.controls import asked_controls, asked_menu
from bot.core.notice import Control, Field, Form, Home, HomePart, Notice, Option, Section, text
from integrations.sandbox.slack.kit import check_message
from integrations.slack.blocks.message import message
from tests.integrations.slack.reading import read
from tests.integrations.slack.stage import Stage, line

URL = "https://github.com/acme/shop/pull/7"
ASK = Notice(
    "Your review is wanted on acme/shop#7",
    "waiting",
    text("Your review is wanted on acme/shop#7."),
    controls=asked_controls("acme/shop#7", "tok"),
    more=asked_menu("acme/shop#7", URL, "tok"),
)


def presses(stage: Stage) -> list[tuple[str, str]]:
    return [(one.name, one.token) for one in stage.desk.asked if isinstance(one, ButtonPressed)]


def told(stage: Stage, key: str = "ask") -> tuple[str, str]:
    """Maya was told in private: the channel and the time of the message."""
    shown = stage.chat.tell(ChatUser(stage.slack.team, stage.maya.id), ASK, f"{key}:{stage.maya.id}")
    return shown.channel, shown.ts


def test_an_ask_has_three_visible_controls_whatever_else_one_can_do() -> None:
    _, blocks = message(ASK, "key")
    check_message(blocks)
    assert read(blocks) == [
        "○ Your review is wanted on acme/shop#7.",
        "[Review & approve] [Request changes] [⋯ Snooze …, Delegate …, Not me …, Explain, Open the change]",
    ]


def test_each_entry_of_the_menu_names_itself_and_the_request(stage: Stage) -> None:
    channel, ts = told(stage)
    for label in ("Snooze …", "Delegate …", "Not me …", "Explain", "Open the change"):
        stage.slack.overflow(stage.maya.id, channel, ts, label)
    assert stage.slack.until(lambda: len(presses(stage)) == 5)
    assert sorted(presses(stage)) == sorted((name, "tok") for name in ("snooze", "delegate", "not-me", "why", "open"))


def test_a_press_in_a_private_message_opens_a_dialogue_and_its_answer_comes_back_there(stage: Stage) -> None:
    channel, ts = told(stage)
    length = Field("for", "Remind me after", "choice", (Option("60", "1 h"), Option("120", "2 h")), ("60",))
    stage.desk.on_press = lambda _: Form("Snooze", "Snooze", "snooze:tok", (Section((text("x"),)),), fields=(length,))
    stage.desk.on_submit = lambda form: line(f"after {form.one_of('for')} minutes, {form.token}")
    stage.slack.overflow(stage.maya.id, channel, ts, "Snooze …")
    assert stage.slack.until(lambda: bool(stage.slack.open_views(stage.maya.id)))
    assert stage.slack.submit(stage.maya.id, {"field:for": "120"}).taken
    assert stage.slack.until(lambda: bool(stage.slack.ephemerals(stage.maya.id)))
    word = stage.slack.ephemerals(stage.maya.id)[-1]
    assert (word.channel, word.text) == (channel, "after 120 minutes, snooze:tok")
    assert stage.slack.refused_answers == []


def test_another_page_of_the_home_takes_the_place_of_the_first(stage: Stage) -> None:
    more = Control("home-page", "Page 2 of 2 →", "1")
    stage.desk.page = Home(text("My queue"), (HomePart("Waiting for you", (line("acme/shop#7"),)),), controls=(more,))
    second = Home(text("My queue"), (HomePart("Waiting for you", (line("acme/shop#8"),)),))
    stage.desk.on_press = lambda _: second
    stage.slack.open_home(stage.maya.id)
    assert stage.slack.until(lambda: "acme/shop#7" in str(stage.slack.workspace.homes.get(stage.maya.id)))
    stage.slack.click_home(stage.maya.id, "Page 2 of 2 →")
    assert stage.slack.until(lambda: "acme/shop#8" in str(stage.slack.workspace.homes.get(stage.maya.id)))
    assert presses(stage)[-1] == ("home-page", "1")


def test_a_person_named_in_a_command_comes_as_their_id(stage: Stage) -> None:
    stage.slack.member("Ada B. Example", id="U0ADA")
    stage.slack.command(stage.maya.id, stage.channel, "/llmgate delegate acme/shop#7 @Ada B. Example she wrote it")
    given = stage.desk.asked[-1]
    assert getattr(given, "words", "") == "delegate acme/shop#7 <@U0ADA> she wrote it"
