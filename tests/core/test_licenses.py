"""Licence expressions against an allow-list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.licenses import allowed

LIST = ("MIT", "Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0")


@pytest.mark.parametrize(
    ("expression", "fine"),
    [
        ("MIT", True),
        ("mit", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only OR (MIT AND Apache-2.0)", True),
        ("(MIT OR GPL-3.0-only) AND Apache-2.0", True),
        ("MIT AND Apache-2.0 OR GPL-3.0-only", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True),
        ("GPL-2.0-only", False),
        ("MIT WITH", False),
        ("MIT OR", False),
        ("MIT MIT", False),
        ("(MIT", False),
        ("MIT)", False),
        ("OR MIT", False),
        ("", False),
        ("NOASSERTION", False),
        ("MIT; GPL", False),
    ],
)
def test_an_expression_is_fine_only_if_allowed_licences_meet_it(expression: str, fine: bool) -> None:
    assert allowed(expression, LIST) is fine


def test_without_a_list_any_stated_licence_will_do_but_none_will_not() -> None:
    assert allowed("GPL-3.0-only", ())
    assert not allowed(" ", ())
    assert not allowed("NONE", ())


@given(st.text(alphabet="MIT()ANDORWH .-", max_size=40))
def test_no_expression_is_too_odd_to_answer(expression: str) -> None:
    assert allowed(expression, LIST) in (True, False)


def test_deep_brackets_are_cut_off_and_not_followed() -> None:
    assert not allowed("(" * 5000 + "MIT" + ")" * 5000, LIST)
