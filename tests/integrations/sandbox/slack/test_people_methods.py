"""Who and what there is: members, groups, channels, hours; lists that page for real."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError

from integrations.sandbox.slack.workspace import BOT_USER
from tests.integrations.sandbox.slack.conftest import World


def test_a_member_is_described_with_what_makes_them_fit_to_approve(world: World) -> None:
    guest = world.slack.member("Gil", tz="Asia/Tokyo", guest=True, email="gil@example.com")
    user = world.client.users_info(user=guest.id)["user"]
    assert (user["is_restricted"], user["is_bot"], user["deleted"], user["is_stranger"]) == (True, False, False, False)
    assert (user["tz"], user["tz_offset"], user["profile"]["email"]) == ("Asia/Tokyo", 9 * 3600, "gil@example.com")


def test_strangers_bots_and_deactivated_members_say_so(world: World) -> None:
    stranger = world.slack.member("Eve", stranger=True)
    robot = world.slack.member("Robo", bot=True)
    gone = world.slack.member("Dan", deactivated=True)
    assert world.client.users_info(user=stranger.id)["user"]["is_stranger"] is True
    assert world.client.users_info(user=stranger.id)["user"]["team_id"] != world.slack.team
    assert world.client.users_info(user=robot.id)["user"]["is_bot"] is True
    assert world.client.users_info(user=gone.id)["user"]["deleted"] is True


def test_an_unknown_member_is_refused(world: World) -> None:
    with pytest.raises(SlackApiError, match="user_not_found"):
        world.client.users_info(user="U404")


def test_the_list_of_members_pages(world: World) -> None:
    seen: list[str] = []
    for page in world.client.users_list(limit=2):
        seen += [user["id"] for user in page["members"]]
    assert seen == [BOT_USER, world.ann.id, world.bob.id, world.carol.id]
    assert [call.method for call in world.slack.calls] == ["users.list", "users.list"]


def test_a_group_lists_its_active_members(world: World) -> None:
    gone = world.slack.member("Dan", deactivated=True)
    world.slack.group("S1", [world.bob.id, gone.id])
    assert world.client.usergroups_users_list(usergroup="S1")["users"] == [world.bob.id]
    assert world.client.usergroups_list(include_users=True)["usergroups"][0]["users"] == [world.bob.id, gone.id]


def test_an_unknown_group_is_refused(world: World) -> None:
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        world.client.usergroups_users_list(usergroup="S404")


def test_a_direct_channel_is_opened_once(world: World) -> None:
    first = world.client.conversations_open(users=world.bob.id)["channel"]["id"]
    assert world.client.conversations_open(users=world.bob.id)["channel"]["id"] == first
    assert world.client.conversations_info(channel=first)["channel"]["user"] == world.bob.id


def test_no_direct_channel_with_a_deactivated_member_or_a_bot(world: World) -> None:
    with pytest.raises(SlackApiError, match="user_disabled"):
        world.client.conversations_open(users=world.slack.member("Dan", deactivated=True).id)
    with pytest.raises(SlackApiError, match="cannot_dm_bot"):
        world.client.conversations_open(users=world.slack.member("Robo", bot=True).id)


def test_a_channel_says_whether_the_bot_is_in_it(world: World) -> None:
    other = world.slack.channel("#other", invited=False, archived=True)
    described = world.client.conversations_info(channel=other.id)["channel"]
    assert (described["is_member"], described["is_archived"]) == (False, True)
    assert set(world.client.conversations_members(channel=world.reviews.id)["members"]) == world.reviews.members


def test_the_bot_joins_public_channels_only(world: World) -> None:
    public = world.slack.channel("#public", invited=False)
    hidden = world.slack.channel("#hidden", invited=False, private=True)
    world.client.conversations_join(channel=public.id)
    assert BOT_USER in public.members
    with pytest.raises(SlackApiError, match="channel_not_found"):
        world.client.conversations_join(channel=hidden.id)


def test_own_channels_leave_out_archived_ones_on_request(world: World) -> None:
    world.slack.channel("#old", archived=True)
    found = world.client.users_conversations(exclude_archived=True, types="public_channel")["channels"]
    assert [channel["name"] for channel in found] == ["reviews"]


def test_quiet_hours_are_told(world: World) -> None:
    world.slack.workspace.snoozed[world.bob.id] = (1_772_570_000, 1_772_600_000)
    assert world.client.dnd_info(user=world.bob.id)["next_dnd_end_ts"] == 1_772_600_000
    assert world.client.dnd_info(user=world.ann.id)["dnd_enabled"] is False


def test_the_workspace_and_the_bot_introduce_themselves(world: World) -> None:
    assert world.client.team_info()["team"]["id"] == world.slack.team
    assert world.client.bots_info(bot=world.client.auth_test()["bot_id"])["bot"]["user_id"] == BOT_USER


def test_a_member_is_seen_or_away(world: World) -> None:
    assert world.client.users_getPresence(user=world.bob.id)["presence"] == "active"
    world.bob.away = True
    assert world.client.users_getPresence(user=world.bob.id)["presence"] == "away"
    with pytest.raises(SlackApiError, match="user_not_found"):
        world.client.users_getPresence(user="U404")


def test_a_status_goes_by_itself(world: World) -> None:
    now = int(world.slack.workspace.seconds())
    world.bob.status_text, world.bob.status_until = "Out sick", now + 60
    profile = world.client.users_info(user=world.bob.id)["user"]["profile"]
    assert (profile["status_text"], profile["status_expiration"]) == ("Out sick", now + 60)
    world.bob.status_until = now
    profile = world.client.users_info(user=world.bob.id)["user"]["profile"]
    assert (profile["status_text"], profile["status_expiration"]) == ("", 0)


def test_quiet_hours_of_up_to_fifty_are_told_at_once(world: World) -> None:
    world.slack.workspace.snoozed[world.bob.id] = (1_772_570_000, 1_772_600_000)
    users = world.client.dnd_teamInfo(users=[world.bob.id, world.ann.id, "U404"])["users"]
    assert users[world.bob.id]["next_dnd_end_ts"] == 1_772_600_000
    assert users[world.ann.id]["dnd_enabled"] is False
    assert "U404" not in users
    with pytest.raises(SlackApiError, match="too_many_users"):
        world.client.dnd_teamInfo(users=["U404"] * 51)
    world.slack.scopes.discard("dnd:read")
    with pytest.raises(SlackApiError, match="missing_scope"):
        world.client.dnd_teamInfo(users=[world.bob.id])
