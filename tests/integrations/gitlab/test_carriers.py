"""What carries the verdict: asked of the project once, answered in time, and in the bot's own name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.actions import CheckState
from bot.ports.errors import Refused
from integrations.gitlab.carriers import KEPT_S, WORTH, Carrier, Showing
from integrations.sandbox.gitlab.model import Licence
from tests.integrations.gitlab.desk import SHOP, Desk, open_desk

URL = "https://llmgate.test/webhooks/gitlab/work"
APPROVING = Showing(approve=True)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path, "ultimate") as opened:
        yield opened


def asked_of(desk: Desk, showing: Showing) -> int:
    """The external status check that the gate has to answer."""
    return desk.deliverer(showing).carriers.external_of(desk.client, desk.ref)


@pytest.mark.parametrize("licence", ["free", "premium"])
def test_below_ultimate_the_status_carries_it(tmp_path: Path, licence: Licence) -> None:
    with open_desk(tmp_path, licence) as desk:
        desk.gitlab.status_check(SHOP, "llmgate", URL)
        assert asked_of(desk, Showing()) == 0


def test_with_ultimate_the_check_of_that_name_does_too(desk: Desk) -> None:
    desk.gitlab.status_check(SHOP, "other", "https://other.test/")
    assert asked_of(desk, Showing()) == 0
    check = desk.gitlab.status_check(SHOP, "llmgate", URL)
    assert asked_of(desk, Showing()) == check.id


@pytest.mark.parametrize(
    ("showing", "wanted"),
    [
        (Showing(), {"status", "external"}),
        (Showing(approve=True), {"status", "external", "approval"}),
        (Showing(carriers=("status",)), {"status"}),
        (Showing(carriers=("approval",)), {"approval"}),
        (Showing(carriers=("status",), approve=True), {"status", "approval"}),
    ],
)
def test_the_settings_are_kept_to(showing: Showing, wanted: set[Carrier]) -> None:
    assert {carrier for carrier in WORTH if showing.wants(carrier)} == wanted


def test_what_a_merge_request_is_asked_is_looked_up_once_in_ten_minutes(desk: Desk) -> None:
    check = desk.gitlab.status_check(SHOP, "llmgate", URL)
    deliverer = desk.deliverer()
    desk.asked()
    for _ in range(3):
        assert deliverer.carriers.external_of(desk.client, desk.ref) == check.id
    assert desk.asked() == ["GET /merge_requests/1/status_checks"]
    desk.gitlab.world.project(SHOP).status_checks.clear()
    desk.seconds += KEPT_S
    assert deliverer.carriers.external_of(desk.client, desk.ref) == 0


def test_a_check_that_is_asked_only_of_what_goes_into_another_branch_is_answered_there_at_once(desk: Desk) -> None:
    check = desk.gitlab.status_check(SHOP, "llmgate", URL)
    check.branches = ("release",)
    desk.gitlab.push(SHOP, "release", {"NOTES": "1.0\n"}, by="ann")
    deliverer = desk.deliverer()
    assert deliverer.carriers.external_of(desk.client, desk.ref) == 0
    desk.gitlab.edit(SHOP, 1, by="ann", base="release")
    assert deliverer.carriers.external_of(desk.client, desk.ref) == check.id


def test_a_licence_without_them_is_asked_about_one_merge_request_of_a_project(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        deliverer = desk.deliverer()
        desk.asked()
        for number in (1, 2, 3):
            deliverer.carriers.external_of(desk.client, replace(desk.ref, number=number))
        assert desk.asked() == ["GET /merge_requests/1/status_checks"]


def test_settings_that_want_the_status_alone_ask_nothing(desk: Desk) -> None:
    desk.asked()
    assert asked_of(desk, Showing(carriers=("status",))) == 0
    assert desk.asked() == []


@pytest.mark.parametrize(
    ("state", "answer"), [("waiting", "failed"), ("blocked", "failed"), ("allowed", "passed"), ("neutral", "passed")]
)
def test_the_check_is_answered_at_once_so_that_two_minutes_change_nothing(desk: Desk, state: CheckState, answer: str) -> None:
    check = desk.gitlab.status_check(SHOP, "llmgate", URL)
    made = desk.deliver(desk.check(state))
    assert made == f"status:{desk.status().id}", "the status is what looks find again"
    change = desk.gitlab.change(SHOP, 1)
    assert desk.gitlab.verbs.status_checks.status(change, check) == answer
    desk.clock.advance(timedelta(minutes=3))
    assert desk.gitlab.verbs.status_checks.status(change, check) == answer


def test_an_answer_for_a_head_that_was_replaced_is_left_to_the_newer_one(desk: Desk) -> None:
    check = desk.gitlab.status_check(SHOP, "llmgate", URL)
    stale = desk.check("allowed")
    desk.gitlab.push(SHOP, "feature", {"a.py": "b\n"}, by="ann")
    desk.deliver(stale)
    assert check.id not in desk.gitlab.change(SHOP, 1).responses


def test_a_check_that_was_taken_away_is_forgotten_and_the_status_still_shown(desk: Desk) -> None:
    check = desk.gitlab.status_check(SHOP, "llmgate", URL)
    deliverer = desk.deliverer()
    deliverer.deliver(desk.client, desk.check("waiting"), None)
    del desk.gitlab.world.project(SHOP).status_checks[check.id]
    deliverer.deliver(desk.client, desk.check("blocked"), None)
    assert desk.status().status == "failed"
    assert deliverer.carriers.external_of(desk.client, desk.ref) == 0


def test_a_licence_that_ends_leaves_the_status(desk: Desk) -> None:
    desk.gitlab.status_check(SHOP, "llmgate", URL)
    deliverer = desk.deliverer()
    deliverer.deliver(desk.client, desk.check("waiting"), None)
    desk.gitlab.licence = "premium"
    deliverer.deliver(desk.client, desk.check("blocked"), None)
    assert desk.status().status == "failed"


def test_an_answer_that_is_refused_while_the_check_is_asked_is_told(desk: Desk) -> None:
    desk.gitlab.status_check(SHOP, "llmgate", URL)
    desk.gitlab.fail_next("POST /projects/*/merge_requests/1/status_check_responses", 403)
    with pytest.raises(Refused, match="403"):
        desk.deliver(desk.check("allowed"))


def approvers(desk: Desk) -> list[str]:
    return [given.by.username for given in desk.gitlab.change(SHOP, 1).approvals]


def test_the_bot_approves_what_is_allowed_and_takes_it_back(desk: Desk) -> None:
    deliverer = desk.deliverer(APPROVING)
    for state, wanted in (
        ("waiting", []),
        ("allowed", ["llmgate-bot"]),
        ("allowed", ["llmgate-bot"]),
        ("blocked", []),
        ("waiting", []),
    ):
        deliverer.deliver(desk.client, desk.check(state), None)  # type: ignore[arg-type]  # a state each
        assert approvers(desk) == wanted


def test_approvals_of_people_are_theirs(desk: Desk) -> None:
    desk.gitlab.approve(SHOP, 1, by="bo")
    desk.deliverer(APPROVING).deliver(desk.client, desk.check("blocked"), None)
    assert approvers(desk) == ["bo"]


def test_the_bot_approves_no_head_but_the_one_it_judged(desk: Desk) -> None:
    stale = desk.check("allowed")
    desk.gitlab.push(SHOP, "feature", {"a.py": "b\n"}, by="ann")
    desk.deliverer(APPROVING).deliver(desk.client, stale, None)
    assert approvers(desk) == []


def test_a_bot_that_may_not_approve_says_so(desk: Desk) -> None:
    desk.gitlab.fail_next("POST /projects/*/merge_requests/1/approve", 401)
    with pytest.raises(Refused, match="401"):
        desk.deliverer(APPROVING).deliver(desk.client, desk.check("allowed"), None)


def test_without_approve_the_bot_approves_nothing(desk: Desk) -> None:
    desk.deliver(desk.check("allowed"))
    assert approvers(desk) == []


def test_every_carrier_says_what_it_needs_and_how_it_is_stepped_around() -> None:
    for carrier, worth in WORTH.items():
        assert (worth.carrier, bool(worth.licence and worth.binds and worth.bypass)) == (carrier, True)
