"""Texts as GitLab takes them: within its limits, true for as long as they stand, and never a command or a call."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.actions import CheckState, SetCheck, SetComment
from bot.core.ids import ChangeRef, RepoRef
from bot.core.messages.markdown import escape
from integrations.gitlab.surfaces import (
    NEUTRAL,
    NOTE_LIMIT,
    STATUS_LIMIT,
    STICKY,
    WAITING,
    cut,
    inert,
    marked,
    note_text,
    passes,
    status_body,
)

REPO = RepoRef("gitlab", "gitlab.com", "acme/web/shop")
REF = ChangeRef(REPO, 7)
_QUICK_ACTION = re.compile(r"^/\w", re.MULTILINE)


def acts(text: str) -> bool:
    """Whether GitLab would take a line for a quick action. It drops carriage returns before it looks."""
    return _QUICK_ACTION.search(text.replace("\r", "")) is not None


def check(state: CheckState, title: str = "One approval missing", url: str = "") -> SetCheck:
    return SetCheck(REPO, "5b1c" * 10, state, title, "summary", "details", url, REF)


@pytest.mark.parametrize(
    ("state", "shown", "said"),
    [
        ("waiting", "pending", WAITING),
        ("blocked", "failed", "One approval missing"),
        ("allowed", "success", "One approval missing"),
        ("neutral", "success", f"{NEUTRAL}One approval missing"),
    ],
)
def test_each_state_has_its_status_and_words_that_stay_true(state: CheckState, shown: str, said: str) -> None:
    assert status_body(check(state), "llmgate") == {"state": shown, "name": "llmgate", "description": said}
    assert passes(state) is (shown == "success")


def test_a_long_title_is_cut_to_what_a_status_holds_and_a_link_is_left_out_whole() -> None:
    body = status_body(check("blocked", "x" * 300, "https://llmgate.test/c/1"), "llmgate")
    assert body["description"] == "x" * (STATUS_LIMIT - 1) + "…"
    assert body["target_url"] == "https://llmgate.test/c/1"
    assert "target_url" not in status_body(check("blocked", url="https://llmgate.test/" + "c" * 300), "llmgate")
    assert "target_url" not in status_body(check("blocked", url="javascript:alert(1)"), "llmgate")


@pytest.mark.parametrize(
    "text",
    [
        "/approve",
        "a\n/merge\nb",
        "a\r/close",
        "a\r\n/close",
        "/\r/close",
        "\r/close",
        "/Merge",
        "a\n\n/label ~x",
        "> a\n/unapprove",
    ],
)
def test_no_line_of_a_note_is_a_quick_action(text: str) -> None:
    assert not acts(inert(text))
    assert not acts(note_text(SetComment(REF, text, text)))
    assert not acts(marked(text, "<!-- mark -->"))


@given(st.text(alphabet="/\r\n\t a\\`<>", max_size=40))
def test_no_text_whatever_becomes_a_quick_action(text: str) -> None:
    assert not acts(marked(text, "<!-- mark -->"))


def test_a_slash_that_is_no_command_reads_as_before() -> None:
    assert inert("a/b and `/llmgate status x`\n- /etc/hosts") == "a/b and `/llmgate status x`\n- /etc/hosts"
    assert inert("/etc/hosts") == "\\/etc/hosts"


def test_nobody_is_called_by_a_name_in_somebody_elses_words() -> None:
    said = inert(f"**why**: {escape('ask @all and @ann/@bo')}")
    assert not re.search(r"@[\w<]", said)
    assert "@&#8203;all" in said


def test_what_a_check_would_say_is_folded_below_the_comment() -> None:
    text = note_text(SetComment(REF, "### llmgate: waiting", "### Every rule\n\n- one"))
    assert text == (
        "### llmgate: waiting\n\n<details><summary>Details</summary>\n\n### Every rule\n\n- one\n\n</details>\n\n" + STICKY
    )
    assert note_text(SetComment(REF, "short")) == f"short\n\n{STICKY}"


def test_a_note_too_long_for_gitlab_is_cut_inside_the_fold_and_says_so() -> None:
    text = note_text(SetComment(REF, "body", "🛒" * (NOTE_LIMIT + 1)))
    assert len(text) <= NOTE_LIMIT
    assert text.startswith("body\n")
    assert "cut here" in text
    assert text.endswith(f"</details>\n\n{STICKY}")
    assert len(note_text(SetComment(REF, "x\n/" * NOTE_LIMIT, "y" * NOTE_LIMIT))) <= NOTE_LIMIT
    assert cut("abc", 3) == "abc"
