"""What a person does on the page reaches the app and the forge, and what comes of it is said."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.sandbox.serve import Served
from integrations.sandbox.slack.fake import await_listening
from tests.integrations.sandbox.page.conftest import Desk

Json = dict[str, Any]


class Listener:
    """An app that takes everything and keeps the form fields it was sent."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.served = Served(Starlette(routes=[Route("/", self._take, methods=["POST"])]))
        await_listening(self.served.port)

    async def _take(self, request: Request) -> Response:
        self.heard.append((await request.body()).decode())
        return JSONResponse({})


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.served.close()


@pytest.fixture
def app(desk: Desk, listener: Listener) -> Listener:
    desk.slack.request_url = f"{listener.served.url}/"
    listener.heard.clear()
    return listener


def button(desk: Desk) -> str:
    element = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go", "value": "token-1"}
    blocks = [{"type": "actions", "block_id": "row", "elements": [element]}]
    return str(desk.client.chat_postMessage(channel=desk.reviews.id, text="x", blocks=blocks)["ts"])


def test_a_pressed_button_reaches_the_app(desk: Desk, app: Listener) -> None:
    press = {"verb": "press", "where": "message", "channel": desk.reviews.id, "ts": button(desk), "control": "row/go"}
    assert desk.act(**press) == {"status": 200, "said": ""}
    assert "block_actions" in app.heard[0]
    assert "token-1" in app.heard[0]


def test_a_press_that_nobody_takes_is_said_to_be_lost(desk: Desk) -> None:
    press = {"verb": "press", "where": "message", "channel": desk.reviews.id, "ts": button(desk), "control": "row/go"}
    assert "not responding" in desk.act(**press)["said"]


def test_a_slash_command_is_sent_from_the_channel_only(desk: Desk, app: Listener) -> None:
    desk.act(verb="compose", channel=desk.reviews.id, thread="", line="/llmgate status 7")
    assert "text=status+7" in app.heard[0]
    said = desk.act(verb="compose", channel=desk.reviews.id, thread=button(desk), line="/llmgate status 7")["said"]
    assert "not in a thread" in said
    assert len(app.heard) == 1


def test_a_mention_in_the_thread_is_an_event_and_a_message(desk: Desk, app: Listener) -> None:
    ts = button(desk)
    desk.act(verb="compose", channel=desk.reviews.id, thread=ts, line="@llmgate status")
    assert "app_mention" in app.heard[0]
    assert desk.slack.thread(desk.reviews.id, ts)[0].text.endswith("> status")


def test_mere_words_never_reach_the_app(desk: Desk, app: Listener) -> None:
    desk.act(verb="compose", channel=desk.reviews.id, thread="", line="lgtm")
    assert [m.text for m in desk.slack.messages(desk.reviews.id)] == ["lgtm"]
    assert app.heard == []


def test_a_dialogue_is_filled_sent_and_closed(desk: Desk, app: Listener) -> None:
    element = {"type": "plain_text_input", "action_id": "a"}
    block = {"type": "input", "block_id": "why", "label": {"type": "plain_text", "text": "Why"}, "element": element}
    title = {"type": "plain_text", "text": "Say"}
    view = {"type": "modal", "title": title, "submit": title, "blocks": [block]}
    for _ in range(2):
        desk.client.views_open(trigger_id=desk.slack.triggers.issue(desk.bob.id), view=view)
    desk.act(verb="submit", values={"why": "because"})
    assert "view_submission" in app.heard[0]
    assert "because" in app.heard[0]
    desk.act(verb="close_view")
    assert desk.slack.open_views(desk.bob.id) == []


def test_opening_the_home_tab_tells_the_app(desk: Desk, app: Listener) -> None:
    desk.act(verb="open_home")
    assert "app_home_opened" in app.heard[0]


def test_merge_and_push_go_to_the_forge(desk: Desk) -> None:
    assert desk.act(verb="push", number="7")["said"] == "pushed to #7"
    assert "Another" in desk.parts(user=desk.bob.id)["change"]
    assert desk.act(verb="merge", number="7")["said"] == "#7 is merged"
    assert "This pull request is merged" in desk.parts(user=desk.bob.id)["change"]


@pytest.mark.parametrize(
    "act",
    [
        {"verb": "dance"},
        {"verb": "press", "where": "message", "channel": "C404", "ts": "1.1", "control": "x"},
        {"verb": "press"},
        {"verb": "submit", "values": {}},
        {"verb": "submit", "values": 7},
        {"verb": "merge", "number": "seven"},
        {"verb": "compose", "channel": "C404", "line": "words"},
    ],
    ids=lambda act: "-".join(str(value) for value in act.values()).replace(" ", ""),
)
def test_an_act_that_makes_no_sense_is_refused(act: Json, desk: Desk) -> None:
    answer = desk.act(**act)
    assert answer["status"] == 400
    assert answer["said"]


def test_an_act_from_a_form_of_another_site_is_refused(desk: Desk) -> None:
    request = urllib.request.Request(f"{desk.url}/act", b'{"verb": "merge", "number": "7"}', {"Content-Type": "text/plain"})
    with pytest.raises(urllib.error.HTTPError, match="415") as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    assert desk.forge.shown[0].state == "open"


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_a_body_that_is_no_object_is_refused(body: bytes, desk: Desk) -> None:
    request = urllib.request.Request(f"{desk.url}/act", body, {"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError, match="400") as refused:
        urllib.request.urlopen(request)
    refused.value.close()
