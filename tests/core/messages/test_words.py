"""What is said in few words: what is in the way, its cure, and code in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import RoleName
from bot.core.messages.markdown import cell, sentence
from bot.core.messages.words import prose, seat_words, with_cures, worst_mark
from bot.core.notice import Code, flat, text
from bot.core.policy.model import Seat
from bot.core.verdict import Finding


def blocked(title: str, cure: str) -> Finding:
    return Finding(f"evidence.{title}", title, "block", "nothing", "something", cure)


def test_neighbours_that_share_a_cure_say_it_once_behind_the_last() -> None:
    leaves = (blocked("a", "bring it"), blocked("b", "bring it"), blocked("c", "mend it"))
    assert [cure for _, cure in with_cures(leaves)] == ["", "bring it", "mend it"]


def test_the_last_cure_is_always_said() -> None:
    assert [cure for _, cure in with_cures((blocked("a", "bring it"),))] == ["bring it"]
    assert with_cures(()) == []


def test_what_stands_between_backticks_is_code() -> None:
    assert prose("`a.py` is new") == (Code("a.py"), *text(" is new"))
    assert prose("one ` alone") == text("one ` alone")


@given(st.text(max_size=60))
def test_a_sentence_keeps_every_letter_but_its_backticks(said: str) -> None:
    assert flat(prose(said)).replace("`", "") == said.replace("`", "")


def test_code_of_a_hostile_name_stays_code_and_the_rest_inert() -> None:
    assert sentence("`**a**` by <b>@all</b>") == "`**a**` by &lt;b&gt;@<!-- -->all&lt;/b&gt;"


def test_no_bar_breaks_a_table() -> None:
    assert "|" not in cell("`a|b` c|d").replace("\\|", "")


def test_the_mark_of_several_findings_is_the_worst_one() -> None:
    fine = Finding("x", "X", "pass", "all")
    assert worst_mark((fine, blocked("a", "mend it"))) == "✗ "
    assert worst_mark((fine,)) == "✓ "
    assert worst_mark(()) == ""


@pytest.mark.parametrize(
    ("role", "count", "words"),
    [
        ("anyone", 1, "an approval"),
        ("anyone", 2, "2 approvals"),
        ("codeowner", 1, "a code owner"),
        ("codeowner", 2, "2 code owners"),
        ("security", 1, "security"),
        ("security", 2, "2 of security"),
    ],
)
def test_a_seat_is_said_as_people_would(role: str, count: int, words: str) -> None:
    assert seat_words(Seat(RoleName(role), count)) == words
