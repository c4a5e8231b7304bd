"""How a service's failure is told, whatever the service: how long to wait, and its words made fit to repeat."""

from __future__ import annotations

import re

import pytest

from bot.ports.failures import LIMIT_WAIT_S, fit, wait_s

DATE = {"date": "Mon, 01 Jun 2026 12:00:00 GMT"}
NOON = 1780315200


@pytest.mark.parametrize(
    ("headers", "reset", "wait"),
    [
        ({"retry-after": "7"}, "", 7.0),
        ({"retry-after": "7", "reset": str(NOON + 30), **DATE}, "reset", 7.0),
        ({"reset": str(NOON + 30), **DATE}, "reset", 30.0),
        ({"reset": str(NOON - 30), **DATE}, "reset", 1.0),
        ({"reset": str(NOON + 30), **DATE}, "", LIMIT_WAIT_S),
        ({"reset": str(NOON + 30), "date": "soon"}, "reset", LIMIT_WAIT_S),
        ({"retry-after": "Mon, 01 Jun 2026 12:01:00 GMT"}, "", LIMIT_WAIT_S),
        ({"retry-after": "9" * 400}, "", LIMIT_WAIT_S),
        ({}, "reset", LIMIT_WAIT_S),
    ],
)
def test_the_wait_is_the_one_named_else_until_the_reset_else_a_minute(headers: dict[str, str], reset: str, wait: float) -> None:
    assert wait_s(headers, reset) == wait


def test_foreign_words_are_one_short_line_without_secrets() -> None:
    assert fit("no\r\n  token-123\x07 here", re.compile(r"token-\d+")) == "no [secret] here"
    assert fit("x" * 300, re.compile("y"), 10) == "xxxxxxxxx…"
