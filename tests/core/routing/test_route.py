"""Who is asked, who stands by, who may not, and what is said when nobody can be."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.detection.detect import detect
from bot.core.facts import Directory, Facts, RoleMembers
from bot.core.ids import ChangeRef, PersonId, RoleName
from bot.core.policy.model import Seat
from bot.core.routing.route import route
from bot.core.routing.seating import seated
from bot.core.verdict import Routing, SeatState
from tests.core.build import (
    ACCOUNTS,
    BOB,
    HIGH,
    LOW,
    MEDIUM,
    REPO,
    account,
    approval,
    approved,
    change,
    changed,
    directory,
    facts,
    person,
)

ANYONE, OWNER, SECURITY = RoleName("anyone"), RoleName("codeowner"), RoleName("security")


def routed(about: Facts, *seats: Seat) -> Routing:
    rules = replace(about.policy.tier("medium"), seats=seats or (Seat(OWNER, 1),))
    return route(about, rules, detect(about.change, about.commits, about.files, about.documents, about.seen_before))


def only(about: Facts, *seats: Seat) -> SeatState:
    return routed(about, *seats).seats[0]


def test_a_seat_names_one_person_and_a_backup_who_may_both_sit() -> None:
    state = only(facts(MEDIUM))
    assert {*state.asked, *state.backup} == {"bob", "cid"}
    assert len(state.asked) == len(state.backup) == 1
    assert state.problem == ""


def test_the_same_people_are_asked_whoever_asks_and_different_changes_spread_over_a_team() -> None:
    about = facts(MEDIUM, owners_text="* @bob @cid @dee @sam @sue @lou\n")
    reversed_people = replace(about, directory=directory(*about.directory.people[::-1]))
    assert routed(about).seats == routed(reversed_people).seats
    asked = {only(replace(about, change=change(ref=ChangeRef(REPO, number)))).asked for number in range(60)}
    assert len(asked) >= 4


def test_the_owner_of_more_of_the_touched_files_is_asked_first() -> None:
    text = "*.py @bob\nvendor/b* @cid\n"
    about = facts("vendor/a.py", "vendor/b.py", "vendor/c.py", owners_text=text)
    for number in range(20):
        assert only(replace(about, change=change(ref=ChangeRef(REPO, number)))).asked == ("bob",)


def test_a_person_the_chat_cannot_reach_is_asked_last() -> None:
    for number in range(20):
        about = facts(owners_text="* @lou @bob\n", change=change(ref=ChangeRef(REPO, number)))
        assert only(about).asked == ("bob",)


def test_only_owners_of_touched_files_are_asked_and_the_last_line_wins() -> None:
    about = facts("vendor/x.py", owners_text="* @bob\n/vendor/ @dee\n/other/ @sam\n")
    assert {*only(about).asked, *only(about).backup} == {"dee"}


def test_both_names_of_a_renamed_file_have_owners() -> None:
    moved = changed("new/x.py", status="renamed", previous_path="old/x.py")
    about = facts(files=(moved,), owners_text="/new/ @dee\n/old/ @cid\n")
    assert {*only(about).asked, *only(about).backup} == {"dee", "cid"}


@pytest.mark.parametrize("role", ["acme/payments", "payments"])
def test_a_team_of_codeowners_is_resolved_through_its_members(role: str) -> None:
    team = RoleMembers(RoleName(role), (PersonId("dee"), PersonId("ghost")), "a team")
    about = facts(owners_text="* @acme/payments\n", directory=replace(directory(), roles=(team,)))
    assert only(about).asked == ("dee",)


def test_logins_in_codeowners_are_read_without_case() -> None:
    assert only(facts(owners_text="* @DEE\n")).asked == ("dee",)


@pytest.mark.parametrize(
    ("owners", "words"),
    [
        ("", "no CODEOWNERS"),
        ("/other/ @bob\n", "names no owner for the touched files"),
        ("* dee@acme.example\n", "an address is no identity"),
        ("* @ghost\n", "@ghost is in no entry"),
        ("* @acme/ghosts\n", "members of @acme/ghosts are unknown"),
        ("* @ann\n", "Ann opened this change"),
    ],
)
def test_a_seat_nobody_can_take_says_why(owners: str, words: str) -> None:
    state = only(facts(MEDIUM, owners_text=owners))
    assert state.asked == ()
    assert words in state.problem


def test_a_role_without_members_says_what_its_source_said() -> None:
    empty = RoleMembers(SECURITY, (), "team acme/sec", "could not read team acme/sec: 403")
    state = only(facts(directory=replace(directory(), roles=(empty,))), Seat(SECURITY, 1))
    assert "403" in state.problem


def test_two_seats_that_only_one_person_could_take_are_one_too_many() -> None:
    about = facts(HIGH, owners_text="* @sam\n", directory=directory(security=("sam",)))
    states = routed(about, Seat(SECURITY, 1), Seat(OWNER, 1)).seats
    assert [len(state.asked) for state in states].count(1) == 1
    assert any("too few people" in state.problem for state in states)


def test_nobody_is_asked_for_two_seats() -> None:
    about = facts(HIGH, owners_text="* @sam @sue @bob\n")
    states = routed(about, Seat(SECURITY, 2), Seat(OWNER, 1)).seats
    asked = [one for state in states for one in state.asked]
    assert len(asked) == len(set(asked)) == 3
    assert states[1].asked == ("bob",)


def test_whoever_sat_down_is_not_asked_again() -> None:
    about = facts(HIGH)
    states = route(approved(about, BOB), about.policy.tier("high"), detect(about.change, about.commits, about.files)).seats
    assert states[1].taken_by == ("bob",)
    assert states[1].asked == states[1].backup == ()
    assert states[0].open == 1


def test_a_person_who_asked_for_changes_is_the_last_to_be_named() -> None:
    about = facts(MEDIUM)
    for who, other in (("bob", "cid"), ("cid", "bob")):
        no = approval(ACCOUNTS[who], about, decision="changes-requested")
        assert only(replace(about, approvals=(no,))).asked == (other,)


def test_everyone_barred_is_listed_with_the_fact_that_bars_them() -> None:
    about = facts(MEDIUM, change=change(last_pusher=BOB))
    out = {one.person: one.because for one in routed(about).disqualified}
    assert "opened this change" in out[PersonId("ann")]
    assert out[PersonId("bob")] == "made the last push"
    assert "cid" not in out


def test_a_person_without_an_account_on_this_forge_may_not_approve() -> None:
    elsewhere = person(account("gil", 9009, forge="gitlab", host="gitlab.com"))
    about = facts(directory=Directory((*directory().people, elsewhere)))
    out = {one.person: one.because for one in routed(about, Seat(ANYONE, 1)).disqualified}
    assert out[PersonId("gil")] == "has no account on github.com in the people file"


def test_a_login_of_another_host_owns_nothing_here() -> None:
    elsewhere = person(account("gil", 9009, host="ghe.example"))
    assert "@gil" in only(facts(owners_text="* @gil\n", directory=Directory((elsewhere,)))).problem


def test_a_person_listed_as_a_bot_may_not_approve() -> None:
    robot = person(account("robo", 9010, kind="bot"))
    about = facts(directory=Directory((robot,)))
    assert routed(about, Seat(ANYONE, 1)).disqualified[0].because == "is a bot"


def test_the_eligible_are_listed_with_the_roles_they_would_fill() -> None:
    routing = routed(facts(HIGH, owners_text="* @sam @bob @ann\n"), Seat(SECURITY, 1), Seat(OWNER, 1))
    assert routing.roles_of(PersonId("sam")) == (SECURITY, OWNER)
    assert routing.roles_of(PersonId("bob")) == (OWNER,)
    assert routing.roles_of(PersonId("ann")) == ()


def test_with_nobody_known_the_gate_says_so() -> None:
    assert only(facts(LOW, directory=Directory()), Seat(ANYONE, 1)).problem == "no person is known"


PEOPLE = [PersonId(name) for name in "abcd"]


@given(
    st.lists(st.sampled_from(["x", "y", "z"]), max_size=4),
    st.dictionaries(st.sampled_from(["x", "y", "z"]), st.frozensets(st.sampled_from(PEOPLE)), min_size=3, max_size=3),
    st.permutations(PEOPLE),
)
def test_seating_fills_as_many_seats_as_any_arrangement_could(
    roles: list[str], pools: dict[str, frozenset[PersonId]], people: list[PersonId]
) -> None:
    seats = [RoleName(role) for role in roles]
    by_role = {RoleName(role): members for role, members in pools.items()}
    taken = seated(seats, people, by_role)
    sitting = [one for one in taken if one]
    assert len(sitting) == len(set(sitting))
    assert all(one is None or one in by_role[seat] for seat, one in zip(seats, taken, strict=True))
    best = max(
        sum(one in by_role[seat] for seat, one in zip(seats, order, strict=False))
        for order in permutations([*people, *[PersonId("")] * len(seats)], len(seats))
    )
    assert len(sitting) == best


@given(st.permutations(PEOPLE))
def test_whoever_comes_first_keeps_a_seat(people: list[PersonId]) -> None:
    pools = {RoleName("x"): frozenset(PEOPLE), RoleName("y"): frozenset(PEOPLE[:1])}
    taken = seated([RoleName("x"), RoleName("y")], people, pools)
    assert people[0] in taken
