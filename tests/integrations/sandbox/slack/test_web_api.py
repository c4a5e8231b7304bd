"""The Web API's door: tokens, scopes, limits, ordered trouble, and requests nobody modelled."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.integrations.sandbox.slack.conftest import World


def test_the_scopes_of_the_token_come_with_each_answer(world: World) -> None:
    answer = world.client.auth_test()
    assert "chat:write" in str(answer.headers["x-oauth-scopes"]).split(",")
    assert (answer["team_id"], answer["user_id"]) == (world.slack.team, world.slack.bot_user)


def test_a_call_without_a_token_is_not_authed(world: World) -> None:
    with pytest.raises(SlackApiError, match="not_authed"):
        WebClient(base_url=world.slack.api_url).auth_test()


def test_a_wrong_token_is_refused(world: World) -> None:
    with pytest.raises(SlackApiError, match="invalid_auth"):
        WebClient("xoxb-wrong", base_url=world.slack.api_url).auth_test()


def test_a_revoked_token_is_refused(world: World) -> None:
    world.slack.revoked = True
    with pytest.raises(SlackApiError, match="token_revoked"):
        world.client.auth_test()


def test_each_token_opens_its_own_methods_only(world: World) -> None:
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        world.client.apps_connections_open(app_token=world.slack.bot_token)
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        WebClient(world.slack.app_token, base_url=world.slack.api_url).auth_test()


def test_a_missing_scope_is_named_with_those_provided(world: World) -> None:
    world.slack.scopes = {"chat:write", "commands"}
    with pytest.raises(SlackApiError) as refused:
        world.client.users_info(user=world.bob.id)
    answer = refused.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "users:read", "chat:write,commands")


def test_history_is_never_readable(world: World) -> None:
    with pytest.raises(SlackApiError, match="missing_scope"):
        world.client.conversations_history(channel=world.reviews.id)


def test_a_method_nobody_modelled_is_refused_and_noted(world: World) -> None:
    with pytest.raises(SlackApiError, match="unknown_method"):
        world.client.api_call("emoji.list")
    assert world.slack.unmodelled == ["emoji.list"]


def test_an_argument_nobody_modelled_is_noted(world: World) -> None:
    world.client.chat_postMessage(channel=world.reviews.id, text="x", attachments=[])
    assert world.slack.unmodelled == ["chat.postMessage: attachments"]


def test_a_page_nobody_modelled_is_refused_and_noted(world: World) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404") as refused:
        urllib.request.urlopen(f"{world.slack.url}/oauth/v2/authorize")
    refused.value.close()
    assert world.slack.unmodelled == ["GET /oauth/v2/authorize"]


def test_a_missing_argument_is_named(world: World) -> None:
    with pytest.raises(SlackApiError, match="missing required field: channel"):
        world.client.api_call("chat.postMessage", json={"text": "x"})


def test_one_message_a_second_in_a_channel(world: World) -> None:
    world.slack.rate_limits = True
    other = world.slack.channel("#other")
    world.client.chat_postMessage(channel=world.reviews.id, text="one")
    world.client.chat_postMessage(channel=other.id, text="one")
    with pytest.raises(SlackApiError) as refused:
        world.client.chat_postMessage(channel=world.reviews.id, text="two")
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "1"
    world.clock.advance(timedelta(seconds=1))
    assert world.client.chat_postMessage(channel=world.reviews.id, text="two")["ok"]


def test_a_tier_allows_so_many_calls_a_minute(world: World) -> None:
    world.slack.rate_limits = True
    for _ in range(20):
        world.client.usergroups_list()
    world.clock.advance(timedelta(seconds=15))
    with pytest.raises(SlackApiError) as refused:
        world.client.usergroups_list()
    assert refused.value.response.headers["Retry-After"] == "45"
    world.clock.advance(timedelta(seconds=45))
    assert world.client.usergroups_list()["ok"]


def test_limits_are_off_unless_asked_for(world: World) -> None:
    for n in range(3):
        world.client.chat_postMessage(channel=world.reviews.id, text=str(n))
    assert len(world.slack.messages(world.reviews.id)) == 3


def test_ordered_trouble_comes_so_many_times(world: World) -> None:
    world.slack.fail_next("chat.postMessage", "is_archived", times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError, match="is_archived"):
            world.client.chat_postMessage(channel=world.reviews.id, text="x")
    assert world.client.chat_postMessage(channel=world.reviews.id, text="x")["ok"]


def test_an_ordered_429_names_when_to_come_back(world: World) -> None:
    world.slack.fail_next("chat.update", 429, retry_after=30)
    with pytest.raises(SlackApiError) as refused:
        world.client.chat_update(channel=world.reviews.id, ts="1.1", text="x")
    assert refused.value.response.headers["Retry-After"] == "30"
    assert refused.value.response["error"] == "ratelimited"


def test_calls_are_logged_without_their_token(world: World) -> None:
    world.client.chat_postMessage(channel=world.reviews.id, text="x")
    call = world.slack.calls[-1]
    assert (call.method, call.arguments["text"], call.answer) == ("chat.postMessage", "x", "ok")
    assert world.slack.bot_token not in repr(world.slack.calls)
