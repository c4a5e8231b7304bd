"""An application slower than Slack's three seconds: Slack is told in time, and the answer still arrives."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from bot.core.events import ButtonPressed
from bot.core.notice import Form, FormErrors
from tests.integrations.slack.stage import TRANSPORTS, Stage
from tests.integrations.slack.test_review_story import FORM, show_card


@pytest.fixture(params=TRANSPORTS)
def slow(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A desk that does not answer before its gate opens, and an adapter that waits for nothing."""
    made = Stage(str(request.param), patience_s=0.0)
    made.desk.gate = threading.Event()
    yield made
    made.desk.gate.set()
    made.close()


def opened(_: ButtonPressed) -> Form:
    return FORM


def test_a_slow_command_is_answered_privately_later(slow: Stage) -> None:
    assert slow.desk.gate is not None
    seen = slow.slack.command(slow.maya.id, slow.channel, "/llmgate queue")
    assert (seen.taken, seen.text) == (True, "")
    slow.desk.gate.set()
    assert slow.slack.until(lambda: len(slow.slack.ephemerals(slow.maya.id)) == 1)
    assert slow.slack.ephemerals(slow.maya.id)[0].text == "heard: queue"


def test_a_slow_submission_says_it_is_still_working_and_then_how_it_ended(slow: Stage) -> None:
    assert slow.desk.gate is not None
    card, maya = show_card(slow), slow.maya.id
    slow.desk.on_press = opened
    slow.desk.on_submit = lambda _: FormErrors((("checklist:tests", "Confirm this: tests"),))
    slow.slack.click(maya, card.channel, card.ts, "review")
    assert slow.slack.until(lambda: len(slow.slack.open_views(maya)) == 1)
    slow.slack.submit(maya, {"checklist": ["secrets"]})
    assert "still working" in str(slow.slack.open_views(maya)[0].blocks)
    slow.desk.gate.set()
    assert slow.slack.until(lambda: len(slow.slack.ephemerals(maya)) == 1)
    assert slow.slack.ephemerals(maya)[0].text == "Your answer was not taken: Confirm this: tests"
    assert slow.slack.refused_answers == []
