"""The file of people joined with links: the file wins, one account is one person's, and who left is known to have left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ids import ChatUser, ForgeAccount, Person, PersonId
from bot.handlers.identity.linking import Proof, build_links, store_links
from bot.handlers.identity.people import PeopleFile
from bot.handlers.identity.roster import UNFIT, Roster, join, unfit_words
from bot.handlers.identity.visits import Closed
from bot.ports.chat import ChatProfile
from bot.ports.identity import Link
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.handlers.errands import House, house

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)


def account(number: int, host: str = "github.com") -> ForgeAccount:
    return ForgeAccount("github", host, number, f"login{number}", "human")


def chat(number: int) -> ChatUser:
    return ChatUser("T1", f"U{number}")


def listed(name: str, user: int | None, *accounts: ForgeAccount) -> Person:
    return Person(PersonId(name), name.capitalize(), chat(user) if user else None, accounts)


def tie(user: int, to: ForgeAccount, ended: str | None = None, minute: int = 0) -> Link:
    at = NOW + timedelta(minutes=minute)
    link = Link(f"l{user}-{to.key}-{minute}", PersonId(f"slack:T1/U{user}"), chat(user), to, "login", at, at)
    return link if ended is None else replace(link, ended_at=at, because=ended)


def known(people: tuple[Person, ...]) -> dict[str, tuple[str, list[int]]]:
    return {person.id: (person.chat.id if person.chat else "", [one.id for one in person.accounts]) for person in people}


def test_a_link_of_nobody_in_the_file_is_a_person_of_its_own() -> None:
    joined = join([listed("ann", 1, account(1))], [tie(2, account(2)), tie(2, account(3, "ghe.example"))])
    assert known(joined.people) == {"ann": ("U1", [1]), "slack:T1/U2": ("U2", [2, 3])}
    assert joined.contradictions == ()


def test_a_link_adds_to_the_file_what_it_leaves_open() -> None:
    people = [listed("ann", 1), listed("bob", None, account(2)), listed("cid", 3, account(3))]
    links = [tie(1, account(1)), tie(2, account(2)), tie(3, account(33, "ghe.example"))]
    joined = join(people, links)
    assert known(joined.people) == {"ann": ("U1", [1]), "bob": ("U2", [2]), "cid": ("U3", [3, 33])}


@pytest.mark.parametrize(
    ("link", "because"),
    [
        (tie(2, account(1)), "the file gives that account to ann"),
        (tie(9, account(1)), "the file gives that account to ann"),
        (tie(1, account(9)), "the file gives ann another account there, login1 (1)"),
        (tie(1, account(3)), "the file gives that account to cid"),
    ],
)
def test_the_file_wins_where_both_speak(link: Link, because: str) -> None:
    people = [listed("ann", 1, account(1)), listed("bob", 2, account(2)), listed("cid", None, account(3))]
    joined = join(people, [link])
    assert joined.people == tuple(people)
    assert [(one.link, one.because) for one in joined.contradictions] == [(link, because)]


def test_a_person_of_the_file_has_one_chat_account() -> None:
    people = [listed("bob", None, account(2), account(22, "ghe.example"))]
    joined = join(people, [tie(1, account(2)), tie(2, account(22, "ghe.example"))])
    assert known(joined.people) == {"bob": ("U1", [2, 22])}
    assert [one.link.chat.id for one in joined.contradictions] == ["U2"]


small = st.integers(1, 4)
somebody = st.builds(
    lambda name, user, numbers: listed(f"p{name}", user or None, *(account(n, h) for n, h in sorted(numbers))),
    small,
    st.integers(0, 4),
    st.frozensets(st.tuples(small, st.sampled_from(["github.com", "ghe.example"])), max_size=2),
)
ties = st.builds(
    lambda user, number, host, ended, minute: tie(user, account(number, host), ended, minute),
    small,
    small,
    st.sampled_from(["github.com", "ghe.example"]),
    st.sampled_from([None, "the person unlinked it", f"{UNFIT}deactivated"]),
    st.integers(0, 3),
)


@given(st.lists(somebody, max_size=4), st.lists(ties, max_size=6))
def test_however_file_and_links_lie_nothing_belongs_to_two_and_the_file_keeps_its_word(
    people: list[Person], links: list[Link]
) -> None:
    file: list[Person] = []
    for person in people:  # the file's own reader refuses whatever is shared
        keys = {one.key for other in file for one in other.accounts} & {one.key for one in person.accounts}
        if not keys and person.id not in {one.id for one in file} and not any(p.chat == person.chat for p in file if p.chat):
            file.append(person)
    joined = join(file, links)
    owned = [one.key for person in joined.people for one in person.accounts]
    chats = [person.chat for person in joined.people if person.chat]
    assert len(owned) == len(set(owned))
    assert len(chats) == len(set(chats))
    now = {person.id: person for person in joined.people}
    for person in file:
        assert now[person.id].accounts[: len(person.accounts)] == person.accounts
        assert person.chat in (None, now[person.id].chat)
    for link in links:
        if link.ended_at is None and not any(one.link is link for one in joined.contradictions):
            (owner,) = [person for person in joined.people if link.account.key in {one.key for one in person.accounts}]
            assert owner.chat == link.chat


def test_a_link_that_ended_by_its_person_leaves_nobody() -> None:
    assert join([], [tie(1, account(1), "the person unlinked it")]).people == ()


def test_whoever_left_the_chat_is_kept_as_unavailable_until_they_link_anew() -> None:
    gone = tie(1, account(1), f"{UNFIT}deactivated")
    joined = join([], [gone])
    assert known(joined.people) == {"slack:T1/U1": ("U1", [1])}
    assert joined.unavailable == ("slack:T1/U1",)
    assert join([], [gone, tie(1, account(1), minute=5)]).unavailable == ()


def test_an_account_of_somebody_who_left_may_be_somebody_elses_now() -> None:
    joined = join([], [tie(1, account(1), f"{UNFIT}deactivated"), tie(2, account(1), minute=5)])
    assert known(joined.people) == {"slack:T1/U2": ("U2", [1])}
    assert joined.unavailable == ()


def test_somebody_of_the_file_may_be_unavailable_too() -> None:
    joined = join([listed("ann", 1, account(1))], [tie(1, account(1), f"{UNFIT}a guest")])
    assert (known(joined.people), joined.unavailable) == ({"ann": ("U1", [1])}, ("ann",))


@pytest.fixture
def home(store: SqlStore, clock: FakeClock, tmp_path: Path) -> House:
    return house(store, clock, tmp_path)


def test_the_roster_reads_links_again_only_when_one_changed(home: House, tmp_path: Path) -> None:
    roster = Roster(PeopleFile(tmp_path / "none.yaml"), home.kit.store, home.kit.trust.verifier)
    before = roster.joined()
    assert roster.joined() is before
    made = build_links(home.kit, chat(1), Proof("login", (account(1),)))
    assert not isinstance(made, Closed)
    with home.kit.store.begin() as unit:
        assert store_links(home.kit, unit, made) is None
        unit.commit()
    linked = roster.joined()
    assert known(linked.people) == {"slack:T1/U1": ("U1", [1])}
    assert roster.joined() is linked
    assert "wanted the people's mapping there" in roster.problem


def test_a_link_to_be_made_is_held_against_the_file_before(home: House, tmp_path: Path) -> None:
    file = tmp_path / "folk.yaml"
    file.write_text("people: {ann: {slack: T1/U1, github: {id: 1}}}")
    roster = Roster(PeopleFile(file), home.kit.store, home.kit.trust.verifier)
    assert roster.place(tie(2, account(1))) == ("slack:T1/U2", "the file gives that account to ann")
    assert roster.place(tie(1, account(5, "ghe.example"))) == ("ann", "")
    assert roster.place(tie(2, account(2))) == ("slack:T1/U2", "")


def test_only_a_full_active_human_member_is_fit() -> None:
    assert unfit_words(ChatProfile(chat(1), "Ann")) == ""
    profile = ChatProfile(chat(1), "Ann", bot=True, deactivated=True, guest=True, stranger=True)
    assert unfit_words(profile) == "deactivated and a bot and a guest and of another organisation"
