"""When people are looked up before somebody is named, and when they are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.core.attendance import Assignment, Attendance, Presence
from bot.core.escalation.model import PersonSettings
from bot.core.evaluate import evaluate
from bot.core.facts import Facts
from bot.core.ids import PersonId
from bot.core.messages.card import asked_people
from bot.handlers.naming import Naming
from bot.ports.store import ApprovalRequest, ChangeRecord, RequestState
from integrations.sandbox.clock import FakeClock
from storage.store import SqlStore
from tests.core.build import MEDIUM, NOW, OLD_HEAD, facts
from tests.handlers.errands import House, house

BOB, CID, DEE = PersonId("bob"), PersonId("cid"), PersonId("dee")


@dataclass
class Seen:
    """Stands where the chat and the forge are asked, and counts."""

    there: dict[PersonId, Presence] = field(default_factory=dict)
    asked: list[tuple[PersonId, ...]] = field(default_factory=list)

    def of(self, people: Sequence[PersonId], now: datetime) -> tuple[Attendance, ...]:
        assert now == NOW
        self.asked.append(tuple(people))
        return tuple(Attendance(person, self.there.get(person, "active")) for person in people)


@pytest.fixture
def home(sqlite_url: str, clock: FakeClock, tmp_path: Path) -> House:
    return house(SqlStore(sqlite_url, clock), clock, tmp_path)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@dataclass
class Looks:
    """Looks at one change that asks for a code owner: Bob, Cid or Dee."""

    home: House
    seen: Seen
    facts: Facts = field(default_factory=lambda: facts(MEDIUM, owners_text="* @bob @cid @dee\n"))
    record: ChangeRecord | None = None

    def look(self, **changes: object) -> Facts:
        now = replace(self.facts, **changes)  # type: ignore[arg-type]  # fields by name
        record = self.record or ChangeRecord(now.change.ref, None, (), b"", b"", None, (), None)
        naming = Naming(self.home.kit, self.seen)
        found = naming.looked_up(naming.recalled(now, record))
        self.record = replace(record, facts=self.home.kit.codec.dump(found))
        return found

    def request(self, state: RequestState = "open", **changes: object) -> None:
        of = self.facts
        made = ApprovalRequest("tok", of.change.ref, of.change.head_sha, of.policy.digest, "medium", state, 1, "C1", NOW, NOW)
        with self.home.kit.store.begin() as unit:
            unit.add_request(replace(made, **changes))  # type: ignore[arg-type]  # fields by name
            unit.commit()

    def assign(self, *people: PersonId, gone: str = "", how: str = "routed") -> None:
        with self.home.kit.store.begin() as unit:
            for person in people:
                one = Assignment(person, how, NOW, gone=gone)  # type: ignore[arg-type]  # one of the ways
                unit.assign("tok", self.facts.change.ref, "medium", one)
            unit.commit()


@pytest.fixture
def looks(home: House, seen: Seen) -> Looks:
    return Looks(home, seen)


def named(of: Facts) -> tuple[PersonId, ...]:
    return asked_people(evaluate(of))


def test_before_anybody_is_named_every_candidate_is_looked_up_once(looks: Looks, seen: Seen) -> None:
    seen.there = {BOB: "absent", CID: "out-of-hours"}
    found = looks.look()
    assert [sorted(people) for people in seen.asked] == [["bob", "cid", "dee"]]
    assert named(found) == (DEE,)


def test_a_second_look_looks_nobody_up_and_tells_the_same(looks: Looks, seen: Seen) -> None:
    seen.there = {BOB: "absent", CID: "out-of-hours", DEE: "away"}
    first = looks.look()
    looks.request()
    looks.assign(DEE)
    seen.there = {BOB: "active", CID: "active", DEE: "out-of-hours"}
    second = looks.look()
    assert len(seen.asked) == 1
    assert second.attendance == first.attendance
    assert evaluate(second).routing.seats == evaluate(first).routing.seats


def test_once_somebody_says_it_is_not_theirs_the_others_are_looked_up_anew(looks: Looks, seen: Seen) -> None:
    looks.look()
    looks.request()
    looks.assign(BOB, gone="said it is not theirs")
    seen.there = {CID: "absent"}
    assert named(looks.look()) == (DEE,)
    assert sorted(seen.asked[-1]) == ["cid", "dee"]


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": replace(facts().evidence, suites=())},
        {"change": replace(facts().change, draft=True)},
        {"change": replace(facts().change, state="closed")},
    ],
    ids=["evidence is missing", "a draft", "a closed one"],
)
def test_while_nobody_is_asked_nobody_is_looked_up(looks: Looks, seen: Seen, changes: dict[str, object]) -> None:
    looks.look(**changes)
    assert seen.asked == []


def test_where_the_policy_only_observes_nobody_is_looked_up(looks: Looks, seen: Seen) -> None:
    looks.look(policy=replace(looks.facts.policy, mode="observe"))
    assert seen.asked == []


def test_whoever_says_to_be_absent_after_they_were_asked_has_the_others_looked_up(looks: Looks, seen: Seen) -> None:
    looks.look()
    looks.request()
    looks.assign(BOB)
    with looks.home.kit.store.begin() as unit:
        away = PersonSettings(BOB, absent_since=NOW - timedelta(hours=1), absent_until=NOW + timedelta(days=3))
        unit.save_settings(away, NOW)
        unit.commit()
    seen.there = {BOB: "absent"}
    (instead,) = named(looks.look())
    assert instead != BOB
    assert len(seen.asked) == 2
    looks.assign(instead)
    assert named(looks.look()) == (instead,)
    assert len(seen.asked) == 2


def test_whoever_is_absent_leaves_what_they_were_asked_to_the_one_who_stands_in(looks: Looks, seen: Seen) -> None:
    looks.look()
    looks.request()
    looks.assign(BOB)
    for instead in (CID, DEE):
        with looks.home.kit.store.begin() as unit:
            unit.save_settings(PersonSettings(BOB, absent_since=NOW - timedelta(hours=1), delegate=instead), NOW)
            unit.commit()
        seen.there = {BOB: "absent"}
        fresh = replace(looks, record=None)
        assert named(fresh.look()) == (instead,)


def test_with_everybody_absent_the_one_who_was_asked_stays_and_nobody_is_looked_up_again(looks: Looks, seen: Seen) -> None:
    seen.there = {BOB: "absent", CID: "absent", DEE: "absent"}
    (first,) = named(looks.look())
    looks.request()
    looks.assign(first)
    assert named(looks.look()) == (first,)
    assert len(seen.asked) == 1


def test_a_push_keeps_who_was_asked_and_looks_up_nobody(looks: Looks, seen: Seen) -> None:
    looks.request(head_sha=OLD_HEAD)
    looks.assign(DEE)
    looks.assign(BOB, gone="said it is not theirs")
    looks.assign(CID, how="widened")
    found = looks.look()
    assert [(one.person, one.gone) for one in found.assignments] == [(DEE, ""), (BOB, "said it is not theirs")]
    assert named(found) == (DEE,)
    assert seen.asked == []


@pytest.mark.parametrize("state", ["void", "closed"])
def test_a_request_that_is_over_tells_nothing(looks: Looks, state: RequestState) -> None:
    looks.request(state)
    looks.assign(BOB)
    assert looks.look().assignments == ()


def test_a_request_that_expired_is_known_as_such_for_its_head_and_policy_alone(looks: Looks) -> None:
    looks.request("expired")
    assert looks.look().expired_at == NOW
    assert looks.look(policy=replace(looks.facts.policy, digest="f" * 64)).expired_at is None
    assert looks.look(change=replace(looks.facts.change, head_sha=OLD_HEAD)).expired_at is None
