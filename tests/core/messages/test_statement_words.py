"""A statement in words: all that is signed, out of the bytes, and nothing in it that a reader cannot see."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.core.approval import Answer
from bot.core.in_toto import NotAStatement
from bot.core.messages.statement_words import bytes_words, hides, statement_rows
from bot.core.statement import render_statement
from tests.core.test_statement import DECISION, HEAD

PLAIN = replace(DECISION, reason="reads well")


def rows(decision: object = PLAIN) -> dict[str, tuple[str, ...]]:
    return dict(statement_rows(render_statement(decision)))  # type: ignore[arg-type]  # a Decision


def test_everything_that_is_signed_is_said() -> None:
    said = rows(replace(PLAIN, answers=(Answer("a", "Tests pass", True), Answer("b", "Licences", False))))
    assert said["Change"] == ("acme/shop#7 on github.com", "https://github.com/acme/shop/pull/7")
    assert said["Commit"] == (HEAD, f"tree {'b' * 40}")
    assert said["Into"] == ("main at cccccccccccc",)
    assert said["Signed by"] == ("bob: @bob, account 1002 on github.com", "Slack member U2 of T1")
    assert said["Risk"] == ("High risk",)
    assert said["Checklist"] == ("✓ Tests pass", "✗ not confirmed: Licences")
    assert said["Reason"] == ("reads well",)
    assert said["Policy"] == (".llmgate/policy.yaml at main", "sha256 eeeeeeeeeeeeeeee…")
    assert said["Evidence shown"] == ("provenance .llmgate/provenance/1.json · sha256 ffffffffffffffff…",)
    assert said["Decided"] == ("2026-03-03 09:05:01 UTC",)
    assert said["Strength"] == ("witnessed",)


def test_the_identity_that_must_sign_is_named() -> None:
    keyless = replace(PLAIN, reviewer=replace(PLAIN.reviewer, identity=("https://issuer.example", "bob@acme.example")))
    assert rows(keyless)["Signed by"][-1] == "bob@acme.example, as https://issuer.example knows them"


def test_what_was_not_said_has_no_row() -> None:
    assert "Reason" not in rows(replace(PLAIN, reason=""))


def test_text_that_would_turn_or_hide_the_words_cannot() -> None:
    said = rows(replace(PLAIN, reason="ok\u202edesrever\u200b\nand a second line"))
    assert said["Reason"] == ("ok\ufffddesrever and a second line",)


def test_the_bytes_are_shown_with_every_unseen_character_escaped() -> None:
    statement = render_statement(replace(PLAIN, reason="ok\u202e\u200b\u3164\U000e0041 grüße"))
    shown = bytes_words(statement)
    assert "ok\\u202e\\u200b\\u3164\\udb40\\udc41 grüße" in shown
    assert hides(statement)
    assert json.loads(shown) == json.loads(statement)


def test_plain_bytes_are_shown_to_the_letter() -> None:
    statement = render_statement(replace(PLAIN, reason="grüße – ok"))
    assert bytes_words(statement).encode() == statement
    assert not hides(statement)


def test_what_is_no_statement_is_refused() -> None:
    with pytest.raises(NotAStatement):
        statement_rows(b"{}")
