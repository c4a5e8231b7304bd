"""The same app over signed HTTP: Bolt verifies the signature, answers in the body, and refuses what is forged or old."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_bolt.adapter.starlette.handler import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from integrations.sandbox.serve import Served
from integrations.sandbox.slack.fake import await_listening
from tests.integrations.sandbox.slack.conftest import World

Json = dict[str, Any]


class Desk:
    """An app behind a request URL; `seen` are the headers of each request, `down` makes it answer 500."""

    def __init__(self, world: World) -> None:
        self.seen: list[dict[str, str]] = []
        self.urls: list[str] = []
        self.down = False
        app = App(client=world.client, signing_secret=world.slack.signing_secret, process_before_response=True)

        @app.command("/llmgate")
        def command(ack: Ack, command: Json) -> None:
            self.urls.append(command["response_url"])
            ack(f"heard {command['text']}")

        @app.action("go")
        def go(ack: Ack, body: Json, client: WebClient) -> None:
            view = {"type": "modal", "title": {"type": "plain_text", "text": "Hi"}, "blocks": []}
            client.views_open(trigger_id=body["trigger_id"], view=view)
            ack()

        @app.event("app_home_opened")
        def home() -> None:
            """Taken, and nothing to do."""

        handler = SlackRequestHandler(app)

        async def events(request: Request) -> Response:
            self.seen.append(dict(request.headers))
            if self.down:
                return PlainTextResponse("down", status_code=500)
            return await handler.handle(request)

        self.served = Served(Starlette(routes=[Route("/slack/events", events, methods=["POST"])]))
        await_listening(self.served.port)


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    desk = Desk(world)
    world.slack.request_url = f"{desk.served.url}/slack/events"
    yield desk
    desk.served.close()


def test_a_command_is_answered_in_the_body(world: World, desk: Desk) -> None:
    assert world.slack.command(world.bob.id, world.reviews.id, "/llmgate status 7").text == "heard status 7"
    assert desk.seen[0]["x-slack-signature"].startswith("v0=")


def test_a_click_opens_a_dialogue(world: World, desk: Desk) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go"}
    blocks = [{"type": "actions", "elements": [button]}]
    ts = str(world.client.chat_postMessage(channel=world.reviews.id, text="x", blocks=blocks)["ts"])
    assert world.slack.click(world.bob.id, world.reviews.id, ts, "Go").taken
    assert [view.title for view in world.slack.open_views(world.bob.id)] == ["Hi"]
    assert len(desk.seen) == 1


def test_a_signature_by_another_secret_is_refused(world: World, desk: Desk) -> None:
    world.slack.voice.signing_secret = "another"
    assert world.slack.command(world.bob.id, world.reviews.id, "/llmgate status 7").warning
    assert len(desk.seen) == 1


def test_a_request_older_than_five_minutes_is_refused(world: World, desk: Desk) -> None:
    world.slack.voice.signed_at = lambda: time.time() - 301
    assert not world.slack.command(world.bob.id, world.reviews.id, "/llmgate status 7").taken
    assert len(desk.seen) == 1


def test_an_event_that_fails_is_said_again_with_its_number_until_it_is_taken(world: World, desk: Desk) -> None:
    desk.down = True
    assert not world.slack.open_home(world.bob.id).taken
    assert world.slack.retry_due() == 1
    desk.down = False
    world.clock.advance(timedelta(seconds=60))
    assert world.slack.retry_due() == 1
    world.clock.advance(timedelta(seconds=300))
    assert world.slack.retry_due() == 0
    assert [headers.get("x-slack-retry-num") for headers in desk.seen] == [None, "1", "2"]
    assert desk.seen[2]["x-slack-retry-reason"] == "http_error"


def test_a_response_address_takes_five_messages(world: World, desk: Desk) -> None:
    world.slack.command(world.bob.id, world.reviews.id, "/llmgate queue")
    address = WebhookClient(desk.urls[0])
    answers = [address.send(text=str(n)).status_code for n in range(6)]
    assert answers == [200] * 5 + [404]
    assert [m.text for m in world.slack.ephemerals(world.bob.id)] == ["heard queue", "0", "1", "2", "3", "4"]


def test_a_response_address_expires_after_half_an_hour(world: World, desk: Desk) -> None:
    world.slack.command(world.bob.id, world.reviews.id, "/llmgate queue")
    world.clock.advance(timedelta(minutes=31))
    assert WebhookClient(desk.urls[0]).send(text="late").status_code == 404


def test_a_desk_that_is_away_loses_the_click(world: World, desk: Desk) -> None:
    world.slack.request_url = "http://127.0.0.1:1/slack/events"
    assert "not responding" in world.slack.command(world.bob.id, world.reviews.id, "/llmgate queue").warning
