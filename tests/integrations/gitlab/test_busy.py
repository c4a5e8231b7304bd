"""Who says on GitLab that they are busy."""

from __future__ import annotations

import pytest

from bot.core.ids import ForgeAccount
from bot.ports.errors import Unavailable
from tests.integrations.gitlab.conftest import HOST, Scene


def account(number: int) -> ForgeAccount:
    return ForgeAccount("gitlab", HOST, number, "x")


ANN, BO = account(2001), account(2002)


def test_each_is_asked_about_by_number(scene: Scene) -> None:
    scene.gitlab.world.user_by_id(2002).busy = True
    scene.asked()
    assert scene.forge.fetch_busy([ANN, BO]) == {BO.key}
    assert sorted(scene.asked()) == ["GET /users/2001/status", "GET /users/2002/status"]


def test_whom_gitlab_does_not_know_says_nothing(scene: Scene) -> None:
    scene.gitlab.world.user_by_id(2002).busy = True
    assert scene.forge.fetch_busy([account(4040), BO]) == {BO.key}
    assert scene.forge.fetch_busy([]) == frozenset()


def test_no_more_than_fifty_are_asked_about(scene: Scene) -> None:
    scene.gitlab.world.user_by_id(2002).busy = True
    scene.asked()
    assert scene.forge.fetch_busy([*(account(5000 + n) for n in range(50)), BO]) == frozenset()
    assert len(scene.asked()) == 50


def test_a_service_that_fails_is_an_error_and_nobodys_leisure(scene: Scene) -> None:
    scene.gitlab.fail_next("GET /users/*", 502)
    with pytest.raises(Unavailable):
        scene.forge.fetch_busy([ANN])
