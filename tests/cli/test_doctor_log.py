"""`llmgate doctor` about the log: each thing that keeps its heads from being signed, or from standing outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import AUDIT_CHANNEL, Layout
from bot.cli.playground import Playground, build_playground
from integrations.sandbox.clock import FakeClock
from tests.cli.checked import FLOOR, Checked, make_sound, today
from tests.scenarios.archive import Administrator


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checked]:
    """A gate whose log holds an approval of yesterday."""
    playground = build_playground(Layout(tmp_path / "world", floor=FLOOR), FakeClock(today() - timedelta(days=1)))
    change = playground.open_generated()
    playground.settle()
    assert Hands(playground, "bob").approve(change.number).taken
    make_sound(playground)
    yield Checked(playground, monkeypatch)
    playground.close()


def settle(playground: Playground) -> None:
    for _ in range(2):
        playground.gate.carry_log_on()
        playground.settle()


def test_a_log_that_is_signed_and_anchored_is_well(checked: Checked) -> None:
    settle(checked.playground)
    rows = {row.check: row.level for row in checked.ask().rows.values() if row.part == "Log"}
    assert rows == dict.fromkeys(("Log key", "Log anchor git", "Log head"), "ok")


def test_a_missing_key_is_a_problem_with_a_cure(checked: Checked) -> None:
    checked.set("log", key_file=str(checked.folder / "nothing.pem"))
    row = checked.ask().rows["Log key"]
    assert (row.level, row.cure) == ("problem", "run `llmgate init` to make one")


def test_records_that_nobody_signed_for_since_yesterday_are_told(checked: Checked) -> None:
    row = checked.ask().rows["Log head"]
    assert row.level == "warning"
    assert row.saw.startswith("0 of ")


def test_a_head_that_stands_nowhere_since_yesterday_is_told(checked: Checked) -> None:
    (checked.folder / "log-anchor.git").rename(checked.folder / "away.git")
    checked.playground.gate.carry_log_on()
    (checked.folder / "away.git").rename(checked.folder / "log-anchor.git")
    answer = checked.ask()
    assert answer.rows["Log head"].level == "ok"
    assert {answer.level(check) for check in ("Log in git", "Log in chat")} == {"warning"}


def test_a_database_that_lost_records_is_a_problem(checked: Checked) -> None:
    settle(checked.playground)
    url = checked.playground.gate.settings.database.url
    Administrator(url).run("DELETE FROM records", "UPDATE log_head SET size = 0")
    row = checked.ask().rows["Log head"]
    assert (row.level, row.cure) == ("problem", "run `llmgate log verify`, and ask who rules the database")


def test_a_log_that_stands_nowhere_outside_is_warned_of(checked: Checked) -> None:
    checked.set("log", anchor_git="", audit_channel="")
    row = checked.ask().rows["Log anchors"]
    assert row.level == "warning"
    assert row.cure == "set log.anchor_git and log.audit_channel"


def test_a_git_anchor_that_cannot_be_reached_is_a_problem(checked: Checked) -> None:
    checked.set("log", anchor_git=str(checked.folder / "nothing.git"))
    assert checked.ask().problems() == ["Log anchor git"]


def test_an_audit_channel_without_the_app_in_it_is_a_problem(checked: Checked) -> None:
    assert checked.ask().level(f"Slack channel {AUDIT_CHANNEL}") == "ok"
    checked.set("log", audit_channel="C0NOWHERE")
    assert checked.ask().level("Slack channel C0NOWHERE") == "problem"
