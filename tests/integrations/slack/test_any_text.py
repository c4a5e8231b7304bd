"""Whatever is written in a notice, Slack takes the message and nobody is notified by it."""

from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.core.notice import (
    Code,
    Control,
    Form,
    FormItem,
    Home,
    HomePart,
    Link,
    Mention,
    Moment,
    Notice,
    Plain,
    Section,
    Span,
    Strong,
)
from integrations.sandbox.slack.kit import check_message, check_view
from integrations.sandbox.slack.mrkdwn import tokens
from integrations.slack.blocks.form import Origin, form_view, notice_view
from integrations.slack.blocks.home import home_view
from integrations.slack.blocks.message import message
from tests.integrations.slack.reading import written

NASTY = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="<>!@|&*_~`:\u202e\u200b\n\x00\ud800a ", max_size=60),
    st.sampled_from(
        ["<!channel>", "<!here|x>", "<@U024BE7LH>", "<#C1>", "<https://evil.example|ok>", "&lt;!channel&gt;", "x" * 4000]
    ),
)
URLS = st.one_of(NASTY, NASTY.map(lambda tail: f"https://github.com/{tail}"))
SPANS: st.SearchStrategy[Span] = st.one_of(
    st.builds(Plain, NASTY),
    st.builds(Strong, NASTY),
    st.builds(Code, NASTY),
    st.builds(Link, URLS, NASTY),
    st.builds(Mention, st.none(), NASTY),
    st.builds(Moment, st.datetimes(timezones=st.timezones())),
)
LINES = st.lists(SPANS, max_size=6).map(tuple)
SECTIONS = st.lists(st.builds(Section, st.lists(LINES, max_size=6).map(tuple), NASTY, st.booleans()), max_size=6).map(tuple)
TOKENS = st.text(alphabet="abcdef0123456789", max_size=60)
CONTROLS = st.lists(
    st.builds(
        Control,
        st.sampled_from(["review", "status", "open"]),
        NASTY,
        TOKENS,
        st.one_of(st.just(""), URLS),
        st.sampled_from(["plain", "primary", "danger"]),
        NASTY,
    ),
    max_size=6,
).map(tuple)
NOTICES = st.builds(
    Notice, NASTY, st.sampled_from(["neutral", "waiting", "good", "bad"]), LINES, SECTIONS, CONTROLS, CONTROLS, LINES
)
ITEMS = st.lists(st.builds(FormItem, TOKENS.filter(bool), NASTY), max_size=25, unique_by=lambda item: item.id).map(tuple)
QUICK = (Phase.explicit, Phase.generate)
"""No shrinking: a failing page of notices takes minutes to shrink, and Slack's refusal already points at the field."""


def notifies(blocks: object) -> list[str]:
    loud = ("user", "broadcast", "group", "channel")
    return [t.value for kind, piece in written(blocks) if kind != "plain_text" for t in tokens(piece) if t.kind in loud]


@settings(max_examples=60, deadline=None, phases=QUICK)
@given(NOTICES)
def test_every_notice_is_a_message_slack_takes_and_is_quiet(notice: Notice) -> None:
    said, blocks = message(notice, "key")
    assert said
    assert [token for token in tokens(said) if token.kind != "text"] == []
    assert notifies(check_message(blocks)) == []
    assert sum(len(piece) for _, piece in written(blocks)) <= 13_000


@settings(max_examples=30, deadline=None, phases=QUICK)
@given(NASTY, SECTIONS, ITEMS, NASTY)
def test_every_form_is_a_dialogue_slack_takes(
    title: str, sections: tuple[Section, ...], items: tuple[FormItem, ...], hint: str
) -> None:
    made = Form(title, title, "token", sections, items, "required", title, hint)
    view = check_view(form_view(made, Origin("token", "C1", "1.2")), kinds=("modal",))
    assert notifies(view["blocks"]) == []


@settings(max_examples=30, deadline=None, phases=QUICK)
@given(st.lists(NOTICES, max_size=25), LINES)
def test_every_queue_is_a_home_slack_takes(notices: list[Notice], line: tuple[Span, ...]) -> None:
    view = check_view(home_view(Home(line, (HomePart("Waiting", tuple(notices), line),), line), "key"), kinds=("home",))
    assert notifies(view["blocks"]) == []
    if notices:
        check_view(notice_view(notices[0], "llmgate"), kinds=("modal",))
