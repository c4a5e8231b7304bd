"""The dialogues of somebody who is asked and cannot now."""

from __future__ import annotations

import pytest

from bot.core.escalation.model import Chain
from bot.core.messages.handing import lengths_for, render_delegate_form, render_not_me_form, render_snooze_form, spell_minutes
from bot.core.notice import flat
from tests.core.build import facts


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (30, "30 min"), (90, "1 h 30 min"), (480, "1 d"), (1220, "2 d 4 h 20 min"), (-5, "0 min")],
)
def test_working_minutes_are_said_in_days_of_eight_hours(minutes: int, said: str) -> None:
    assert spell_minutes(minutes) == said


@pytest.mark.parametrize(
    ("most", "offered"),
    [(60, (30, 60)), (480, (30, 60, 120, 240, 480)), (100, (30, 60, 100)), (0, ()), (20, (20,))],
)
def test_no_length_is_offered_that_the_tier_does_not_allow(most: int, offered: tuple[int, ...]) -> None:
    assert lengths_for(Chain(snooze_most=most)) == offered


def test_snoozing_says_how_often_it_is_still_allowed_and_what_waits_meanwhile() -> None:
    form = render_snooze_form(facts(), Chain(snooze_most=240), 1, "tok")
    said = [flat(line) for part in form.sections for line in part.lines]
    assert said[1] == "You can put this off 1 more time, for at most 4 h of your working time."
    assert "nothing is approved by waiting" in said[2]
    assert [(option.value, option.text) for option in form.fields[0].options][-1] == ("240", "4 h of my working time")
    assert form.fields[0].given == ("120",)
    assert form.token == "snooze:tok"


def test_whoever_hands_on_names_a_person_and_may_say_why() -> None:
    delegate, not_me = render_delegate_form(facts(), "tok"), render_not_me_form(facts(), "tok")
    assert [field.kind for field in delegate.fields] == ["person"]
    assert (delegate.reason, not_me.reason) == ("optional", "optional")
    assert not_me.fields == ()
