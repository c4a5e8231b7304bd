"""The dialogue of a review says beforehand how it will end."""

from __future__ import annotations

from typing import get_args

import pytest

from bot.core.approval import Strength
from bot.core.evaluate import evaluate
from bot.core.messages.dialogue import render_review
from bot.core.notice import flat
from tests.core.build import facts

LONGEST_BUTTON = 24
"""Slack's limit of a dialogue's buttons."""


def test_a_witnessed_approval_ends_with_the_dialogue() -> None:
    form = render_review(facts(), evaluate(facts()), "token")
    assert form.submit == "Approve"
    assert not any(section.heading == "How you sign" for section in form.sections)


@pytest.mark.parametrize("strength", [one for one in get_args(Strength) if one != "witnessed"])
def test_more_than_that_is_announced_with_what_comes_next(strength: Strength) -> None:
    form = render_review(facts(), evaluate(facts()), "token", strength)
    assert form.submit == "Continue to sign"
    assert len(form.submit) <= LONGEST_BUTTON
    (how,) = [section for section in form.sections if section.heading == "How you sign"]
    assert flat(how.lines[-1]) == "A private link to the page comes next."
