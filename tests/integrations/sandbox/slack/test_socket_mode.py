"""The real Bolt over Socket Mode against the workspace: clicks, dialogues, commands, mentions, the home page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.slack.people import NOT_TAKEN
from tests.integrations.sandbox.slack.conftest import World, populate

Json = dict[str, Any]
BUTTON: Json = {
    "type": "button",
    "text": {"type": "plain_text", "text": "Review & approve"},
    "action_id": "review",
    "value": "tok1",
}
CARD: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "A change waits"}},
    {"type": "actions", "block_id": "controls", "elements": [BUTTON]},
]
MODAL: Json = {
    "type": "modal",
    "callback_id": "approve",
    "private_metadata": "tok1",
    "title": {"type": "plain_text", "text": "Approve"},
    "submit": {"type": "plain_text", "text": "Sign"},
    "blocks": [
        {
            "type": "input",
            "block_id": "checklist",
            "label": {"type": "plain_text", "text": "Checklist"},
            "element": {
                "type": "checkboxes",
                "action_id": "ticks",
                "options": [{"text": {"type": "plain_text", "text": f"Item {n}"}, "value": f"i{n}"} for n in (1, 2)],
            },
        },
        {
            "type": "input",
            "block_id": "reason",
            "optional": True,
            "label": {"type": "plain_text", "text": "Reason"},
            "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
        },
    ],
}


def bolt(world: World) -> App:
    """An app as a product would write it: opens a dialogue, checks it, answers commands and mentions."""
    app = App(client=world.client, process_before_response=True)

    @app.action("review")
    def review(ack: Ack, body: Json, client: WebClient) -> None:
        client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        ack()

    @app.view("approve")
    def approve(ack: Ack, view: Json) -> None:
        ticks = view["state"]["values"]["checklist"]["ticks"]["selected_options"]
        if len(ticks) < 2:
            ack(response_action="errors", errors={"checklist": "Tick every item."})
        else:
            ack()

    @app.command("/llmgate")
    def command(ack: Ack, command: Json) -> None:
        ack(f"status of {command['text']}")

    @app.event("app_mention")
    def mention(event: Json, client: WebClient) -> None:
        thread = event.get("thread_ts")
        client.chat_postEphemeral(channel=event["channel"], user=event["user"], text="here", thread_ts=thread)

    @app.event("app_home_opened")
    def home(event: Json, client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": CARD[:1]})

    return app


@pytest.fixture(scope="module")
def connected_office() -> Iterator[World]:
    """One workspace with the app connected, for the whole module: the SDK's client takes seconds to close."""
    clock = FakeClock()
    world = populate(FakeSlack(clock), clock)
    handler = SocketModeHandler(bolt(world), world.slack.app_token, web_client=WebClient(base_url=world.slack.api_url))
    client = handler.client
    assert isinstance(client, SocketModeClient)
    client.connect()
    assert world.slack.connected()
    yield world
    client.auto_reconnect_enabled = False
    world.slack.drop_connections()  # the SDK reads with a time-out of 3 s; hanging up first spares the wait
    client.current_session_runner.shutdown()  # type: ignore[no-untyped-call] # the SDK leaves it untyped
    client.close()
    world.slack.close()


@pytest.fixture
def connected(connected_office: World) -> World:
    return populate(connected_office.slack, connected_office.clock)


def post_card(world: World) -> str:
    return str(world.client.chat_postMessage(channel=world.reviews.id, text="A change waits", blocks=CARD)["ts"])


def test_a_click_opens_a_dialogue_and_a_submission_closes_it(connected: World) -> None:
    slack, bob = connected.slack, connected.bob.id
    assert slack.click(bob, connected.reviews.id, post_card(connected), "Review & approve").taken
    assert [view.title for view in slack.open_views(bob)] == ["Approve"]

    seen = slack.submit(bob, {"checklist": ["i1"]})
    assert seen.errors == {"checklist": "Tick every item."}
    assert slack.open_views(bob)[-1].values["checklist"]["ticks"]["selected_options"][0]["value"] == "i1"

    assert slack.submit(bob, {"ticks": ["Item 1", "i2"], "Reason": "fine"}).errors == {}
    assert slack.open_views(bob) == []


def test_slack_itself_refuses_an_empty_required_input(connected: World) -> None:
    slack, bob = connected.slack, connected.bob.id
    slack.click(bob, connected.reviews.id, post_card(connected), "review")
    assert slack.submit(bob).errors == {"checklist": "Please complete this required field."}


def test_a_command_is_answered_to_the_one_who_gave_it(connected: World) -> None:
    seen = connected.slack.command(connected.bob.id, connected.reviews.id, "/llmgate status 7")
    assert seen.text == "status of status 7"
    assert [m.text for m in connected.slack.ephemerals(connected.bob.id)] == ["status of status 7"]
    assert connected.slack.ephemerals(connected.ann.id) == []


def test_an_unknown_command_never_reaches_the_app(connected: World) -> None:
    assert "not a valid command" in connected.slack.command(connected.bob.id, connected.reviews.id, "/other x").warning


def test_a_mention_in_a_thread_is_answered_privately_there(connected: World) -> None:
    slack, ts = connected.slack, post_card(connected)
    assert slack.mention(connected.bob.id, connected.reviews.id, ts, "@llmgate status").taken
    assert slack.until(lambda: bool(slack.ephemerals(connected.bob.id)))
    assert slack.ephemerals(connected.bob.id)[0].thread_ts == ts


def test_the_home_page_is_published_when_it_is_opened(connected: World) -> None:
    slack = connected.slack
    assert slack.open_home(connected.ann.id).taken
    assert slack.until(lambda: slack.home(connected.ann.id) is not None)


def test_a_click_with_nobody_connected_is_lost_and_the_person_is_told(world: World) -> None:
    assert world.slack.click(world.bob.id, world.reviews.id, post_card(world), "review").warning == NOT_TAKEN
