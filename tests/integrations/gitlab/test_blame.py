"""Who wrote lines, by the accounts that GitLab ties to their commits."""

from __future__ import annotations

import pytest

from bot.core.routing.touched import TouchedLines
from bot.ports.errors import Unavailable
from tests.integrations.gitlab.conftest import REPO, SHOP, Scene

CART = "src/cart.py"


def base(scene: Scene) -> str:
    """Bo wrote lines 1 to 4 of the cart, Ann then line 2, and somebody whom GitLab knows not line 4."""
    scene.gitlab.push(SHOP, "main", {CART: "one\ntwo\nthree\nfour\n"}, by="bo")
    scene.gitlab.push(SHOP, "main", {CART: "one\n2\nthree\nfour\n"}, by="ann")
    return scene.gitlab.push(SHOP, "main", {CART: "one\n2\nthree\n4\n"}, by="bo", author="Zed <zed@elsewhere.example>")


def key(number: int) -> str:
    return f"gitlab:{REPO.host}:{number}"


def test_each_account_is_told_with_how_many_of_the_lines_it_wrote(scene: Scene) -> None:
    commit = base(scene)
    scene.asked()
    found = scene.forge.fetch_blame(REPO, commit, [TouchedLines(CART, ((1, 4),))])
    assert found == ((key(2002), 2), (key(2001), 1))
    assert scene.asked() == ["GET /repository/files/src/cart.py/blame", "POST /graphql Authors"]


def test_only_the_lines_that_are_asked_about_are_counted(scene: Scene) -> None:
    commit = base(scene)
    assert scene.forge.fetch_blame(REPO, commit, [TouchedLines(CART, ((2, 2), (4, 4)))]) == ((key(2001), 1),)


def test_each_range_is_a_call_and_a_file_that_is_not_there_has_no_lines(scene: Scene) -> None:
    commit = base(scene)
    scene.asked()
    asked = [TouchedLines(CART, ((1, 1), (3, 4))), TouchedLines("none.py", ((1, 9),))]
    assert scene.forge.fetch_blame(REPO, commit, asked) == ((key(2002), 2),)
    calls = scene.asked()
    assert calls.count("GET /repository/files/src/cart.py/blame") == 2
    assert len(calls) == 4


def test_an_address_that_nobody_confirmed_is_nobodys_whatever_name_stands_before_it(scene: Scene) -> None:
    scene.gitlab.push(SHOP, "main", {CART: "one\n"}, by="ann", author="Bo <bo@elsewhere.example>")
    commit = scene.gitlab.push(SHOP, "main", {"other.py": "x\n"}, by="ann")
    assert scene.forge.fetch_blame(REPO, commit, [TouchedLines(CART, ((1, 1),))]) == ()


def test_of_many_commits_those_with_most_lines_are_looked_up_in_one_call_that_gitlab_takes(scene: Scene) -> None:
    text = [f"line {number}" for number in range(60)]
    scene.gitlab.push(SHOP, "main", {CART: "\n".join(text) + "\n"}, by="bo")
    for number in range(20):
        text[number] = f"changed {number}"
        commit = scene.gitlab.push(SHOP, "main", {CART: "\n".join(text) + "\n"}, by="ann")
    scene.asked()
    found = dict(scene.forge.fetch_blame(REPO, commit, [TouchedLines(CART, ((1, 60),))]))
    assert found == {key(2002): 40, key(2001): 11}
    assert scene.asked().count("POST /graphql Authors") == 1


def test_a_service_that_fails_is_an_error_and_nobodys_lines(scene: Scene) -> None:
    commit = base(scene)
    scene.gitlab.fail_next("GET /projects/*/repository/files/*/blame", 502)
    with pytest.raises(Unavailable):
        scene.forge.fetch_blame(REPO, commit, [TouchedLines(CART, ((1, 1),))])


def test_a_commit_that_is_not_there_has_no_lines(scene: Scene) -> None:
    assert scene.forge.fetch_blame(REPO, "f" * 40, [TouchedLines(CART, ((1, 1),))]) == ()
