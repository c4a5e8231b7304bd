"""Dialogues and the home page: what a view may be, triggers that are spent once, hashes that guard."""

from __future__ import annotations

from datetime import timedelta
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


def field(block_id: str = "reason", **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "text"}
    return {"type": "input", "block_id": block_id, "label": plain("Reason"), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Approve"), "submit": plain("Sign"), "blocks": list(blocks), **more}


def opened(world: World, view: Json) -> Json:
    answer = world.client.views_open(trigger_id=world.slack.triggers.issue(world.bob.id), view=view)
    return dict(answer["view"])


def refusal(world: World, view: Json) -> str:
    with pytest.raises(SlackApiError) as refused:
        opened(world, view)
    messages = refused.value.response.get("response_metadata", {}).get("messages", [])
    return f"{refused.value.response['error']}: {' | '.join(messages)}"


def test_a_title_of_25_characters_is_refused(world: World) -> None:
    assert "json-pointer:/view/title/text" in refusal(world, modal(title=plain("t" * 25)))


def test_private_metadata_of_3001_characters_is_refused(world: World) -> None:
    assert "/view/private_metadata" in refusal(world, modal(private_metadata="m" * 3001))


def test_a_callback_id_of_256_characters_is_refused(world: World) -> None:
    assert "/view/callback_id" in refusal(world, modal(callback_id="c" * 256))


def test_an_input_without_submit_is_refused(world: World) -> None:
    view = modal(field())
    del view["submit"]
    assert "`submit` is required" in refusal(world, view)


def test_a_hundred_and_one_blocks_are_refused(world: World) -> None:
    assert "no more than 100 items" in refusal(world, modal(*[{"type": "divider"}] * 101))


def test_an_extra_field_of_a_view_is_refused(world: World) -> None:
    assert "invalid additional property: colour" in refusal(world, modal(colour="red"))


def test_a_home_page_may_have_no_title(world: World) -> None:
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        world.client.views_publish(user_id=world.bob.id, view={"type": "home", "title": plain("x"), "blocks": []})


def test_a_home_page_of_101_blocks_is_refused(world: World) -> None:
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        world.client.views_publish(user_id=world.bob.id, view={"type": "home", "blocks": [{"type": "divider"}] * 101})


def test_a_trigger_is_spent_once(world: World) -> None:
    trigger = world.slack.triggers.issue(world.bob.id)
    world.client.views_open(trigger_id=trigger, view=modal())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        world.client.views_open(trigger_id=trigger, view=modal())


def test_a_trigger_older_than_three_seconds_is_refused(world: World) -> None:
    trigger = world.slack.triggers.issue(world.bob.id)
    world.clock.advance(timedelta(seconds=3.1))
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        world.client.views_open(trigger_id=trigger, view=modal())


def test_an_invented_trigger_is_refused(world: World) -> None:
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        world.client.views_open(trigger_id="1.2.3", view=modal())


def test_a_fourth_dialogue_on_the_stack_is_refused(world: World) -> None:
    opened(world, modal())
    for _ in range(2):
        world.client.views_push(trigger_id=world.slack.triggers.issue(world.bob.id), view=modal())
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        world.client.views_push(trigger_id=world.slack.triggers.issue(world.bob.id), view=modal())


def test_an_update_with_an_old_hash_conflicts(world: World) -> None:
    view = opened(world, modal())
    world.client.views_update(view_id=view["id"], hash=view["hash"], view=modal(title=plain("Two")))
    with pytest.raises(SlackApiError, match="hash_conflict"):
        world.client.views_update(view_id=view["id"], hash=view["hash"], view=modal(title=plain("Three")))
    assert world.slack.open_views(world.bob.id)[0].title == "Two"


def test_an_update_of_a_closed_dialogue_finds_nothing(world: World) -> None:
    view = opened(world, modal())
    world.slack.close_view(world.bob.id)
    with pytest.raises(SlackApiError, match="not_found"):
        world.client.views_update(view_id=view["id"], view=modal())


def test_typed_input_stays_where_its_block_keeps_its_id(world: World) -> None:
    view = opened(world, modal(field("kept"), field("renamed")))
    world.slack.fill(world.bob.id, world.slack.open_views(world.bob.id)[0], {"kept": "one", "renamed": "two"})
    updated = world.client.views_update(view_id=view["id"], view=modal(field("kept"), field("anew")))
    values = updated["view"]["state"]["values"]
    assert values == {
        "kept": {"text": {"type": "plain_text_input", "value": "one"}},
        "anew": {"text": {"type": "plain_text_input", "value": None}},
    }


def test_a_person_types_only_into_what_is_there(world: World) -> None:
    opened(world, modal(field()))
    with pytest.raises(LookupError, match="no input 'colour'; it has"):
        world.slack.fill(world.bob.id, world.slack.open_views(world.bob.id)[0], {"colour": "red"})


def test_slacks_window_counts_the_characters_itself(world: World) -> None:
    element = {"type": "plain_text_input", "action_id": "text", "min_length": 5}
    opened(world, modal(field(element=element)))
    assert world.slack.submit(world.bob.id, {"reason": "abc"}).errors == {"reason": "Please write at least 5 characters."}


def test_an_optional_input_may_stay_empty(world: World) -> None:
    opened(world, modal(field(optional=True)))
    seen = world.slack.submit(world.bob.id)
    assert seen.errors == {}
    assert seen.warning  # nobody is connected, so it went out and was lost


def picker(kind: str, **more: Any) -> Json:
    element = {"type": kind, "action_id": "pick", **more}
    return {"type": "input", "block_id": "pick", "label": plain("Pick"), "element": element}


@pytest.mark.parametrize(
    ("element", "said"),
    [
        (picker("timepicker", initial_time="24:00"), "must be a time in the format HH:mm"),
        (picker("timepicker", initial_time="9:00"), "must be a time in the format HH:mm"),
        (picker("datepicker", initial_date="24.12.2026"), "must be a date in the format YYYY-MM-DD"),
        (picker("datepicker", initial_time="09:00"), "invalid additional property: initial_time"),
        (picker("users_select", initial_user="U0NOBODY"), "invalid initial_user U0NOBODY"),
        (picker("static_select", options=[]), "no fewer than 1 items"),
    ],
)
def test_a_picker_that_slack_would_refuse_is_refused(world: World, element: Json, said: str) -> None:
    assert said in refusal(world, modal(element))


@pytest.mark.parametrize(
    ("element", "typed", "comes_back"),
    [
        (picker("timepicker", initial_time="09:00"), "", {"selected_time": None}),
        (picker("timepicker"), "17:30", {"selected_time": "17:30"}),
        (picker("datepicker"), "2026-12-24", {"selected_date": "2026-12-24"}),
        (picker("users_select"), "U0SOMEBODY", {"selected_user": "U0SOMEBODY"}),
    ],
)
def test_what_was_picked_comes_back_under_slacks_own_name(world: World, element: Json, typed: str, comes_back: Json) -> None:
    opened(world, modal({**element, "optional": True}))
    view = world.slack.open_views(world.bob.id)[-1]
    world.slack.fill(world.bob.id, view, {"pick": typed})
    assert view.values["pick"]["pick"] == {"type": element["element"]["type"], **comes_back}


def test_a_picker_takes_nothing_that_it_could_not_show(world: World) -> None:
    opened(world, modal(picker("datepicker")))
    with pytest.raises(LookupError, match="takes no 'soon'"):
        world.slack.fill(world.bob.id, world.slack.open_views(world.bob.id)[-1], {"pick": "soon"})
    assert world.slack.submit(world.bob.id).errors == {"pick": "Please complete this required field."}


def test_a_button_in_a_direct_message_opens_a_dialogue_and_is_edited_by_the_channels_id(world: World) -> None:
    channel = world.client.conversations_open(users=world.carol.id)["channel"]["id"]
    assert channel.startswith("D")
    row = {"type": "actions", "elements": [{"type": "button", "text": plain("Snooze"), "action_id": "snooze", "value": "tok"}]}
    ts = world.client.chat_postMessage(channel=channel, text="It waits", blocks=[row])["ts"]
    assert world.slack.messages(channel)[-1].notified == {world.carol.id}
    with pytest.raises(SlackApiError, match="channel_not_found"):
        world.client.chat_update(channel=world.carol.id, ts=ts, text="It is over")
    assert world.client.chat_update(channel=channel, ts=ts, text="It is over")["ok"]
    opened_for = world.slack.triggers.issue(world.carol.id)
    assert world.client.views_open(trigger_id=opened_for, view=modal(field()))["ok"]
    assert [view.title for view in world.slack.open_views(world.carol.id)] == ["Approve"]
