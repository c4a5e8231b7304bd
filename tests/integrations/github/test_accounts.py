"""What an account is now, asked for by number."""

from __future__ import annotations

import pytest

from bot.core.ids import ForgeAccount
from bot.ports.errors import Refused, Unavailable
from bot.ports.login import AccountState
from integrations.github.people import account_state
from tests.integrations.github.conftest import HOST, Scene


def test_an_account_is_known_by_its_number_and_a_new_login_shows(scene: Scene) -> None:
    scene.github.rename_user("ann", "anna")
    scene.github.user("ann", id=2009)
    assert scene.forge.fetch_account(2001) == AccountState(ForgeAccount("github", HOST, 2001, "anna", "human"), "active")


def test_a_suspended_account_is_told_apart_and_may_come_back(scene: Scene) -> None:
    scene.github.suspend("bo")
    assert scene.forge.fetch_account(2002) == AccountState(ForgeAccount("github", HOST, 2002, "bo", "human"), "suspended")
    scene.github.reinstate("bo")
    assert scene.forge.fetch_account(2002).state == "active"


def test_a_deleted_account_is_gone(scene: Scene) -> None:
    scene.github.delete_user("bo")
    assert scene.forge.fetch_account(2002) == AccountState(None, "gone")


def test_a_bot_is_a_bot(scene: Scene) -> None:
    found = scene.forge.fetch_account(198_982_749).account
    assert found is not None
    assert (found.login, found.kind) == ("helper[bot]", "bot")


def test_a_service_that_fails_says_nothing_of_the_account(scene: Scene) -> None:
    scene.github.fail_next("GET /user/*", 502)
    with pytest.raises(Unavailable):
        scene.forge.fetch_account(2001)


def test_an_installation_that_is_gone_does_not_make_the_account_gone(scene: Scene) -> None:
    scene.github.fail_next("GET /user/*", 404)
    scene.github.fail_next("GET /installation/repositories", 403)
    with pytest.raises(Refused):
        scene.forge.fetch_account(2001)


def test_without_an_installation_nothing_is_known() -> None:
    with pytest.raises(Refused, match="saw no installation of the app that could ask for account 2001"):
        account_state(iter(()), 2001, HOST)
