"""Notices as e-mails: readable as plain text, harmless as HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.core.messages.letter import render_letter, why_words
from bot.core.notice import Code, Control, Link, Mention, Moment, Notice, Section, Span, Strong, text

WHILE_DOWN = why_words("down")
AT = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
EVIL = '"><script>alert(1)</script>\r\nBcc: eve@evil.example\u202e'


def notice(*spans: Span | str) -> Notice:
    return Notice(summary="2 changes wait for you", tone="waiting", headline=text(*spans))


def test_a_letter_begins_with_why_it_is_one_and_holds_every_part() -> None:
    whole = Notice(
        summary="2 changes wait for you",
        tone="waiting",
        headline=text("Two wait, since ", Moment(AT)),
        sections=(
            Section(
                (text(Link("https://forge.example/1", "shop#1"), " ", Strong("Add x")), text("in ", Code("a.py"))), "Now", True
            ),
        ),
        controls=(
            Control("review", "Review & approve", "token"),
            Control("open", "Open the change", "", "https://forge.example/1"),
        ),
        footnote=text("Set your hours: ", Code("/llmgate hours")),
    )
    letter = render_letter(whole, WHILE_DOWN)
    assert letter.subject == "2 changes wait for you"
    assert letter.text == (
        f"{WHILE_DOWN}\n\nTwo wait, since 2026-03-03 09:30 UTC\n\nNow\n- shop#1 <https://forge.example/1> Add x\n- in a.py\n\n"
        "Open the change: https://forge.example/1\n\nSet your hours: /llmgate hours\n"
    )
    assert f"<em>{WHILE_DOWN}</em>" in letter.html
    assert '<a href="https://forge.example/1">shop#1</a> <strong>Add x</strong>' in letter.html
    assert "token" not in letter.html + letter.text, "a control's token opens nothing from a letter"


SPANS: list[Callable[[str], Span | str]] = [
    str, Strong, Code, lambda said: Link("https://forge.example/1", said), lambda said: Mention(None, said)
]  # fmt: skip


@pytest.mark.parametrize("span", SPANS)
def test_other_peoples_words_become_no_markup_and_no_second_line(span: Callable[[str], Span | str]) -> None:
    letter, harmless = render_letter(notice(span(EVIL)), WHILE_DOWN), render_letter(notice(span("x")), WHILE_DOWN)
    assert re.findall(r"<[^>]*>", letter.html) == re.findall(r"<[^>]*>", harmless.html)
    assert "\nBcc" not in letter.text
    assert "\u202e" not in letter.text + letter.html


@pytest.mark.parametrize("url", ["javascript:alert(1)", 'https://x/"onclick="y', "https://x/ y", "https://x/<b>", ""])
def test_an_address_that_leads_elsewhere_is_no_link(url: str) -> None:
    letter = render_letter(notice(Link(url, "here")), WHILE_DOWN)
    assert "<a " not in letter.html
    assert "here\n" in letter.text


def test_a_subject_is_one_line() -> None:
    letter = render_letter(Notice(EVIL * 20, "waiting", ()), WHILE_DOWN)
    assert len(letter.subject) <= 400
    assert letter.subject.isprintable()


def test_the_first_line_says_which_way_it_came_and_where_people_decide() -> None:
    assert WHILE_DOWN.startswith("Sent by e-mail because Slack does not answer. ")
    assert why_words("down", by_mail=False).startswith("Sent this way because Slack does not answer. ")
    assert why_words("no-chat").endswith("what you decide is decided on the forge.")
    assert why_words("no-account").endswith("what you decide is decided in Slack or on the forge.")
