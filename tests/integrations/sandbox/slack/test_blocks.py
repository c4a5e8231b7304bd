"""Block Kit's limits, one by one, through the real client: what Slack refuses is refused here, with the place named."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.integrations.sandbox.slack.conftest import World, populate

Json = dict[str, Any]


@pytest.fixture
def world(office: World) -> World:
    return populate(office.slack, office.clock)


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain("Go"), **more}


def option(value: str = "v", text: str = "t") -> Json:
    return {"text": plain(text), "value": value}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


BROKEN = {
    "fifty-one blocks": ([section("x")] * 51, "no more than 50 items allowed", "/blocks"),
    "a section of 3001 characters": ([section("x" * 3001)], "less than 3001", "/blocks/0/text/text"),
    "an empty text": ([section("")], "more than 0", "/blocks/0/text/text"),
    "eleven fields": ([{"type": "section", "fields": [plain("f")] * 11}], "no more than 10", "/blocks/0/fields"),
    "a field of 2001": ([{"type": "section", "fields": [plain("f" * 2001)]}], "less than 2001", "/blocks/0/fields/0/text"),
    "a section that says nothing": ([{"type": "section"}], "text or fields", "/blocks/0"),
    "a header of 151": ([{"type": "header", "text": plain("h" * 151)}], "less than 151", "/blocks/0/text/text"),
    "a header in mrkdwn": (
        [{"type": "header", "text": section("x")["text"]}],
        "unsupported type: mrkdwn",
        "/blocks/0/text/type",
    ),
    "eleven context elements": ([{"type": "context", "elements": [plain("c")] * 11}], "no more than 10", "/blocks/0/elements"),
    "twenty-six controls": ([actions(*[button()] * 26)], "no more than 25", "/blocks/0/elements"),
    "no controls": ([actions()], "no fewer than 1", "/blocks/0/elements"),
    "a label of 76": ([actions({"type": "button", "text": plain("b" * 76)})], "less than 76", "/blocks/0/elements/0/text/text"),
    "a value of 2001": ([actions(button(value="v" * 2001))], "less than 2001", "/blocks/0/elements/0/value"),
    "an address of 3001": ([actions(button(url="u" * 3001))], "less than 3001", "/blocks/0/elements/0/url"),
    "an action_id of 256": ([actions(button(action_id="a" * 256))], "less than 256", "/blocks/0/elements/0/action_id"),
    "a block_id of 256": ([section("x", block_id="b" * 256)], "less than 256", "/blocks/0/block_id"),
    "an unknown style": ([actions(button(style="loud"))], "must be one of: primary, danger", "/blocks/0/elements/0/style"),
    "a button without text": ([actions({"type": "button"})], "missing required field: text", "/blocks/0/elements/0"),
    "six overflow options": (
        [actions({"type": "overflow", "options": [option(str(n)) for n in range(6)]})],
        "no more than 5",
        "/blocks/0/elements/0/options",
    ),
    "an option value of 151": (
        [actions({"type": "overflow", "options": [option("v" * 151)]})],
        "less than 151",
        "/blocks/0/elements/0/options/0/value",
    ),
    "two equal option values": (
        [actions({"type": "overflow", "options": [option()] * 2})],
        "duplicate option value",
        "/options",
    ),
    "eleven checkboxes": (
        [actions({"type": "checkboxes", "options": [option(str(n)) for n in range(11)]})],
        "no more than 10",
        "/blocks/0/elements/0/options",
    ),
    "an unknown block": ([{"type": "carousel3d"}], "unsupported type: carousel3d", "/blocks/0/type"),
    "an unknown element": ([actions({"type": "lever"})], "unsupported type: lever", "/blocks/0/elements/0/type"),
    "a block without type": ([{"text": plain("x")}], "missing required field: type", "/blocks/0"),
    "an extra field": ([section("x", colour="red")], "invalid additional property: colour", "/blocks/0]"),
    "two equal block_ids": ([section("x", block_id="b"), section("y", block_id="b")], "used twice", "/blocks/1/block_id"),
    "two equal action_ids": ([actions(button(action_id="a"), button(action_id="a"))], "used twice in one block", "/blocks/0"),
    "markdown of 12001": ([{"type": "markdown", "text": "m" * 12_001}], "less than 12001", "/blocks/0/text"),
    "a confirmation title of 101": (
        [actions(button(confirm={"title": plain("t" * 101), "text": plain("x"), "confirm": plain("y"), "deny": plain("n")}))],
        "less than 101",
        "/confirm/title/text",
    ),
}


@pytest.mark.parametrize("case", BROKEN, ids=lambda name: name.replace(" ", "-"))
def test_a_message_is_refused_for(case: str, world: World) -> None:
    blocks, what, where = BROKEN[case]
    with pytest.raises(SlackApiError) as refused:
        world.client.chat_postMessage(channel=world.reviews.id, text="t", blocks=blocks)
    assert refused.value.response["error"] == "invalid_blocks"
    said = " | ".join(refused.value.response["response_metadata"]["messages"])
    assert what in said
    assert where in said
    assert world.slack.messages(world.reviews.id) == []


def test_blocks_that_are_each_legal_may_be_too_long_together(world: World) -> None:
    fits = [section("x" * 2640) for _ in range(5)]
    world.client.chat_postMessage(channel=world.reviews.id, text="t", blocks=fits)
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        world.client.chat_postMessage(channel=world.reviews.id, text="t", blocks=[*fits, section("x")])


def test_the_longest_of_everything_passes(world: World) -> None:
    blocks = [
        section("x" * 3000, block_id="b" * 255),
        {"type": "header", "text": plain("h" * 150)},
        actions(button(value="v" * 2000, url="https://" + "u" * 2992, action_id="a" * 255)),
        *[{"type": "divider"}] * 47,
    ]
    assert world.client.chat_postMessage(channel=world.reviews.id, text="t", blocks=blocks)["ok"]


def test_blocks_that_are_not_json_are_refused(world: World) -> None:
    with pytest.raises(SlackApiError, match="invalid_blocks_format"):
        world.client.chat_postMessage(channel=world.reviews.id, text="t", blocks="[{")


def test_the_same_action_id_in_two_blocks_is_legal(world: World) -> None:
    blocks = [actions(button(action_id="a"), block_id="one"), actions(button(action_id="a"), block_id="two")]
    assert world.client.chat_postMessage(channel=world.reviews.id, text="t", blocks=blocks)["ok"]


def test_a_name_that_two_controls_carry_points_at_neither(world: World) -> None:
    blocks = [actions(button(action_id="a"), block_id="one"), actions(button(action_id="a"), block_id="two")]
    ts = world.client.chat_postMessage(channel=world.reviews.id, text="t", blocks=blocks)["ts"]
    with pytest.raises(LookupError, match=r"2 controls are called 'a'.*one/a"):
        world.slack.click(world.bob.id, world.reviews.id, str(ts), "a")
