"""Who is there now: statuses, presence and quiet hours, in few calls, and without a word where Slack does not tell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.core.ids import ChatUser
from bot.ports.chat import ChatProfile
from integrations.slack.sightings import AT_ONCE
from tests.integrations.slack.stage import Stage


def user(stage: Stage, member: str) -> ChatUser:
    return ChatUser(stage.slack.team, member)


def seen(stage: Stage) -> ChatProfile:
    (profile,) = stage.chat.fetch_seen([user(stage, stage.maya.id)])
    return profile


def calls(stage: Stage, since: int = 0) -> list[str]:
    return [call.method for call in stage.slack.calls[since:] if call.method.startswith(("users.", "dnd."))]


def test_a_status_with_its_end_an_address_and_the_presence_are_told(stage: Stage) -> None:
    ends = int(stage.clock.now().timestamp()) + 3600
    stage.maya.status_text, stage.maya.status_emoji, stage.maya.status_until = "Out sick", ":face_with_thermometer:", ends
    stage.maya.away, stage.maya.email, stage.maya.tz = True, "maya.seen@acme.example", "Asia/Tokyo"
    found = seen(stage)
    assert (found.status_text, found.status_emoji) == ("Out sick", ":face_with_thermometer:")
    assert found.status_until == datetime.fromtimestamp(ends, UTC)
    assert (found.away, found.email, found.zone, found.quiet_until) == (True, "maya.seen@acme.example", "Asia/Tokyo", None)


def test_a_status_that_has_ended_is_none(stage: Stage) -> None:
    stage.maya.status_text, stage.maya.status_until = "Lunch", int(stage.clock.now().timestamp()) - 1
    assert (seen(stage).status_text, seen(stage).status_until, seen(stage).away) == ("", None, False)


def test_quiet_hours_are_told_while_they_last(stage: Stage) -> None:
    now = int(stage.clock.now().timestamp())
    stage.slack.workspace.snoozed[stage.maya.id] = (now - 60, now + 300)
    stage.slack.workspace.snoozed[stage.noor.id] = (now + 3600, now + 7200)
    maya, noor = stage.chat.fetch_seen([user(stage, stage.maya.id), user(stage, stage.noor.id)])
    assert (maya.quiet_until, noor.quiet_until) == (datetime.fromtimestamp(now + 300, UTC), None)
    stage.clock.advance(timedelta(minutes=5))
    assert seen(stage).quiet_until is None


def test_a_status_that_slack_has_just_told_of_is_known_without_asking(stage: Stage) -> None:
    assert seen(stage).status_text == ""
    stage.slack.change_member(stage.maya.id, status_text="Out sick")
    assert stage.slack.until(lambda: stage.desk.changed != [])
    before = len(stage.slack.calls)
    assert (seen(stage).status_text, seen(stage).away) == ("Out sick", False)
    assert calls(stage, before) == []


def test_a_look_at_many_asks_about_fifty_at_most_and_a_second_look_asks_nothing(stage: Stage) -> None:
    many = [user(stage, stage.slack.member(f"P{n}").id) for n in range(60)]
    before = len(stage.slack.calls)
    assert len(stage.chat.fetch_seen(many)) == 50
    asked = calls(stage, before)
    assert (asked.count("users.info"), asked.count("users.getPresence"), asked.count("dnd.teamInfo")) == (50, 50, 1)
    before = len(stage.slack.calls)
    assert len(stage.chat.fetch_seen(many)) == 50
    assert calls(stage, before) == []
    stage.clock.advance(timedelta(minutes=10))
    stage.chat.fetch_seen(many[:1])
    assert calls(stage, before) == ["users.info", "dnd.teamInfo", "users.getPresence"]


def test_without_the_scope_nothing_is_known_of_quiet_hours_and_all_else_is(stage: Stage) -> None:
    now = int(stage.clock.now().timestamp())
    stage.slack.workspace.snoozed[stage.maya.id] = (now - 60, now + 300)
    stage.maya.away = True
    stage.slack.scopes.discard("dnd:read")
    try:
        assert (seen(stage).quiet_until, seen(stage).away) == (None, True)
    finally:
        stage.slack.scopes.add("dnd:read")
    assert [call.answer for call in stage.slack.calls if call.method == "dnd.teamInfo"][-1] == "missing_scope"


def test_after_one_call_without_an_answer_nothing_more_is_asked_and_what_is_remembered_is_told(stage: Stage) -> None:
    maya, noor = user(stage, stage.maya.id), user(stage, stage.noor.id)
    stage.chat.fetch_profile(noor)
    stage.slack.fail_next("users.info", 429)
    before = len(stage.slack.calls)
    (found,) = stage.chat.fetch_seen([maya, noor])
    assert (found.user, found.away, found.quiet_until) == (noor, None, None)
    assert calls(stage, before) == ["users.info"]


def test_of_many_who_are_asked_about_at_once_few_more_are_after_one_without_an_answer(stage: Stage) -> None:
    many = [user(stage, stage.slack.member(f"Q{n}").id) for n in range(40)]
    before = len(stage.slack.calls)
    stage.slack.faults.down = True
    try:
        assert stage.chat.fetch_seen(many) == ()
    finally:
        stage.slack.faults.down = False
    assert len(calls(stage, before)) <= AT_ONCE


def test_whoever_is_gone_is_left_out_and_whoever_left_is_not_asked_about(stage: Stage) -> None:
    gone = stage.slack.member("Dan", deactivated=True)
    before = len(stage.slack.calls)
    (found,) = stage.chat.fetch_seen([user(stage, "U0NOBODY"), user(stage, gone.id)])
    assert (found.deactivated, found.away) == (True, None)
    assert calls(stage, before) == ["users.info", "users.info"]
