"""Commands, mentions, the shortcut and the home page: answered to one person, over both transports."""

from __future__ import annotations

import json
from datetime import timedelta

from bot.core.events import ButtonPressed, CommandGiven
from bot.core.ids import ChatUser
from bot.core.notice import Control, Home, HomePart, Notice, text
from integrations.slack.blocks.message import message
from tests.integrations.slack.reading import read
from tests.integrations.slack.stage import Stage, line


def given(stage: Stage) -> CommandGiven:
    (asked,) = stage.desk.asked
    assert isinstance(asked, CommandGiven)
    return asked


def test_a_command_is_answered_at_once_and_privately(stage: Stage) -> None:
    seen = stage.slack.command(stage.maya.id, stage.channel, "/llmgate status https://github.com/acme/shop/pull/12 & <more>")
    assert seen.text == "heard: status https://github.com/acme/shop/pull/12 &amp; &lt;more&gt;"
    assert stage.slack.messages(stage.channel) == []
    assert given(stage).words == "status https://github.com/acme/shop/pull/12 & <more>"
    assert (given(stage).user, given(stage).channel) == (ChatUser(stage.slack.team, stage.maya.id), stage.channel)


def test_a_command_that_fails_says_so(stage: Stage) -> None:
    def broken(_: CommandGiven) -> Notice:
        raise RuntimeError("a detail nobody should see")

    stage.desk.on_words = broken
    seen = stage.slack.command(stage.maya.id, stage.channel, "/llmgate status 12")
    assert "could not answer that, and nothing was recorded" in seen.text
    assert "detail" not in seen.text


def test_words_in_a_thread_lead_to_a_private_button_and_decide_nothing(stage: Stage) -> None:
    stage.desk.on_words = lambda _: Notice(
        "Words approve nothing",
        "waiting",
        text("Words approve nothing"),
        controls=(Control("review", "Review & approve", "tok"),),
    )
    root = stage.slack.say(stage.noor.id, stage.channel, "the card")
    stage.slack.mention(stage.maya.id, stage.channel, root.ts, "@llmgate lgtm, approve")
    assert stage.slack.until(lambda: len(stage.slack.ephemerals(stage.maya.id)) == 1)
    (answer,) = stage.slack.ephemerals(stage.maya.id)
    assert answer.thread_ts == root.ts
    assert read(answer.blocks) == ["○ Words approve nothing", "[Review & approve]"]
    assert (given(stage).words, given(stage).thread) == ("lgtm, approve", root.ts)

    stage.slack.click(stage.maya.id, stage.channel, answer.ts, "review")
    assert stage.slack.until(lambda: len(stage.desk.asked) == 2)
    press = stage.desk.asked[1]
    assert isinstance(press, ButtonPressed)
    assert (press.name, press.token) == ("review", "tok")


def test_the_shortcut_asks_why_in_the_messages_thread(stage: Stage) -> None:
    root = stage.slack.say(stage.noor.id, stage.channel, "the card")
    body = {
        "type": "message_action",
        "callback_id": "explain",
        "trigger_id": "1.2.x",
        "user": {"id": stage.maya.id, "team_id": stage.slack.team},
        "team": {"id": stage.slack.team},
        "channel": {"id": stage.channel},
        "message": {"ts": root.ts},
    }
    assert stage.slack.voice.interaction(body).taken
    assert stage.slack.until(lambda: len(stage.slack.ephemerals(stage.maya.id)) == 1)
    assert (given(stage).words, given(stage).thread) == ("why", root.ts)


def test_the_home_page_shows_the_queue_and_answers_in_a_dialogue(stage: Stage) -> None:
    entry = Notice(
        "acme/shop#12", "waiting", text("acme/shop#12 waits"), controls=(Control("review", "Review & approve", "tok"),)
    )
    stage.desk.page = Home(text("My queue"), (HomePart("Waiting for you", (entry,)),))
    stage.desk.on_press = lambda _: line("Somebody was faster")
    stage.slack.open_home(stage.maya.id)
    assert stage.slack.until(lambda: stage.slack.home(stage.maya.id) is not None)
    stage.slack.click_home(stage.maya.id, "Review & approve")
    assert stage.slack.until(lambda: len(stage.slack.open_views(stage.maya.id)) == 1)
    assert read(stage.slack.open_views(stage.maya.id)[0].blocks) == ["Somebody was faster"]


def test_an_event_nobody_asked_for_is_taken_and_left_alone(stage: Stage) -> None:
    assert stage.slack.voice.event({"type": "reaction_added", "user": stage.maya.id, "reaction": "+1"}).taken
    assert stage.slack.voice.interaction({"type": "view_closed", "view": {"callback_id": "x", "type": "modal"}}).taken
    assert stage.desk.asked == []


def test_an_event_said_again_is_answered_once(http_stage: Stage) -> None:
    stage = http_stage
    event = {"type": "app_mention", "user": stage.maya.id, "text": "<@U0LLMGATE> queue", "channel": stage.channel, "ts": "1.1"}
    body = json.dumps({"type": "event_callback", "team_id": stage.slack.team, "event_id": "Ev1", "event": event})
    for attempt in range(3):
        stage.clock.advance(timedelta(seconds=1))
        assert stage.slack.voice.post(body, {"Content-Type": "application/json", "x-slack-retry-num": str(attempt)}).taken
    stage.slack.mention(stage.noor.id, stage.channel, "", "@llmgate queue")
    people = (stage.maya.id, stage.noor.id)
    assert stage.slack.until(lambda: all(stage.slack.ephemerals(user) for user in people))
    assert sum(isinstance(asked, CommandGiven) and asked.user.id == stage.maya.id for asked in stage.desk.asked) == 1


def test_two_presses_carry_two_interaction_ids(stage: Stage) -> None:
    card = Notice("c", "neutral", text("c"), controls=(Control("review", "Review", "tok"),))
    shown = stage.connection.call("chat.postMessage", channel=stage.channel, text="c", blocks=message(card, "k")[1])
    for _ in range(2):
        stage.slack.click(stage.maya.id, stage.channel, shown.text("ts"), "review")
    assert stage.slack.until(lambda: len(stage.desk.asked) == 2)
    ids = {asked.interaction for asked in stage.desk.asked if isinstance(asked, ButtonPressed)}
    assert len(ids) == 2
    assert all(one.startswith(f"{stage.slack.team}:{stage.maya.id}:") for one in ids)
