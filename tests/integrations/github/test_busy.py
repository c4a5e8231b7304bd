"""Who says on GitHub that they are busy."""

from __future__ import annotations

import pytest

from bot.core.ids import ForgeAccount
from bot.ports.errors import Unavailable
from tests.integrations.github.conftest import HOST, REPO, Scene


def account(number: int, login: str) -> ForgeAccount:
    return ForgeAccount("github", HOST, number, login)


ANN, BO = account(2001, "ann"), account(2002, "bo")


def busy(scene: Scene, login: str) -> None:
    scene.github.world.accounts[login].busy = True


def test_all_are_asked_about_in_one_call(scene: Scene) -> None:
    busy(scene, "bo")
    scene.forge.fetch_open(REPO)
    scene.asked()
    assert scene.forge.fetch_busy([ANN, BO]) == {BO.key}
    assert scene.asked() == ["POST /graphql Statuses"]


def test_an_installation_is_found_where_none_is_known_yet(scene: Scene) -> None:
    busy(scene, "ann")
    assert scene.forge.fetch_busy([ANN, BO]) == {ANN.key}


def test_whom_github_does_not_know_says_nothing_and_takes_no_other_along(scene: Scene) -> None:
    busy(scene, "bo")
    gone = account(2099, "gone")
    assert scene.forge.fetch_busy([gone, BO]) == {BO.key}
    assert scene.forge.fetch_busy([gone]) == frozenset()
    assert scene.forge.fetch_busy([]) == frozenset()


def test_a_login_that_somebody_else_has_by_now_is_not_theirs(scene: Scene) -> None:
    busy(scene, "bo")
    assert scene.forge.fetch_busy([account(2099, "bo")]) == frozenset()


def test_no_more_than_fifty_are_asked_about(scene: Scene) -> None:
    busy(scene, "bo")
    assert scene.forge.fetch_busy([*(account(5000 + n, f"p{n}") for n in range(50)), BO]) == frozenset()


def test_a_service_that_fails_is_an_error_and_nobodys_leisure(scene: Scene) -> None:
    scene.github.fail_next("POST /graphql*", 502)
    with pytest.raises(Unavailable):
        scene.forge.fetch_busy([ANN])
