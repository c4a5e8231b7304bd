"""Whose turn it is, as the story goes on: what begins a wait, what ends it, and what starts it anew."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event
from sqlalchemy.engine import Engine

from bot.cli.hands import Hands
from bot.cli.layout import POLICY
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from bot.core.escalation.model import PersonSettings
from bot.core.events import ChangeTouched, Delegated, NotMine, Reassigned, Snoozed
from bot.core.ids import PersonId
from bot.handlers.escalation.leaving import plan_leave
from tests.scenarios.waiting import asked, direct, history, opened, request_of, send, thread, told, turns, user_of, wait

BOB, CID, DEE, SUE = (PersonId(name) for name in ("bob", "cid", "dee", "sue"))


def test_every_seat_waits_for_the_one_who_is_asked_from_then_on(one_world: Playground) -> None:
    opened(one_world)
    waiting = turns(one_world)
    assert set(waiting) == {"codeowner", "security"}
    assert {row.person for row in waiting.values()} == set(asked(one_world))
    assert {row.since for row in waiting.values()} == {one_world.clock.now()}
    assert {row.next_at for row in waiting.values()} == {one_world.clock.now() + timedelta(hours=1)}


def test_a_look_that_changes_nothing_changes_no_turn(one_world: Playground) -> None:
    opened(one_world)
    before = turns(one_world)
    one_world.clock.advance(timedelta(minutes=10))
    one_world.gate.request_sweep()
    one_world.forge.comment(one_world.repo, 1, "I am at it", by="eve")
    one_world.settle()
    assert turns(one_world) == before


def test_a_decision_ends_the_wait_for_its_seat_and_no_other(one_world: Playground) -> None:
    opened(one_world)
    security = turns(one_world)["security"].person
    Hands(one_world, security).approve(1)
    assert set(turns(one_world)) == {"codeowner"}
    (decided,) = history(one_world, "decided")
    assert (decided.person, decided.words.startswith("approved")) == (security, True)


def test_a_push_starts_every_wait_anew_for_the_same_people(one_world: Playground) -> None:
    opened(one_world)
    before = turns(one_world)
    one_world.clock.advance(timedelta(minutes=30))
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "a second thought"))
    one_world.settle()
    after = turns(one_world)
    assert {seat: row.person for seat, row in after.items()} == {seat: row.person for seat, row in before.items()}
    assert {row.since for row in after.values()} == {one_world.clock.now()}
    assert {row.token for row in after.values()} == {request_of(one_world).token} != {row.token for row in before.values()}


def test_nobody_is_waited_for_while_it_is_a_draft_or_once_it_is_closed(one_world: Playground) -> None:
    opened(one_world)
    one_world.forge.set_draft(one_world.repo, 1, True, by="ann")
    one_world.settle()
    assert turns(one_world) == {}
    one_world.forge.set_draft(one_world.repo, 1, False, by="ann")
    one_world.settle()
    assert set(turns(one_world)) == {"codeowner", "security"}
    one_world.forge.close_change(one_world.repo, 1, by="ann")
    one_world.settle()
    assert turns(one_world) == {}


def test_requested_changes_make_it_the_authors_turn(one_world: Playground) -> None:
    opened(one_world)
    Hands(one_world, "bob").request_changes(1, "The lock must be per account, not per process.")
    assert {seat: row.person for seat, row in turns(one_world).items()} == {"author": "ann"}


def test_an_activity_of_a_person_is_kept_and_that_of_a_stranger_is_not(one_world: Playground) -> None:
    opened(one_world)
    one_world.clock.advance(timedelta(minutes=10))
    one_world.forge.comment(one_world.repo, 1, "hello", by="eve")
    one_world.settle()
    assert {row.active_at for row in turns(one_world).values()} == {None}
    one_world.forge.comment(one_world.repo, 1, "I am reading it", by="bob")
    one_world.settle()
    assert {row.active_at for row in turns(one_world).values()} == {one_world.clock.now()}


def test_a_review_handed_on_is_the_others_from_then_on(one_world: Playground) -> None:
    opened(one_world)
    owner = turns(one_world)["codeowner"].person
    other = next(name for name in (BOB, DEE) if name != owner)
    one_world.clock.advance(timedelta(minutes=20))
    handing = Delegated(request_of(one_world).token, user_of(one_world, owner), other, "I am in a train", "press-1")
    send(one_world, handing)
    row = turns(one_world)["codeowner"]
    assert (row.person, row.since, row.epoch) == (other, one_world.clock.now(), 2)
    now = asked(one_world)
    assert now[owner].gone == f"handed it to {other.capitalize()}"
    assert (now[other].how, now[other].by) == ("delegated", owner)
    assert any("handed the review on to" in line and "I am in a train" in line for line in thread(one_world))
    send(one_world, handing, key="the same press again")
    assert turns(one_world)["codeowner"] == row
    assert len(history(one_world, "delegated")) == 1
    assert Hands(one_world, owner).told() == ""


def test_a_review_is_handed_only_to_somebody_who_may_give_it(one_world: Playground) -> None:
    opened(one_world)
    owner, before = turns(one_world)["codeowner"].person, turns(one_world)
    token = request_of(one_world).token
    send(one_world, Delegated(token, user_of(one_world, owner), PersonId("ann"), interaction="to the author"))
    assert "Ann may not decide about" in Hands(one_world, owner).told()
    send(one_world, Delegated(token, user_of(one_world, owner), SUE, interaction="to no owner"))
    assert "Sue does not fill code owner" in Hands(one_world, owner).told()
    send(one_world, Delegated(token, user_of(one_world, "eve"), DEE, interaction="by a stranger"))
    assert "tied to no forge account here" in Hands(one_world, "eve").told()
    bystander = next(name for name in (BOB, CID, DEE) if name != owner)
    send(one_world, Delegated(token, user_of(one_world, bystander), DEE, interaction="by nobody who is asked"))
    assert "You are not asked to review" in Hands(one_world, bystander).told()
    assert turns(one_world) == before


def test_the_author_may_reassign_and_a_bystander_may_not(one_world: Playground) -> None:
    opened(one_world)
    owner = turns(one_world)["codeowner"].person
    other = next(name for name in (BOB, DEE) if name != owner)
    token = request_of(one_world).token
    send(one_world, Reassigned(token, user_of(one_world, "cid"), owner, other, interaction="bystander"))
    assert "Only its author" in Hands(one_world, "cid").told()
    send(one_world, Reassigned(token, user_of(one_world, "ann"), owner, other, "They know it", "author"))
    assert turns(one_world)["codeowner"].person == other
    assert asked(one_world)[owner].gone == "was relieved by Ann"
    (turning,) = history(one_world, "reassigned")
    assert turning.person == "ann"


def test_whoever_says_that_it_is_not_theirs_is_named_no_more_and_may_still_approve(one_world: Playground) -> None:
    opened(one_world)
    owner = turns(one_world)["codeowner"].person
    send(one_world, NotMine(request_of(one_world).token, user_of(one_world, owner), "I never saw this code", "press"))
    other = turns(one_world)["codeowner"].person
    assert other != owner
    assert any("this review is not theirs" in line and "I never saw this code" in line for line in thread(one_world))
    one_world.push_generated(specimen=login_change(one_world.clock.now(), "a second thought"))
    one_world.settle()
    assert turns(one_world)["codeowner"].person == other, "nor about the next commit"
    assert Hands(one_world, owner).approve(1).taken
    assert "codeowner" not in turns(one_world)


def test_a_snooze_puts_the_chain_off_and_has_its_limit(one_world: Playground) -> None:
    opened(one_world)
    owner, token = turns(one_world)["codeowner"].person, request_of(one_world).token
    send(one_world, Snoozed(token, user_of(one_world, owner), 120, interaction="first"))
    row = turns(one_world)["codeowner"]
    assert (row.snoozed_until, row.snoozes, row.epoch) == (one_world.clock.now() + timedelta(hours=2), 1, 2)
    assert any("wants to be reminded later" in line for line in thread(one_world))
    send(one_world, Snoozed(token, user_of(one_world, owner), 120, interaction="first"), key="the same press again")
    assert turns(one_world)["codeowner"] == row
    send(one_world, Snoozed(token, user_of(one_world, owner), 100_000, interaction="too long"))
    assert "lasts from 1 to" in Hands(one_world, owner).told()
    for number in range(row.chain.snoozes - 1):
        send(one_world, Snoozed(token, user_of(one_world, owner), 30, interaction=f"again {number}"))
    send(one_world, Snoozed(token, user_of(one_world, owner), 30, interaction="once too often"))
    assert f"You have snoozed it {row.chain.snoozes} of {row.chain.snoozes} times" in Hands(one_world, owner).told()
    assert len(history(one_world, "snoozed")) == row.chain.snoozes


def test_what_waits_for_somebody_who_leaves_waits_for_somebody_else(one_world: Playground) -> None:
    opened(one_world)
    owner, now = turns(one_world)["codeowner"].person, one_world.clock.now()
    begins = now + timedelta(minutes=30)
    with one_world.gate.kit.store.begin() as unit:
        unit.save_settings(PersonSettings(owner, absent_since=begins), now)
        plan_leave(unit, owner, begins, now)
        unit.commit()
    one_world.settle()
    assert turns(one_world)["codeowner"].person == owner, "not before they leave"
    wait(one_world, timedelta(minutes=30))
    row = turns(one_world)["codeowner"]
    assert row.person != owner
    assert row.since == one_world.clock.now()


def test_a_step_for_somebody_who_is_away_asks_who_else_there_is(one_world: Playground) -> None:
    """Their absence was not told beforehand: the step that comes due finds it."""
    opened(one_world)
    owner, now = turns(one_world)["codeowner"].person, one_world.clock.now()
    with one_world.gate.kit.store.begin() as unit:
        unit.save_settings(PersonSettings(owner, absent_since=now), now)
        unit.commit()
    wait(one_world, timedelta(hours=1))
    assert turns(one_world)["codeowner"].person != owner
    assert direct(one_world, owner) == []


def test_a_policy_that_only_warns_reminds_whoever_it_asks_as_one_that_enforces(one_world: Playground) -> None:
    opened(one_world, POLICY + "mode: warn\n")
    first = turns(one_world)["codeowner"].person
    wait(one_world, timedelta(hours=1))
    assert ["you have had it for 1 h of working time" in line for line in told(one_world, first)] == [True]
    assert Hands(one_world, first).approve(1).taken
    assert set(turns(one_world)) == {"security"}


def test_a_policy_that_only_observes_from_now_on_waits_for_nobody(one_world: Playground) -> None:
    opened(one_world)
    assert len(turns(one_world)) == 2
    one_world.push_policy(POLICY + "mode: observe\n")
    one_world.settle()
    assert turns(one_world) == {}
    one_world.clock.advance(timedelta(minutes=1))
    one_world.push_policy(POLICY + "mode: warn\n")
    one_world.settle()
    assert len(turns(one_world)) == 2


def test_a_look_that_changes_nothing_reads_turns_once_and_writes_none(one_world: Playground) -> None:
    opened(one_world)
    ref, said = one_world.ref(1), list[str]()

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    one_world.gate.kit.store.accept(ChangeTouched(ref, "once more"), ref.key, "once more")
    event.listen(Engine, "before_cursor_execute", hear)
    try:
        one_world.settle()
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    kept = ("escalations", "assignments", "reminders", "turnings", "person_settings", "digests")
    about = [one for one in said if any(f" {table}" in one for table in kept)]
    assert [one.split()[0] for one in about] == ["SELECT"] * 4, (
        "who is asked, what they chose, whose turn it is, and what was said"
    )


def test_a_review_on_the_forge_is_an_activity_also_where_it_does_not_count(one_world: Playground) -> None:
    opened(one_world)
    one_world.clock.advance(timedelta(minutes=10))
    one_world.forge.approve(one_world.repo, 1, by="bob")
    one_world.settle()
    assert {row.active_at for row in turns(one_world).values()} == {one_world.clock.now()}
    assert set(turns(one_world)) == {"codeowner", "security"}


def test_nothing_weighs_on_anybody_where_a_policy_only_observes(one_world: Playground) -> None:
    opened(one_world, POLICY + "mode: observe\n")
    assert (asked(one_world), turns(one_world)) == ({}, {})
    with one_world.gate.kit.store.look() as unit:
        assert unit.planned_digests([BOB, CID, DEE, SUE]) == {}
