"""Socket Mode below Bolt: envelopes to one of several connections, reconnecting, lost acknowledgements, retried events."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.integrations.sandbox.slack.conftest import World

Json = dict[str, Any]


def link(world: World) -> str:
    answer = WebClient(base_url=world.slack.api_url).apps_connections_open(app_token=world.slack.app_token)
    return str(answer["url"])


def connection(world: World) -> ClientConnection:
    return connect(link(world), open_timeout=5)


def heard(socket: ClientConnection) -> Json:
    return dict(json.loads(socket.recv(timeout=5)))


def test_a_connection_is_greeted_with_the_number_of_connections(world: World) -> None:
    with connection(world) as one, connection(world) as two:
        assert (heard(one)["type"], heard(two)["num_connections"]) == ("hello", 2)


def test_a_link_is_good_for_one_connection(world: World) -> None:
    url = link(world)
    with connect(url, open_timeout=5), pytest.raises(InvalidStatus), connect(url, open_timeout=5):
        pass


def test_each_envelope_goes_to_one_of_the_connections(world: World) -> None:
    world.slack.voice.ack_limit_s = 0.05
    with connection(world) as one, connection(world) as two:
        assert world.slack.connected(2)
        heard(one), heard(two)
        for line in ("/llmgate a", "/llmgate b"):
            world.slack.command(world.bob.id, world.reviews.id, line)
        said = {heard(one)["payload"]["text"], heard(two)["payload"]["text"]}
    assert said == {"a", "b"}


def test_more_than_ten_connections_are_refused(world: World) -> None:
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(connection(world))
        assert world.slack.connected(10)
        with pytest.raises(SlackApiError, match="too_many_connections"):
            link(world)


def test_a_refresh_says_goodbye_before_it_hangs_up(world: World) -> None:
    with connection(world) as one:
        heard(one)
        assert world.slack.connected()
        world.slack.drop_connections(announced=True)
        assert heard(one)["type"] == "disconnect"
        with pytest.raises(ConnectionClosed):
            one.recv(timeout=5)
    assert world.slack.sockets.count == 0


def test_an_interaction_that_is_not_acknowledged_is_lost_and_not_repeated(world: World) -> None:
    world.slack.voice.ack_limit_s = 0.05
    with connection(world) as one:
        assert world.slack.connected()
        assert "not responding" in world.slack.command(world.bob.id, world.reviews.id, "/llmgate a").warning
        assert world.slack.retry_due() == 0
        assert [heard(one)["type"], heard(one)["type"]] == ["hello", "slash_commands"]


def test_an_event_that_is_not_acknowledged_is_said_again_at_once_then_after_one_and_five_minutes(world: World) -> None:
    world.slack.voice.ack_limit_s = 0.05
    with connection(world) as one:
        assert world.slack.connected()
        heard(one)
        world.slack.open_home(world.bob.id)
        said = [world.slack.retry_due(), world.slack.retry_due()]
        for seconds in (60, 299, 1, 3600):
            world.clock.advance(timedelta(seconds=seconds))
            said.append(world.slack.retry_due())
        events = [heard(one) for _ in range(4)]
    assert said == [1, 0, 1, 0, 1, 0]
    assert [event["retry_attempt"] for event in events] == [0, 1, 2, 3]
    assert len({event["payload"]["event_id"] for event in events}) == 1


def test_a_command_text_arrives_escaped_with_ids(world: World) -> None:
    world.slack.voice.ack_limit_s = 0.05
    with connection(world) as one:
        assert world.slack.connected()
        heard(one)
        world.slack.command(world.bob.id, world.reviews.id, "/llmgate status https://example.com/a?b=1&c @Ann <b>")
        text = heard(one)["payload"]["text"]
    assert text == f"status <https://example.com/a?b=1&amp;c> <@{world.ann.id}|Ann> &lt;b&gt;"


def test_a_click_outside_ones_channels_is_not_possible(world: World) -> None:
    with pytest.raises(LookupError, match="is not in reviews"):
        world.slack.command(world.carol.id, world.reviews.id, "/llmgate queue")
