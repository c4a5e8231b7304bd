"""In which order people are asked, who stays named, and what is said when nobody is at work."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.attendance import PRESENCES, Assignment, Attendance, How, Presence
from bot.core.ids import PersonId
from bot.core.policy.model import Seat
from bot.core.routing.route import candidates
from tests.core.build import ACCOUNTS, NOW, account, approval, directory, facts, on_gitlab, person
from tests.core.routing.lineup import (
    ANYONE,
    FALLBACK,
    OWNER,
    SECURITY,
    TEAM,
    about,
    asked,
    here,
    preferring_authors,
    routed,
    seat,
)


def test_whoever_is_at_work_comes_before_whoever_is_away_out_of_hours_or_absent() -> None:
    there = (here("bob", "absent"), here("cid", "out-of-hours"), here("dee", "away"), here("sam", "active", 90.0))
    of = about(*there, owners="* @bob @cid @dee @sam\n")
    assert [one.person for one in routed(of).order] == ["sam", "dee", "cid", "bob"]
    assert (seat(of).asked, seat(of).backup) == (("sam",), ("dee",))


def test_of_those_at_work_the_less_loaded_is_named() -> None:
    of = about(here("bob", load=4.0), here("cid", load=0.1), here("dee", load=2.0), owners="* @bob @cid @dee\n")
    assert [one.person for one in routed(of).order] == ["cid", "dee", "bob"]


def test_an_emptier_desk_comes_before_owning_more_of_the_files() -> None:
    of = replace(facts("vendor/a.py", "vendor/b.py", owners_text="*.py @bob\nvendor/b* @cid\n"), attendance=())
    assert seat(of).asked != ()
    busy = replace(of, attendance=(here("bob", load=2.0), here("cid")))
    assert seat(busy).asked == ("cid",)


def test_whom_the_chat_cannot_reach_is_asked_last_even_where_the_others_are_absent() -> None:
    of = about(here("lou"), here("bob", "absent"), owners="* @lou @bob\n")
    assert seat(of).asked == ("bob",)


def test_who_wrote_the_lines_comes_first_only_where_the_policy_prefers_authors() -> None:
    of = about(*(here(name, load=float(at)) for at, name in enumerate(TEAM)))
    assert seat(replace(of, wrote=((PersonId("sue"), 40),))).asked == ("bob",)
    assert seat(preferring_authors(of, sue=40, sam=41)).asked == ("sam",)
    assert seat(preferring_authors(of, sue=40, sam=41)).backup == ("sue",)


def test_an_author_who_is_absent_does_not_come_before_somebody_at_work() -> None:
    of = about(here("sue", "absent"), here("bob"), owners="* @sue @bob\n")
    assert seat(preferring_authors(of, sue=400)).asked == ("bob",)


def test_whoever_was_not_looked_at_stands_between_those_at_work_and_those_who_are_not() -> None:
    of = about(here("bob", "out-of-hours"), here("cid", "away"), owners="* @bob @cid @dee\n")
    assert [one.person for one in routed(of).order] == ["cid", "dee", "bob"]


@pytest.mark.parametrize("presence", ["active", "away", "out-of-hours"])
@pytest.mark.parametrize("name", TEAM)
def test_whoever_was_asked_stays_named_whatever_they_do_meanwhile(name: str, presence: Presence) -> None:
    others = (here(other) for other in TEAM if other != name)
    assert seat(about(*others, here(name, presence, 99.0), was=[asked(name)])).asked == (name,)


def test_whoever_is_absent_since_they_were_asked_gives_way_to_somebody_who_is_not() -> None:
    there = [here(name, "out-of-hours") for name in TEAM[1:]]
    assert seat(about(*there, here("bob", "absent"), was=[asked("bob")])).asked != ("bob",)
    assert seat(about(*(here(name, "absent") for name in TEAM), was=[asked("dee")])).asked == ("dee",)


def test_what_somebody_absent_was_asked_goes_to_the_one_whom_they_chose_to_stand_in() -> None:
    there = [here(name) for name in TEAM[1:]]
    away = replace(here("bob", "absent"), instead=PersonId("sue"))
    assert seat(about(*there, away, was=[asked("bob")])).asked == ("sue",)
    assert seat(about(*there, replace(away, presence="active"), was=[asked("bob")])).asked == ("bob",)
    lost = [one if one.person != "sue" else here("sue", "absent") for one in there]
    assert seat(about(*lost, away, was=[asked("bob")])).asked not in (("bob",), ("sue",))
    stranger = replace(away, instead=PersonId("lou"))
    assert seat(about(*there, stranger, was=[asked("bob")])).asked not in (("bob",), ("lou",))


def test_whoever_said_it_is_not_theirs_is_named_for_no_seat_and_may_still_approve() -> None:
    of = about(was=[asked("bob", gone="said it is not theirs")], owners="* @bob @cid\n")
    routing = routed(of)
    assert (routing.seats[0].asked, routing.seats[0].backup) == (("cid",), ())
    assert routing.roles_of(PersonId("bob")) == (OWNER,)
    last = routing.order[-1]
    assert (last.person, last.gone, last.why) == ("bob", True, "said it is not theirs, and may still approve")
    approving = replace(of, approvals=(approval(ACCOUNTS["bob"], of),))
    assert routed(approving).seats[0].taken_by == ("bob",)


def test_with_everybody_gone_the_seat_says_that_nobody_is_left_to_ask() -> None:
    was = [asked("bob", gone="said it is not theirs"), asked("cid", gone="delegated it to Dee")]
    state = seat(about(was=was, owners="* @bob @cid\n"))
    assert state.asked == ()
    assert state.problem == ("nobody of `codeowner` is left to ask (Bob said it is not theirs; Cid delegated it to Dee)")


@pytest.mark.parametrize("how", ["delegated", "reassigned"])
def test_whoever_got_it_from_somebody_is_named_first(how: How) -> None:
    was = [asked("bob"), asked("cid", gone="delegated it"), asked("sue", how, by="cid")]
    assert seat(about(was=was)).asked == ("sue",)
    assert seat(about(was=was), Seat(OWNER, 2)).asked == ("sue", "bob")


def test_whoever_is_asked_as_well_stands_behind_the_one_who_is_named_and_somebody_else_stands_by() -> None:
    state = seat(about(was=[asked("sue", "widened"), asked("bob")]))
    assert state.asked == ("bob", "sue")
    assert state.seat.count == state.open == 1
    assert len(state.backup) == 1
    assert not {*state.backup} & {*state.asked}


def test_whoever_was_asked_as_well_is_named_once_the_first_says_it_is_not_theirs() -> None:
    was = [asked("bob", gone="said it is not theirs"), asked("sue", "widened")]
    assert seat(about(was=was)).asked == ("sue",)


def test_whoever_is_asked_as_well_is_asked_no_more_once_the_seat_is_taken() -> None:
    of = about(was=[asked("bob"), asked("sue", "widened")])
    taken = seat(replace(of, approvals=(approval(ACCOUNTS["bob"], of),)))
    assert (taken.taken_by, taken.asked, taken.backup) == (("bob",), (), ())


def test_whoever_is_asked_as_well_for_a_section_is_shown_there() -> None:
    of = replace(on_gitlab(about(owners="[Code]\n* @bob @cid\n")), assignments=(asked("bob"), asked("cid", "widened")))
    assert [state.asked for state in routed(of).seats] == [("bob", "cid"), ("bob", "cid")]


def test_a_stand_in_may_fill_the_seat_only_as_a_member_of_a_role_that_the_chain_names_for_it() -> None:
    was = [asked("bob"), asked("sam", "fallback", seat="codeowner")]
    of = about(was=was, owners="* @bob @cid\n")
    assert seat(of, chain=FALLBACK).asked == ("bob", "sam")
    assert routed(of, chain=FALLBACK).roles_of(PersonId("sam")) == (OWNER,)
    given = replace(of, approvals=(approval(ACCOUNTS["sam"], of),))
    assert seat(given, chain=FALLBACK).taken_by == ("sam",)
    assert seat(given).taken_by == ()
    assert routed(of).roles_of(PersonId("sam")) == ()


@pytest.mark.parametrize(("name", "for_seat"), [("dee", "codeowner"), ("sam", "security"), ("sam", "section:Code")])
def test_a_stand_in_of_no_such_role_or_for_another_seat_fills_nothing(name: str, for_seat: str) -> None:
    of = about(was=[asked(name, "fallback", seat=for_seat)], owners="* @bob @cid\n")
    given = replace(of, approvals=(approval(ACCOUNTS[name], of),))
    assert seat(given, chain=FALLBACK).taken_by == ()


def test_a_seat_without_members_is_filled_by_a_stand_in() -> None:
    of = about(was=[asked("sam", "fallback", seat="codeowner")], owners="")
    state = seat(of, chain=FALLBACK)
    assert (state.asked, state.problem) == (("sam",), "")


def test_each_candidate_is_told_with_what_puts_them_there() -> None:
    there = (here("bob", load=4.0), here("cid", "away", why="is away in the chat"), here("lou"))
    routing = routed(preferring_authors(about(*there, was=[asked("bob")], owners="* @bob @cid @lou @dee\n"), cid=12))
    assert {one.person: one.why for one in routing.order} == {
        "bob": "was asked already, is at work, has 4 on the desk",
        "cid": "is away in the chat, wrote 12 of the lines around, has nothing on the desk",
        "dee": "was not looked at, because there are many",
        "lou": "is not reached by the chat, is at work, has nothing on the desk",
    }


def test_two_entries_of_one_person_were_asked_and_are_there_as_one() -> None:
    twin = replace(person(ACCOUNTS["bob"]), id=PersonId("robert"))
    of = replace(about(owners="* @bob @cid\n"), directory=directory(*directory().people, twin))
    assert seat(replace(of, assignments=(asked("robert", gone="said it is not theirs"),))).asked == ("cid",)
    assert seat(replace(of, attendance=(here("robert", "absent"), here("cid")))).asked == ("cid",)


def test_of_a_large_pool_fifty_are_looked_at_and_a_small_one_keeps_its_place() -> None:
    many = tuple(person(account(f"p{number}", 2000 + number)) for number in range(300))
    of = replace(about(), directory=replace(directory(), people=(*directory().people, *many)))
    looked_at = candidates(routed(of, Seat(ANYONE, 1), Seat(SECURITY, 1)))
    assert len(looked_at) == 50
    assert {"sam", "sue"} <= set(looked_at)
    assert looked_at == candidates(routed(of, Seat(ANYONE, 1), Seat(SECURITY, 1)))


def test_nobody_is_looked_at_who_is_barred_gone_or_done() -> None:
    of = about(was=[asked("bob", gone="said it is not theirs")], owners="* @ann @bob @cid @dee\n")
    of = replace(of, approvals=(approval(ACCOUNTS["dee"], of),))
    assert candidates(routed(of)) == ("cid",)


def test_a_name_that_can_never_approve_is_told_while_others_can() -> None:
    gone = replace(directory(), unavailable=(PersonId("cid"),))
    routing = routed(replace(about(owners="* @bob @cid @ghost\n"), directory=gone))
    assert routing.seats[0].asked == ("bob",)
    assert routing.idle == (
        "@ghost is in no entry of the people file",
        "Cid of `codeowner` has a chat account that is deactivated, a guest's or a stranger's",
    )


PRESENT = st.builds(
    Attendance, st.sampled_from(TEAM).map(PersonId), st.sampled_from(PRESENCES), load=st.floats(0, 50, allow_nan=False)
)
WAS = st.lists(
    st.builds(
        Assignment,
        st.sampled_from(TEAM).map(PersonId),
        st.sampled_from(["routed", "widened", "delegated", "reassigned"]),
        st.just(NOW),
        gone=st.sampled_from(["", "", "said it is not theirs"]),
    ),
    max_size=4,
    unique_by=lambda one: one.person,
)
THERE = st.lists(PRESENT, max_size=5, unique_by=lambda one: one.person)


@given(THERE, WAS, st.integers(1, 3))
def test_nobody_is_named_twice_and_nobody_who_is_gone(there: list[Attendance], was: list[Assignment], count: int) -> None:
    state = seat(about(*there, was=was), Seat(OWNER, count))
    named = [*state.asked, *state.backup]
    assert len(named) == len(set(named))
    assert not {one.person for one in was if one.gone} & set(named)
    assert len(state.asked) >= min(count, len(TEAM) - sum(bool(one.gone) for one in was))


@given(THERE, THERE, st.integers(1, 3))
def test_a_second_look_names_the_same_people_unless_one_is_absent(
    first: list[Attendance], second: list[Attendance], count: int
) -> None:
    before = seat(about(*first), Seat(OWNER, count)).asked
    was = [asked(name) for name in before]
    assert seat(about(was=was), Seat(OWNER, count)).asked == before
    after = seat(about(*second, was=was), Seat(OWNER, count)).asked
    absent = {one.person for one in second if one.presence == "absent"}
    assert set(before) - absent <= set(after)


@given(THERE, WAS, st.permutations(TEAM))
def test_the_order_in_which_people_are_listed_decides_nothing(
    there: list[Attendance], was: list[Assignment], names: list[str]
) -> None:
    of = about(*there, was=was)
    people = sorted(of.directory.people, key=lambda one: names.index(one.id) if one.id in names else -1)
    shuffled = replace(of, directory=replace(of.directory, people=tuple(people)), attendance=tuple(reversed(there)))
    assert routed(of).order == routed(shuffled).order
    assert routed(of).seats == routed(shuffled).seats


@given(THERE)
def test_nobody_better_placed_is_passed_over(there: list[Attendance]) -> None:
    order = [one.person for one in routed(about(*there)).order]
    classes = {one.person: PRESENCES.index(one.presence) for one in there}
    loads = {one.person: one.load for one in there}
    looked_at = [name for name in order if name in classes]
    assert looked_at == sorted(looked_at, key=lambda name: (classes[name], loads[name]))
    assert seat(about(*there)).asked == (order[0],)
