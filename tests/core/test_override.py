"""When an override lets a change through, and when nothing does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.evaluate import evaluate
from bot.core.facts import Facts, Gap
from bot.core.ids import ChangeRef
from bot.core.messages.forge_text import check_state
from bot.core.override import override_record, read_overrides, review_record
from bot.core.policy.join import join
from bot.core.policy.text import parse_policy
from bot.core.records import Record
from tests.core.build import (
    BOB,
    HIGH,
    LOU,
    NOW,
    OLD_HEAD,
    REPO,
    SAM,
    SUE,
    approved,
    change,
    directory,
    facts,
    overridden,
    person,
)


def test_an_override_lets_a_waiting_change_through_and_says_it_is_none_of_approval() -> None:
    verdict = evaluate(overridden())
    assert (verdict.state, verdict.merge_allowed, check_state(verdict)) == ("overridden", True, "allowed")
    assert verdict.override is not None
    assert verdict.override.person == "sue"
    assert next(one.saw for one in verdict.findings if one.rule == "override").endswith("is no approval")
    assert verdict.missing  # what it gets around stays in sight


def test_a_blocked_change_may_be_overridden_too() -> None:
    about = facts(HIGH, documents=())
    assert evaluate(about).state == "blocked"
    assert evaluate(overridden(about)).state == "overridden"


HELD = {
    "its end": overridden(until=NOW),
    "another head": overridden(head_sha=OLD_HEAD),
    "a person whom the policy does not name": overridden(by=BOB),
    "a person with a part in the change": overridden(facts(change=change(author=SUE))),
    "a person who left": overridden(facts(directory=directory(*map(person, (BOB, SAM))))),
    "a policy that names nobody": replace(overridden(), policy=facts().policy),
    "a policy that cannot be read": replace(overridden(), policy=join(None, parse_policy("version: 1\nmode: x", "p"), "p")),
    "a commit that two changes share": overridden(facts(twins=(ChangeRef(REPO, 8),))),
    "the future": overridden(at=NOW + timedelta(minutes=1)),
}


@pytest.mark.parametrize("why", HELD)
def test_nothing_is_let_through_after(why: str) -> None:
    assert not evaluate(HELD[why]).merge_allowed


def test_what_is_allowed_anyway_is_not_called_overridden() -> None:
    assert evaluate(approved(overridden(), BOB)).state == "allowed"


def test_where_the_policy_only_warns_the_check_stays_neutral() -> None:
    about = overridden()
    assert check_state(evaluate(replace(about, policy=replace(about.policy, mode="warn")))) == "neutral"


def test_something_unread_can_be_overridden_and_stays_in_sight() -> None:
    about: Facts = overridden(facts(gaps=(Gap("files", "a 502", "all files"),)))
    assert evaluate(about).state == "overridden"
    assert any(leaf.rule.startswith("completeness") for leaf in evaluate(about).missing)


def records() -> list[tuple[str, Record]]:
    (one,) = overridden().overrides
    return [(one.id, override_record(one, "github:github.com/acme/shop#7", ["Provenance"]))]


def test_an_override_is_read_back_from_its_record() -> None:
    assert read_overrides(records()) == overridden().overrides


def test_only_somebody_else_reviews_an_override_and_the_first_word_stands() -> None:
    (one,) = overridden().overrides
    about = "github:github.com/acme/shop#7"
    own = ("1" * 64, review_record(one, about, one.person, (NOW, "all fine")))
    first = ("2" * 64, review_record(one, about, one.told, (NOW, "it was right")))
    later = ("3" * 64, review_record(one, about, one.told, (NOW, "it was wrong")))
    (read,) = read_overrides([*records(), own, first, later])
    assert (read.reviewed_by, read.review) == ("sam", "it was right")


def test_a_record_that_is_not_whole_lets_nothing_through() -> None:
    ((record_id, record),) = records()
    details = {key: value for key, value in record.details.items() if key != "until"}
    assert read_overrides([(record_id, replace(record, details=details))]) == ()


def test_people_the_forge_alone_knows_may_override_where_they_are_of_the_role() -> None:
    assert evaluate(overridden(facts(directory=directory(security=("lou",))), by=LOU)).state == "overridden"
