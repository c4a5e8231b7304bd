"""Members change: the application hears how they are now, over both transports; and can ask for them afresh."""

from __future__ import annotations

import pytest

from bot.core.ids import ChatUser
from bot.ports.errors import Refused
from tests.integrations.slack.stage import Stage


def test_a_member_who_is_deactivated_is_told_of_with_what_they_are_now(stage: Stage) -> None:
    maya = ChatUser(stage.slack.team, stage.maya.id)
    stage.slack.change_member(maya.id, deactivated=True)
    assert stage.slack.until(lambda: stage.desk.changed != [])
    (profile,) = stage.desk.changed
    assert (profile.user, profile.deactivated, profile.guest, profile.stranger) == (maya, True, False, False)
    stage.slack.change_member(maya.id, deactivated=False, guest=True)
    assert stage.slack.until(lambda: len(stage.desk.changed) == 2)
    assert (stage.desk.changed[1].deactivated, stage.desk.changed[1].guest) == (False, True)


def test_what_was_remembered_of_a_member_gives_way_to_a_fresh_look(stage: Stage) -> None:
    maya = ChatUser(stage.slack.team, stage.maya.id)
    assert not stage.chat.fetch_profile(maya).deactivated
    stage.slack.workspace.members[maya.id].deactivated = True
    assert not stage.chat.fetch_profile(maya).deactivated
    assert stage.chat.fetch_profile(maya, fresh=True).deactivated
    assert stage.chat.fetch_profile(maya).deactivated


def test_an_address_leads_to_an_active_member_or_to_nobody(stage: Stage) -> None:
    stage.slack.workspace.members[stage.maya.id].email = "maya@acme.example"
    assert stage.chat.find_member("Maya@acme.example") == ChatUser(stage.slack.team, stage.maya.id)
    assert stage.chat.find_member("nobody@acme.example") is None
    stage.slack.scopes.discard("users:read.email")
    try:
        with pytest.raises(Refused, match=r"the app lacks users:read\.email"):
            stage.chat.find_member("maya@acme.example")
    finally:
        stage.slack.scopes.add("users:read.email")
