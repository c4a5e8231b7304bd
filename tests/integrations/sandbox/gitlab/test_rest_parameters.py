"""How parameters are read: GitLab's kinds, its words for what is wrong, and all of it in one sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.sandbox.gitlab.parameters import (
    Parameter,
    Unmodelled,
    among,
    checked,
    flag,
    instant,
    number,
    several,
    text,
)
from integrations.sandbox.gitlab.refusal import Refusal


@pytest.mark.parametrize(
    ("parameter", "given", "read"),
    [
        (number(), "7", 7),
        (number(), -1, -1),
        (flag(), "True", True),
        (flag(), "0", False),
        (flag(), False, False),
        (several(number()), ["1", 2], [1, 2]),
        (several(text(), commas=True), "a, b,,c", ["a", "b", "c"]),
        (several(text()), "a,b", ["a,b"]),
        (instant(), "2026-03-03T09:00:00Z", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        (instant(), "2026-03-03", datetime(2026, 3, 3, tzinfo=UTC)),
    ],
)
def test_values_are_read_as_gitlab_reads_them(parameter: Parameter, given: Any, read: Any) -> None:
    assert checked({"x": given}, {"x": parameter}) == {"x": read}


@pytest.mark.parametrize(
    ("parameter", "given", "told"),
    [
        (number(), "seven", "x is invalid"),
        (number(), True, "x is invalid"),
        (number(least=1), "0", "x does not have a valid value"),
        (flag(), "perhaps", "x is invalid"),
        (among("a", "b"), "c", "x does not have a valid value"),
        (text(blank=False), "  ", "x is empty"),
        (text(longest=3), "four", "x is too long (maximum is 3 characters)"),
        (text(), {"a": 1}, "x is invalid"),
        (text(required=True), None, "x is missing"),
        (instant(), "tomorrow", "x is invalid"),
    ],
)
def test_what_is_wrong_is_said_in_gitlabs_words(parameter: Parameter, given: Any, told: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked({"x": given}, {"x": parameter})
    assert (refused.value.status, refused.value.answer()) == (400, {"error": told})


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Refusal) as refused:
        checked({"a": "x"}, {"a": number(), "b": text(required=True)})
    assert refused.value.answer() == {"error": "a is invalid, b is missing"}


def test_an_unknown_name_is_the_sandboxes_own_refusal() -> None:
    with pytest.raises(Unmodelled):
        checked({"colour": "red"}, {"color": text()})
