"""Other people's words in Markdown: inert, whole and readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.messages.markdown import code, escape, render_text, visible
from bot.core.notice import Link, Mention, Strong, text


@pytest.mark.parametrize(
    ("raw", "inert"),
    [
        ("<!channel> hi", "&lt;\\!channel&gt; hi"),
        ("@acme/security", "@<!-- -->acme/security"),
        ("[x](http://evil)", "\\[x\\]\\(http:&#8203;//evil\\)"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert\\(1\\)&lt;/script&gt;"),
        ("# heading", "\\# heading"),
        ("a\nb\tc", "a b c"),
        ("zero\u200bwidth", "zerowidth"),
        ("bidi\u202etxt", "bidi\ufffdtxt"),
    ],
)
def test_attacker_text_is_shown_and_does_nothing(raw: str, inert: str) -> None:
    assert escape(raw) == inert


def test_a_code_span_cannot_be_left() -> None:
    assert code("a`b``c") == "`a'b''c`"
    assert code("") == "` `"


def test_long_text_is_cut_honestly() -> None:
    assert visible("x" * 500) == "x" * 399 + "…"


def test_only_the_bots_own_links_are_links() -> None:
    assert render_text(text(Link("https://github.com/a/b/pull/1", "a/b#1"))) == "[a/b\\#1](https://github.com/a/b/pull/1)"
    assert render_text(text(Link("javascript:alert(1)", "x"))) == "x"
    assert render_text(text(Strong("b"), " ", Mention(None, "Bob"))) == "**b** Bob"


@given(st.text(max_size=60))
def test_no_text_brings_a_line_break_or_a_tag_of_its_own(raw: str) -> None:
    shown = escape(raw).replace("<!-- -->", "")
    assert "\n" not in shown
    assert "<" not in shown
