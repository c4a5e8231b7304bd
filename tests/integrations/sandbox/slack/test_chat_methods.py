"""`chat.*` through the real client: where the bot may write, what an edit keeps, whom a message notifies."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.integrations.sandbox.slack.conftest import World, populate

SECTION: list[dict[str, Any]] = [{"type": "section", "text": {"type": "mrkdwn", "text": "words"}}]


@pytest.fixture
def world(office: World) -> World:
    return populate(office.slack, office.clock)


def test_a_message_is_posted_and_edited(world: World) -> None:
    ts = str(world.client.chat_postMessage(channel=world.reviews.id, text="one", blocks=SECTION)["ts"])
    world.client.chat_update(channel=world.reviews.id, ts=ts, text="two", blocks=SECTION)
    message = world.slack.messages(world.reviews.id)[0]
    assert (message.text, message.revision) == ("two", 1)


def test_an_edit_with_text_alone_removes_the_blocks(world: World) -> None:
    ts = str(world.client.chat_postMessage(channel=world.reviews.id, text="one", blocks=SECTION)["ts"])
    world.client.chat_update(channel=world.reviews.id, ts=ts, text="two")
    message = world.slack.messages(world.reviews.id)[0]
    assert message.blocks == []
    assert message.edited


def test_an_edit_of_the_blocks_alone_carries_no_mark(world: World) -> None:
    ts = str(world.client.chat_postMessage(channel=world.reviews.id, text="one", blocks=SECTION)["ts"])
    edit = {"channel": world.reviews.id, "ts": ts, "blocks": [*SECTION, {"type": "divider"}]}
    world.client.api_call("chat.update", json=edit)  # the SDK's own method warns where there is no text
    message = world.slack.messages(world.reviews.id)[0]
    assert (message.text, message.edited, len(message.blocks)) == ("one", False, 2)


def test_a_repeated_client_msg_id_posts_once(world: World) -> None:
    first = world.client.chat_postMessage(channel=world.reviews.id, text="one", client_msg_id="key")
    second = world.client.chat_postMessage(channel=world.reviews.id, text="one", client_msg_id="key")
    assert first["ts"] == second["ts"]
    assert len(world.slack.messages(world.reviews.id)) == 1


def test_the_same_client_msg_id_in_two_channels_posts_twice(world: World) -> None:
    other = world.slack.channel("#other")
    for channel in (world.reviews.id, other.id):
        world.client.chat_postMessage(channel=channel, text="one", client_msg_id="key")
    assert len(world.slack.messages(world.reviews.id)) == len(world.slack.messages(other.id)) == 1


def test_a_lost_answer_leaves_the_message_posted(world: World) -> None:
    world.slack.fail_next("chat.postMessage", 503, after=True)
    with pytest.raises(SlackApiError):
        world.client.chat_postMessage(channel=world.reviews.id, text="one", client_msg_id="key")
    ts = world.client.chat_postMessage(channel=world.reviews.id, text="one", client_msg_id="key")["ts"]
    assert [m.ts for m in world.slack.messages(world.reviews.id)] == [ts]


def test_a_reply_stands_in_its_thread(world: World) -> None:
    ts = str(world.client.chat_postMessage(channel=world.reviews.id, text="card")["ts"])
    world.client.chat_postMessage(channel=world.reviews.id, text="reply", thread_ts=ts)
    assert [m.text for m in world.slack.messages(world.reviews.id)] == ["card"]
    assert [m.text for m in world.slack.thread(world.reviews.id, ts)] == ["reply"]


def test_a_private_message_is_seen_by_one_person(world: World) -> None:
    world.client.chat_postEphemeral(channel=world.reviews.id, user=world.bob.id, text="psst")
    assert [m.text for m in world.slack.ephemerals(world.bob.id)] == ["psst"]
    assert world.slack.ephemerals(world.ann.id) == world.slack.messages(world.reviews.id) == []


def test_a_private_message_can_be_neither_edited_nor_deleted(world: World) -> None:
    ts = str(world.client.chat_postEphemeral(channel=world.reviews.id, user=world.bob.id, text="psst")["message_ts"])
    with pytest.raises(SlackApiError, match="message_not_found"):
        world.client.chat_update(channel=world.reviews.id, ts=ts, text="other")
    with pytest.raises(SlackApiError, match="message_not_found"):
        world.client.chat_delete(channel=world.reviews.id, ts=ts)


def test_refusals_of_a_post(world: World) -> None:
    elsewhere = world.slack.channel("#elsewhere", invited=False)
    secret = world.slack.channel("#secret", invited=False, private=True)
    archived = world.slack.channel("#archived", archived=True)
    expected = {
        "C404": "channel_not_found",
        secret.id: "channel_not_found",
        elsewhere.id: "not_in_channel",
        archived.id: "is_archived",
    }
    for channel, code in expected.items():
        with pytest.raises(SlackApiError) as refused:
            world.client.chat_postMessage(channel=channel, text="x")
        assert refused.value.response["error"] == code


def test_refusals_of_what_is_said(world: World) -> None:
    post = world.client.chat_postMessage
    with pytest.raises(SlackApiError, match="no_text"):
        world.client.api_call("chat.postMessage", json={"channel": world.reviews.id, "text": ""})
    with pytest.raises(SlackApiError, match="msg_too_long"):
        post(channel=world.reviews.id, text="x" * 40_001)
    with pytest.raises(SlackApiError, match="thread_not_found"):
        post(channel=world.reviews.id, text="x", thread_ts="1.000001")


def test_a_person_outside_the_channel_gets_no_private_message(world: World) -> None:
    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        world.client.chat_postEphemeral(channel=world.reviews.id, user=world.carol.id, text="psst")


def test_refusals_of_an_edit(world: World) -> None:
    said = world.slack.say(world.bob.id, world.reviews.id, "mine")
    with pytest.raises(SlackApiError, match="cant_update_message"):
        world.client.chat_update(channel=world.reviews.id, ts=said.ts, text="x")
    with pytest.raises(SlackApiError, match="message_not_found"):
        world.client.chat_update(channel=world.reviews.id, ts="1.000001", text="x")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        world.client.chat_update(channel=world.bob.id, ts=said.ts, text="x")


def test_an_edit_of_a_message_an_administrator_removed_finds_nothing(world: World) -> None:
    ts = str(world.client.chat_postMessage(channel=world.reviews.id, text="one")["ts"])
    world.slack.remove_message(world.reviews.id, ts)
    with pytest.raises(SlackApiError, match="message_not_found"):
        world.client.chat_update(channel=world.reviews.id, ts=ts, text="two")


def test_a_post_to_a_person_reaches_the_direct_channel(world: World) -> None:
    posted = world.client.chat_postMessage(channel=world.bob.id, text="hello")
    assert str(posted["channel"]).startswith("D")
    assert world.slack.messages(str(posted["channel"]))[0].notified == {world.bob.id}


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("<@BOB> look", {"bob"}),
        ("<!channel> look", {"ann", "bob"}),
        ("<!here|here> look", {"ann", "bob"}),
        ("<!subteam^S1> look", {"ann"}),
        ("<@CAROL> is not in the channel", set()),
        ("&lt;!channel&gt; &lt;@BOB&gt; escaped", set()),
        ("@channel @Bob by name", set()),
        ("<https://example.com|<!channel>>", {"ann", "bob"}),
    ],
)
def test_a_message_notifies(text: str, called: set[str], world: World) -> None:
    world.slack.group("S1", [world.ann.id, world.carol.id])
    said = text.replace("BOB", world.bob.id).replace("CAROL", world.carol.id)
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": said}}]
    world.client.chat_postMessage(channel=world.reviews.id, text="x", blocks=blocks)
    ids = {"ann": world.ann.id, "bob": world.bob.id}
    assert world.slack.messages(world.reviews.id)[0].notified == {ids[name] for name in called}


def test_plain_text_notifies_nobody(world: World) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": f"<!channel> <@{world.bob.id}>"}}]
    world.client.chat_postMessage(channel=world.reviews.id, text="x", blocks=blocks)
    assert world.slack.messages(world.reviews.id)[0].notified == frozenset()


def test_link_names_turns_names_into_mentions(world: World) -> None:
    world.client.chat_postMessage(channel=world.reviews.id, text="@channel", link_names=True)
    assert world.slack.messages(world.reviews.id)[0].notified == {world.ann.id, world.bob.id}


def test_a_permalink_names_channel_and_message(world: World) -> None:
    ts = str(world.client.chat_postMessage(channel=world.reviews.id, text="one")["ts"])
    link = world.client.chat_getPermalink(channel=world.reviews.id, message_ts=ts)["permalink"]
    assert link == f"https://sandbox.slack.com/archives/{world.reviews.id}/p{ts.replace('.', '')}"
