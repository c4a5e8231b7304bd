"""What is refused at start, what `doctor` reports, and a connection that comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.ports.errors import Refused
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.slack.fake import FakeSlack
from integrations.slack.chat import SlackChat
from integrations.slack.connection import Connection
from integrations.slack.diagnosis import diagnose
from integrations.slack.transport import SlackInbound, SocketMode
from tests.integrations.slack.stage import ScriptedDesk, Stage, settings_of, workspace


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    made = workspace(FakeClock())
    yield made
    made.close()


def inbound(slack: FakeSlack, connection: Connection) -> SlackInbound:
    return SlackInbound(connection, SlackChat(connection, slack.clock), ScriptedDesk())


def test_missing_scopes_are_refused_at_start_each_with_its_reason(slack: FakeSlack) -> None:
    slack.scopes -= {"users:read", "commands"}
    connection = Connection(settings_of(slack))
    with pytest.raises(Refused) as caught:
        inbound(slack, connection)
    assert "users:read (to see that a clicker is a full, active member" in str(caught.value)
    assert "commands (" in str(caught.value)
    connection.close()


def test_an_app_that_was_installed_before_a_scope_was_asked_for_starts_and_is_told_of_it(slack: FakeSlack) -> None:
    slack.scopes -= {"dnd:read"}
    connection = Connection(settings_of(slack))
    inbound(slack, connection).close()
    (scopes,) = [one for one in diagnose(connection, [], socket_mode=False) if one.name == "Slack scopes"]
    assert not scopes.ok
    assert "missing dnd:read (to know" in scopes.saw
    connection.close()


def test_a_token_of_another_kind_is_refused_at_start(slack: FakeSlack) -> None:
    connection = Connection(replace(settings_of(slack), bot_token="xoxp-1"))
    with pytest.raises(Refused, match="begin with xoxb-"):
        inbound(slack, connection)
    connection.close()


def test_socket_mode_without_an_app_token_is_refused_at_start(slack: FakeSlack) -> None:
    connection = Connection(replace(settings_of(slack), app_token=""))
    made = inbound(slack, connection)
    with pytest.raises(Refused, match="begin with xapp-"):
        SocketMode(made)
    made.close()
    connection.close()


def test_a_wrong_app_token_is_refused_with_its_cure(slack: FakeSlack) -> None:
    connection = Connection(replace(settings_of(slack), app_token="xapp-wrong"))
    made = inbound(slack, connection)
    socket = SocketMode(made)
    with pytest.raises(Refused, match=r"apps\.connections\.open with invalid_auth"):
        socket.start()
    assert not socket.connected
    made.close()
    connection.close()


@pytest.mark.parametrize("how", ["refresh", "drop"])
def test_a_lost_connection_comes_back(how: str) -> None:
    stage = Stage("socket", check_every_s=0.5)
    before = stage.slack.command(stage.maya.id, stage.channel, "/llmgate queue")
    (stage.slack.sockets.refresh if how == "refresh" else stage.slack.sockets.drop)()
    assert stage.slack.connected()
    after = stage.slack.command(stage.maya.id, stage.channel, "/llmgate queue")
    assert before.text == after.text == "heard: queue"
    stage.close()


def test_a_healthy_installation_is_said_to_be_so(slack: FakeSlack) -> None:
    channel = slack.channel("#reviews").id
    connection = Connection(replace(settings_of(slack), signing_secret="0123456789abcdef" * 2))
    for socket_mode in (True, False):
        found = diagnose(connection, [channel], socket_mode=socket_mode)
        assert [one.ok for one in found] == [True] * 4, found
    connection.close()


def test_each_fault_is_named_with_what_was_seen_and_the_cure(slack: FakeSlack) -> None:
    outside = slack.channel("#outside", invited=False).id
    old = slack.channel("#old", archived=True).id
    slack.scopes -= {"im:write"}
    connection = Connection(replace(settings_of(slack), app_token="xapp-wrong"))
    found = diagnose(connection, [outside, old, "C0NOWHERE"], socket_mode=True)
    assert [one.ok for one in found] == [True, False, False, False, False, False]
    _, scopes, socket, without, archived, nowhere = found
    assert "missing im:write (to reach a person" in scopes.saw
    assert "invalid_auth" in socket.saw
    assert without.saw == "#outside, without the app in it"
    assert "/invite @llmgate" in without.cure
    assert archived.saw == "#old, archived"
    assert "channel_not_found" in nowhere.saw
    connection.close()


def test_a_dead_token_stops_the_questions_that_need_it(slack: FakeSlack) -> None:
    slack.revoked = True
    connection = Connection(settings_of(slack))
    token, secret = diagnose(connection, ["C1"], socket_mode=False)
    assert (token.ok, "token_revoked" in token.saw, secret.name) == (False, True, "Slack signing secret")
    connection.close()
