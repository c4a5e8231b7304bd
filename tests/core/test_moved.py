"""What a signature covers: anything that moved between showing and recording is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.approval import Answer
from bot.core.moved import what_moved
from bot.core.statement import Shown, Target, Terms, render_statement
from tests.core.test_statement import DECISION


def test_nothing_moved_where_only_time_passed_and_the_base_branch_went_on() -> None:
    later = replace(DECISION, decided_at=DECISION.decided_at + timedelta(minutes=3), nonce="ab", interaction="")
    later = replace(later, target=replace(DECISION.target, base_commit="e" * 40))
    assert what_moved(render_statement(DECISION), later) == ""


def target(**changes: Any) -> Target:
    return replace(DECISION.target, **changes)


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("head", {"target": target(head_sha="9" * 40)}),
        ("files", {"target": target(head_tree="9" * 40)}),
        ("target branch", {"target": target(base_ref="release")}),
        ("difference", {"target": target(patch_id="9" * 64)}),
        ("policy", {"terms": Terms("high", "9" * 64, "elsewhere")}),
        ("risk tier", {"terms": replace(DECISION.terms, tier="low")}),
        ("evidence", {"shown": (Shown("other.json", "9" * 64, "report"),)}),
        ("checklist", {"answers": (Answer("other", "Another.", True),)}),
        ("reviewer", {"reviewer": replace(DECISION.reviewer, roles=())}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_moved_is_named(what: str, changes: dict[str, Any]) -> None:
    assert what_moved(render_statement(DECISION), replace(DECISION, **changes)) == what
