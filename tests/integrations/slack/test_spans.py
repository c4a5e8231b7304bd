"""Texts of strangers become letters: no mention, link, emphasis, emoji or hidden character comes out of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.ids import ChatUser
from bot.core.notice import Code, Link, Mention, Moment, Plain, Strong, text
from integrations.slack.blocks.spans import clean, inert, markup, markup_line


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<!channel> & <@U024BE7LH>", "&lt;!channel&gt; &amp; &lt;@U024BE7LH&gt;"),
        ("<https://evil.example|Approve>", "&lt;https://evil.example|Approve&gt;"),
        ("*bold* `code` ~gone~", "∗bold∗ ˋcodeˋ ∼gone∼"),
        (":white_check_mark: approved", "∶white_check_mark: approved"),
        ("_slanted words_ but not snake_case_name", "ˍslanted wordsˍ but not snake_case_name"),
        ("> quoted", "› quoted"),
        ("two\nlines\ttab", "two lines tab"),
        ("abc\u202edesrever", "abc\ufffddesrever"),
        ("ad\u200bmin\ufeff", "admin"),
        ("bell\x07", "bell\ufffd"),
        ("10:30 at a:b", "10:30 at a:b"),
    ],
)
def test_plain_text_stays_letters(written: str, shown: str) -> None:
    assert inert(written) == shown


def test_a_flood_of_combining_marks_is_cut() -> None:
    assert clean("e" + "\u0301" * 50) == "e" + "\u0301" * 4


def test_lone_surrogates_do_not_reach_the_wire() -> None:
    assert clean("\ud800x").encode() == "\ufffdx".encode()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://", "//evil.example", "http://[bad", ""])
def test_only_http_addresses_become_links(url: str) -> None:
    assert markup(Link(url, "look <here>")) == "look &lt;here&gt;"


def test_a_link_cannot_be_left_by_its_address_or_its_label() -> None:
    made = markup(Link("https://github.com/a?x=1&y=<!here>|z w", "a|b > <!here>"))
    assert made == "<https://github.com/a?x=1&amp;y=%3C!here%3E%7Cz%20w|a¦b &gt; &lt;!here&gt;>"


def test_people_are_mentioned_by_id_and_never_by_a_forged_one() -> None:
    assert markup(Mention(ChatUser("T1", "U024BE7LH"), "Maya")) == "<@U024BE7LH>"
    assert markup(Mention(ChatUser("T1", "U1> <!channel"), "Maya")) == "Maya"
    assert markup(Mention(None, "<!here>")) == "&lt;!here&gt;"


def test_a_moment_is_shown_in_the_readers_zone_with_a_fallback() -> None:
    at = datetime(2026, 3, 3, 14, 5, tzinfo=UTC)
    assert markup(Moment(at)) == "<!date^1772546700^{date_short_pretty} at {time}|2026-03-03 14:05 UTC>"


def test_emphasis_is_ours_and_its_content_is_not() -> None:
    assert markup(Strong("a *b*")) == "*a ∗b∗*"
    assert markup(Code("x`<!here>`")) == "`xˋ&lt;!here&gt;ˋ`"
    assert markup(Strong("  ")) == ""


def test_a_cut_never_falls_inside_an_entity_or_a_link() -> None:
    line = text("a" * 10, Plain("<" * 30), Link("https://github.com/acme/shop", "acme/shop"))
    for room in range(5, 140):
        shown = markup_line(line, room)
        assert len(shown) <= room
        assert shown.replace("&lt;", "").replace("<https://github.com/acme/shop|acme/shop>", "").strip("a") in ("", "…")
