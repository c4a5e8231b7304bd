"""Commit messages and Markdown, read as git and the forges read them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.detection.commits import commit_signals
from bot.core.detection.markdown import own_voice
from bot.core.detection.spelling import plain, quote, squeezed
from bot.core.detection.trailers import Trailer, name_and_address, trailers
from tests.core.detection.material import commit, person

A = "Co-authored-by: A <a@acme.example>"
B = "Signed-off-by: B <b@acme.example>"
ADDRESSES = {A: "a@acme.example", B: "b@acme.example"}


def addresses(message: str) -> list[str]:
    return [name_and_address(trailer.value)[1] for trailer in trailers(plain(message))]


def gits_own(message: str) -> list[str]:
    done = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message.encode(), capture_output=True, check=True, cwd="/"
    )
    return [line.partition(":")[0] for line in done.stdout.decode().splitlines()]


@pytest.mark.parametrize(
    "message",
    [
        f"Subject\n\n{A}",
        f"Subject\n\nBody.\n\n{A}\n{B}\n",
        f"Subject\n\nBody.\n\nsome words\n{B}\n{A}\nReviewed-by: C",
        f"Subject\n\n(cherry picked from commit 0123456789)\n{A}",
        "Subject\n\nKey: value\n  continued\nOther: x",
        f"Subject\n{A}",
        "Subject\n\nBody: here is a sentence\nwhich goes on without a colon",
        "Subject",
        "",
    ],
)
def test_what_git_calls_a_trailer_is_one_here(message: str) -> None:
    ours = [trailer.key for trailer in trailers(message)]
    theirs = gits_own(message)
    assert [key for key in ours if key in theirs] == theirs


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (f"Squash (#12)\n\n* one\n\n{A}\n\n* two\n\n{B}", 2),
        (f"Squash (#12)\n\n* one\n\n{A}\n\n---------\n\n{B}", 2),
        (f"Squash\n\n---------\n\n{A}\n{B}", 2),
        (
            f"Squashed commit of the following:\n\ncommit 0123456\n\n    One\n\n    {A}\n\ncommit 0123456\n\n    Two",
            1,
        ),
        (f"Footer above\n\nMade by a tool\n{A}", 1),
        (f"Two blocks\n\n{A}\n\n{B}", 2),
        (f"Conflicts\n\n{A}\n\n# Conflicts:\n#\tsrc/a.py", 1),
        (f"Prose follows\n\n{A}\n\nand then more prose.", 0),
        (f"Prose around\n\nthe line\n{A}\nis gone", 0),
    ],
)
def test_squash_merges_scatter_trailers(message: str, found: int) -> None:
    assert len([address for address in addresses(message) if address in ADDRESSES.values()]) == found


def test_a_url_is_no_trailer_and_a_continuation_joins_its_line() -> None:
    assert trailers("S\n\nhttps://acme.example/x") == ()
    assert trailers("S\n\nKey: a\n  b") == (Trailer("Key", "a b"),)


def test_names_and_addresses() -> None:
    assert name_and_address('"Ada" <Ada@Acme.example>') == ("Ada", "ada@acme.example")
    assert name_and_address("ada@acme.example") == ("", "ada@acme.example")
    assert name_and_address("Ada") == ("Ada", "")


def test_spelling() -> None:
    assert plain("a\r\nb\rc") == "a\nb\nc"
    assert plain("ﬁ\u200b\u00a0\u2011x") == "fi -x"
    assert squeezed("Co-Authored_ By") == "coauthoredby"
    assert quote("a\n\tb\x1b[0m\u202e") == "a b [0m"
    assert len(quote("x" * 1000)) == 100


def test_an_ordinary_text_is_left_whole() -> None:
    text = "# Title\n\n- item\n\n  more of it\n\nLast `odd tick"
    assert own_voice(text).visible == text
    assert own_voice("a <!-- b --> c <!-- d").comments == ("b", "d")


def test_code_in_a_comment_does_not_open_a_block() -> None:
    assert "after" in own_voice("<!--\n```\n-->\nafter").visible
    assert "after" in own_voice("`<!--` is how a comment starts\n\nafter").visible


def test_a_quotation_ends_with_its_paragraph() -> None:
    assert own_voice("> one\nlazy\n\nafter").visible.strip() == "after"
    assert own_voice("> one\n- item").visible.strip() == "- item"


@given(st.text(alphabet="`<>-! \n~ab\t"))
def test_stripping_never_fails_and_never_invents(text: str) -> None:
    voice = own_voice(text)
    assert len(voice.visible) + sum(map(len, voice.comments)) <= 2 * len(text) + 2
    letters = [c for c in text if c in "ab"]
    assert len([c for c in voice.visible + "".join(voice.comments) if c in "ab"]) <= len(letters)


UNITS = [
    "`",
    "``x`",
    "<!--",
    "> ",
    "<pre>",
    "<pre ",
    "</code><code>",
    "```\n",
    "<",
    "🤖",
    "Key: x\n",
    "\n\n",
    "a: b\n\n",
    " \t",
    " x\n",
]


@pytest.mark.parametrize("unit", UNITS)
def test_long_hostile_texts_are_read_to_the_end(unit: str) -> None:
    """A reader that goes over the text again for each of its characters would not come back from this."""
    text = unit * (120_000 // len(unit))
    assert addresses(f"S\n\n{text}\n\n{A}")[-1] == ADDRESSES[A]
    assert own_voice(f"last words\n\n{text}").visible.startswith("last words")


@pytest.mark.parametrize("unit", ["a", "a.", "ai ", "claude-.", "a@", "<", "x\n "])
def test_long_hostile_values_are_read_to_the_end(unit: str) -> None:
    text = unit * (120_000 // len(unit))
    for key in ("Co-authored-by", "Signed-off-by", "Assisted-by", "Generated-by"):
        commit_signals(commit(f"S\n\n{key}: {text}+\n{A}", person(text, text)))
        assert addresses(f"S\n\n{key}: {text}+\n{A}")[-1] == ADDRESSES[A]
