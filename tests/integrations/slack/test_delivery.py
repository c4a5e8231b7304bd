"""Actions reach the workspace: posted once, edited after, whispered where the person is; and how Slack's refusals read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.core.actions import SayInThread, ShowAsk, ShowCard, ShowHome, Whisper
from bot.core.ids import ChangeRef, ChatUser, RepoRef
from bot.core.notice import Home, HomePart, Notice, text
from bot.ports.chat import MessageRef
from bot.ports.errors import RateLimited, Refused, Unavailable, Vanished, WorldError
from integrations.sandbox.clock import FakeClock
from integrations.slack.chat import SlackChat
from integrations.slack.connection import Connection
from tests.integrations.slack.stage import line, settings_of, workspace

CHANGE = ChangeRef(RepoRef("github", "github.com", "acme/shop"), 12)


class Post:
    """A workspace with one channel, and the adapter's outgoing half."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.slack = workspace(self.clock)
        self.connection = Connection(settings_of(self.slack))
        self.chat = SlackChat(self.connection, self.clock)
        self.maya = self.slack.member("Maya", tz="Europe/Vienna")
        self.channel = self.slack.channel("#reviews").id
        self.user = ChatUser(self.slack.team, self.maya.id)

    def card(self, words: str = "acme/shop#12 waits", key: str = "card:1", shown: MessageRef | None = None) -> MessageRef:
        made = self.chat.deliver(ShowCard(CHANGE, self.channel, line(words)), shown, None, key)
        assert made is not None
        return made

    def whisper(self, channel: str, thread: str = "") -> None:
        assert self.chat.deliver(Whisper(self.user, channel, line("psst"), "w", thread), None, None, "w:1") is None


@pytest.fixture
def post() -> Iterator[Post]:
    made = Post()
    yield made
    made.connection.close()
    made.slack.close()


def test_a_card_is_posted_once_and_edited_after(post: Post) -> None:
    first = post.card()
    assert post.card() == first, "the same key again, as after a crash that forgot the answer"
    assert post.card("acme/shop#12 may merge", "card:2", first) == first
    assert [message.text for message in post.slack.messages(post.channel)] == ["acme/shop#12 may merge"]
    assert post.slack.unmodelled == []


def test_a_lost_answer_does_not_post_twice(post: Post) -> None:
    post.slack.fail_next("chat.postMessage", 502, after=True)
    with pytest.raises(Unavailable):
        post.card()
    post.card()
    assert len(post.slack.messages(post.channel)) == 1


def test_asks_and_lines_go_under_the_card(post: Post) -> None:
    card = post.card()
    ask = ShowAsk(CHANGE, post.channel, "maya", "1a2b", line("Maya, please"))
    asked = post.chat.deliver(ask, None, card, "ask:1")
    post.chat.deliver(SayInThread(CHANGE, post.channel, line("Noor approved"), "n"), None, card, "say:1")
    assert post.chat.deliver(ShowAsk(CHANGE, post.channel, "maya", "1a2b", line("over")), asked, card, "ask:2") == asked
    assert [message.text for message in post.slack.thread(post.channel, card.ts)] == ["over", "Noor approved"]


def test_without_a_card_there_is_nothing_to_answer_under(post: Post) -> None:
    with pytest.raises(Vanished, match="no card"):
        post.chat.deliver(SayInThread(CHANGE, post.channel, line("x"), "n"), None, None, "say:1")


def test_a_whisper_is_ephemeral_in_its_thread(post: Post) -> None:
    card = post.card()
    post.whisper(post.channel, card.ts)
    (heard,) = post.slack.ephemerals(post.maya.id)
    assert (heard.channel, heard.thread_ts, heard.text) == (post.channel, card.ts, "psst")


@pytest.mark.parametrize("place", ["elsewhere", "left", "none"])
def test_a_whisper_that_cannot_be_said_there_is_a_direct_message(post: Post, place: str) -> None:
    elsewhere = post.slack.channel("#other", invited=False, members=[post.maya.id]).id
    if place == "left":
        post.slack.leave(post.channel, post.maya.id)
    post.whisper({"elsewhere": elsewhere, "left": post.channel, "none": ""}[place])
    assert post.slack.ephemerals(post.maya.id) == []
    direct = post.slack.workspace.direct(post.maya.id).id
    assert [message.text for message in post.slack.messages(direct)] == ["psst"]


def test_a_direct_message_is_posted_once_for_its_key(post: Post) -> None:
    first = post.chat.tell(post.user, line("acme/shop#7 waits for you"), "remind:1")
    assert first.channel.startswith("D")
    assert post.chat.tell(post.user, line("acme/shop#7 waits for you"), "remind:1") == first
    post.chat.tell(post.user, line("and acme/shop#8"), "remind:2")
    assert [message.text for message in post.slack.messages(first.channel)] == ["acme/shop#7 waits for you", "and acme/shop#8"]


def test_who_has_left_the_workspace_cannot_be_told(post: Post) -> None:
    gone = post.slack.member("Gone", deactivated=True)
    with pytest.raises((Refused, Vanished)):
        post.chat.tell(ChatUser(post.slack.team, gone.id), line("hello"), "remind:3")


def test_a_home_page_is_published(post: Post) -> None:
    post.chat.deliver(
        ShowHome(post.user, Home(text("My queue"), (HomePart("Waiting for you", (line("acme/shop#12"),)),))),
        None,
        None,
        "home:1",
    )
    home = post.slack.home(post.maya.id)
    assert home is not None
    assert "My queue" in str(home.blocks[0])


def test_a_title_that_shouts_notifies_nobody(post: Post) -> None:
    shout = f"<!channel> <@{post.maya.id}> @channel *hi*"
    shown = post.chat.deliver(ShowCard(CHANGE, post.channel, Notice(shout, "bad", text(shout))), None, None, "c")
    assert shown is not None
    (message,) = post.slack.messages(post.channel)
    assert message.notified == frozenset()
    assert "&lt;!channel&gt;" in message.text


def test_a_deleted_message_or_an_archived_channel_has_vanished(post: Post) -> None:
    card = post.card()
    post.slack.remove_message(card.channel, card.ts)
    with pytest.raises(Vanished, match="message_not_found"):
        post.card("again", "card:2", card)
    other = post.card(key="card:3")
    post.slack.archive(post.channel)
    with pytest.raises(Vanished, match="is_archived"):
        post.card("again", "card:4", other)


@pytest.mark.parametrize(
    ("trouble", "status", "kind", "words"),
    [
        ("not_in_channel", None, Refused, "/invite @llmgate"),
        ("channel_not_found", None, Refused, "check the setting"),
        ("token_revoked", None, Refused, "reinstall the app"),
        ("thread_not_found", None, Vanished, "deleted"),
        ("internal_error", None, Unavailable, "tried again"),
        ("some_new_code", None, Refused, "some_new_code"),
        ("", 503, Unavailable, "503"),
    ],
)
def test_a_refusal_says_what_to_do(post: Post, trouble: str, status: int | None, kind: type[WorldError], words: str) -> None:
    post.slack.fail_next("chat.postMessage", status or trouble)
    with pytest.raises(kind, match=words):
        post.card()


def test_slow_down_names_the_seconds(post: Post) -> None:
    post.slack.fail_next("chat.postMessage", 429, retry_after=17)
    with pytest.raises(RateLimited) as caught:
        post.card()
    assert caught.value.retry_after_s == 17
    post.card()


def test_blocks_that_slack_refuses_are_named_by_their_place(post: Post) -> None:
    with pytest.raises(Refused, match="json-pointer:/blocks/0"):
        post.connection.call("chat.postMessage", channel=post.channel, text="x", blocks=[{"type": "header"}])


def test_no_answer_is_unavailable_and_no_secret_is_told(post: Post) -> None:
    post.slack.close()
    with pytest.raises(Unavailable) as caught:
        post.card()
    told = f"{caught.value}{caught.value.__cause__!r}{post.connection.settings!r}"
    assert post.slack.bot_token not in told
    assert post.slack.signing_secret not in told


def test_calls_share_connections(post: Post) -> None:
    for number in range(5):
        post.card(key=f"card:{number}")
    pool = post.connection.client.pool
    assert pool.is_closed is False
    assert len(pool._transport._pool.connections) == 1  # type: ignore[attr-defined]  # httpx shows its pool nowhere else


def test_a_profile_says_who_may_not_approve(post: Post) -> None:
    def profile(**traits: bool) -> object:
        return post.chat.fetch_profile(ChatUser(post.slack.team, post.slack.member("X", **traits).id))  # type: ignore[arg-type]  # TypedDict of flags

    maya = post.chat.fetch_profile(post.user)
    assert (maya.name, maya.zone, maya.bot, maya.guest, maya.stranger, maya.deactivated) == (
        "Maya", "Europe/Vienna", False, False, False, False,
    )  # fmt: skip
    for trait in ("bot", "guest", "stranger", "deactivated"):
        assert getattr(profile(**{trait: True}), trait) is True
    with pytest.raises(Vanished, match="user_not_found"):
        post.chat.fetch_profile(ChatUser(post.slack.team, "U0NOBODY"))


def test_profiles_and_groups_are_remembered_for_ten_minutes(post: Post) -> None:
    post.slack.group("S1", [post.maya.id])
    for _ in range(3):
        assert post.chat.fetch_group("S1") == (post.user,)
        post.chat.fetch_profile(post.user)
    post.slack.group("S1", [])
    assert post.chat.fetch_group("S1") == (post.user,)
    post.clock.advance(timedelta(minutes=11))
    assert post.chat.fetch_group("S1") == ()
    assert sum(call.method == "users.info" for call in post.slack.calls) == 1
    with pytest.raises(Vanished, match="no such user group"):
        post.chat.fetch_group("S0GONE")
