"""Who wrote lines, by the accounts that GitHub ties to their commits."""

from __future__ import annotations

import pytest

from bot.core.routing.touched import TouchedLines
from bot.ports.errors import Unavailable
from tests.integrations.github.conftest import REPO, SHOP, Scene

CART = "src/cart.py"


def base(scene: Scene) -> str:
    """Bo wrote lines 1 to 4 of the cart, Ann then line 2, and somebody whom GitHub knows not line 4."""
    scene.github.push(SHOP, "main", {CART: "one\ntwo\nthree\nfour\n"}, by="bo")
    scene.github.push(SHOP, "main", {CART: "one\n2\nthree\nfour\n"}, by="ann")
    return scene.github.push(SHOP, "main", {CART: "one\n2\nthree\n4\n"}, by="bo", author="Zed <zed@elsewhere.example>")


def key(number: int) -> str:
    return f"github:{REPO.host}:{number}"


def test_each_account_is_told_with_how_many_of_the_lines_it_wrote(scene: Scene) -> None:
    commit = base(scene)
    scene.asked()
    found = scene.forge.fetch_blame(REPO, commit, [TouchedLines(CART, ((1, 4),))])
    assert found == ((key(2002), 2), (key(2001), 1))
    assert scene.asked() == ["POST /graphql Blames"]


def test_only_the_lines_that_are_asked_about_are_counted(scene: Scene) -> None:
    commit = base(scene)
    assert scene.forge.fetch_blame(REPO, commit, [TouchedLines(CART, ((2, 2), (4, 4)))]) == ((key(2001), 1),)


def test_several_files_are_one_call_and_one_that_is_not_there_has_no_lines(scene: Scene) -> None:
    commit = base(scene)
    scene.asked()
    asked = [TouchedLines(CART, ((1, 1),)), TouchedLines("none.py", ((1, 9),)), TouchedLines("README.md", ((1, 1),))]
    assert dict(scene.forge.fetch_blame(REPO, commit, asked))[key(2002)] == 1
    assert scene.asked() == ["POST /graphql Blames"]


def test_a_service_that_fails_is_an_error_and_nobodys_lines(scene: Scene) -> None:
    commit = base(scene)
    scene.github.fail_next("POST /graphql*", 502)
    with pytest.raises(Unavailable):
        scene.forge.fetch_blame(REPO, commit, [TouchedLines(CART, ((1, 1),))])


def test_a_commit_that_is_not_there_has_no_lines(scene: Scene) -> None:
    assert scene.forge.fetch_blame(REPO, "f" * 40, [TouchedLines(CART, ((1, 1),))]) == ()
