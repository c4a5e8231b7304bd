"""Links end: by their person, with the chat account, with the forge account; and what was approved counts no longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.browsers import browsers
from tests.scenarios.conftest import at_rest
from tests.scenarios.tying import (
    New,
    direct,
    known,
    link,
    links,
    logins,
    records,
    refused_words,
    week_later,
)

BOB = "person:slack:T0SANDBOX/U0BOB"


@pytest.fixture
def few(forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """The file of people knows neither Bob, who owns code, nor Sue of security, nor Eve."""
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, unlisted=("bob", "sue", "eve")), clock)
    assert world.slack.connected()
    try:
        yield world
        at_rest(world)
    finally:
        world.close()


@pytest.fixture
def new(few: Playground) -> Iterator[New]:
    yield from browsers(few)


def opened(world: Playground) -> ChangeSeen:
    change = world.open_generated()
    world.settle()
    return change


def test_not_me_under_the_word_about_the_link_undoes_it_and_what_was_approved_counts_no_longer(
    few: Playground, new: New
) -> None:
    change = opened(few)
    link(few, new, "bob")
    assert Hands(few, "bob").approve(change.number).taken
    assert "waiting for security —" in few.card(change.number).text
    (told,) = direct(few, "bob")
    few.slack.click(few.members["bob"], told.channel, told.ts, "Not me: unlink")
    assert few.slack.until(lambda: links(few) == ())
    few.settle()
    assert "waiting for security and a code owner" in few.card(change.number).text
    assert "belongs to nobody" in refused_words(few, 1)[0] or "is linked to nobody" in refused_words(few, 1)[0]
    (record,) = records(few, BOB, "unlink")
    assert record.details["because"] == "the person unlinked it"
    assert record.regards == links(few, live=False)[0].id


def test_unlink_in_words_does_the_same_and_says_when_there_is_nothing(few: Playground, new: New) -> None:
    bob = Hands(few, "bob")
    assert "linked to nothing" in bob.say("/llmgate unlink")
    link(few, new, "bob")
    assert f"no longer linked to @bob on {few.forge.host}" in bob.say("/llmgate unlink")
    assert known(few, "bob") is None
    assert "file of people" in Hands(few, "dee").say("/llmgate unlink")


def test_whoever_unlinked_may_link_again(few: Playground, new: New) -> None:
    link(few, new, "bob")
    Hands(few, "bob").say("/llmgate unlink")
    link(few, new, "bob")
    assert logins(few, "bob") == ["bob"]
    assert [record.kind for record in records(few, BOB)] == ["link", "unlink", "link"]


def test_a_deactivated_chat_account_loses_its_link_and_its_approval_and_the_finding_says_so(few: Playground, new: New) -> None:
    change = opened(few)
    link(few, new, "bob")
    assert Hands(few, "bob").approve(change.number).taken
    few.slack.change_member(few.members["bob"], deactivated=True)
    assert few.slack.until(lambda: few.gate.kit.store.backlog().jobs > 0)
    few.settle()
    assert links(few) == ()
    assert "waiting for security and a code owner" in few.card(change.number).text
    assert refused_words(few, 1) == [
        "bob's approval does not count: bob has a chat account that is deactivated, a guest's or a stranger's"
    ]
    (record,) = records(few, BOB, "unlink")
    assert record.details["because"] == "the chat account is deactivated"


def test_somebody_of_the_file_who_leaves_counts_no_longer_until_they_are_back(few: Playground) -> None:
    change = opened(few)
    dee = few.members["dee"]
    assert Hands(few, "dee").approve(change.number).taken
    few.slack.change_member(dee, guest=True)
    assert few.slack.until(lambda: few.gate.kit.store.backlog().jobs > 0)
    few.settle()
    assert "waiting for security and a code owner" in few.card(change.number).text
    assert "deactivated, a guest's or a stranger's" in refused_words(few, 1)[0]
    few.slack.change_member(dee, guest=False)
    assert few.slack.until(lambda: few.gate.kit.store.backlog().jobs > 0)
    few.settle()
    assert few.card(change.number).text == f"High risk: waiting for security — {few.ref(1)}"
    assert [record.kind for record in records(few, "person:dee")] == ["unlink", "link"]


def test_a_member_who_only_moved_to_another_time_zone_costs_nothing(few: Playground, new: New) -> None:
    link(few, new, "bob")
    few.slack.calls.clear()
    few.slack.change_member(few.members["bob"], tz="Europe/Vienna")
    few.settle()
    assert few.slack.calls == []
    assert logins(few, "bob") == ["bob"]


def test_a_leaver_whom_slack_did_not_tell_of_is_found_by_the_daily_look(few: Playground, new: New) -> None:
    link(few, new, "bob")
    few.slack.workspace.members[few.members["bob"]].deactivated = True
    few.slack.workspace.members[few.members["dee"]].deactivated = True
    week_later(few)
    assert links(few) == ()
    assert set(few.gate.kit.people.unavailable()) == {"slack:T0SANDBOX/U0BOB", "dee"}


def test_a_renamed_account_shows_its_new_login_and_what_it_approved_still_counts(few: Playground, new: New) -> None:
    change = opened(few)
    link(few, new, "sue")
    assert Hands(few, "sue").approve(change.number).taken
    few.forge.rename_user("sue", "suzanne")
    week_later(few)
    assert logins(few, "sue") == ["suzanne"]
    assert few.card(change.number).text == f"High risk: waiting for a code owner — {few.ref(1)}"
    assert refused_words(few, 1) == []


def test_a_login_that_another_account_took_over_gives_it_nothing(few: Playground, new: New) -> None:
    change = opened(few)
    link(few, new, "sue")
    few.forge.rename_user("sue", "suzanne")
    stand_in = few.gitlab if few.layout.forge == "gitlab" else few.github
    stand_in.user("sue", id=999, name="Another Sue")
    link(few, new, "eve", as_login="sue")
    assert [account.id for account in known(few, "eve").accounts] == [999]  # type: ignore[union-attr]  # linked just now
    assert not Hands(few, "eve").approve(change.number).taken
    assert "security" in few.card(change.number).text


@pytest.mark.parametrize("fate", ["suspended", "gone"])
def test_an_account_that_is_no_more_is_unlinked_and_its_person_hears_it(few: Playground, new: New, fate: str) -> None:
    link(few, new, "sue")
    few.forge.suspend("sue") if fate == "suspended" else few.forge.delete_user("sue")
    week_later(few)
    assert links(few) == ()
    assert direct(few, "sue")[-1].text.startswith(f"You are no longer linked to @sue on {few.forge.host}: the account is ")
    (record,) = records(few, "person:slack:T0SANDBOX/U0SUE", "unlink")
    assert record.details["because"].startswith("the account is ")


def test_a_forge_that_does_not_answer_unlinks_nobody_and_is_asked_again_the_next_day(few: Playground, new: New) -> None:
    link(few, new, "sue")
    few.forge.rename_user("sue", "suzanne")
    few.forge.fail_next(f"GET /user{'s' if few.layout.forge == 'gitlab' else ''}/*", 503)
    week_later(few)
    assert logins(few, "sue") == ["sue"]
    few.clock.advance(timedelta(days=1))
    few.gate.request_links()
    few.settle()
    assert logins(few, "sue") == ["suzanne"]


def test_the_daily_look_is_one_a_day_however_often_it_is_asked_for(few: Playground) -> None:
    few.settle()
    for _ in range(3):
        few.gate.request_links()
    assert few.gate.kit.store.backlog().jobs == 1
