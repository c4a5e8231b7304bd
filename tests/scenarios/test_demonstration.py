"""`llmgate demo --auto`: every step of the story holds on each forge, and a step that does not hold ends it."""

from __future__ import annotations

import pytest

from bot.cli.demo import DidNotHold, Story, play
from bot.cli.playground import Playground


def test_every_step_of_the_demonstration_holds(one_world: Playground, capsys: pytest.CaptureFixture[str]) -> None:
    play(Story(one_world))
    told = capsys.readouterr().out
    assert told.count("✓ ") >= 10
    assert f"{one_world.forge.title} would merge it now" in told
    assert str(one_world.ref(1)) in told


def test_a_forge_that_lets_everything_through_fails_the_demonstration(one_world: Playground) -> None:
    if "gitlab" in one_world.stages:
        one_world.gitlab.settings(one_world.repo).pipelines_must_succeed = False
    else:
        one_world.github.unprotect(one_world.repo, "main")
    with pytest.raises(DidNotHold, match="the merge went through without an approval"):
        play(Story(one_world))
