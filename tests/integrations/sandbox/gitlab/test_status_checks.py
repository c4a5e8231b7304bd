"""External status checks: Ultimate's, of one head, and failed when nobody decides within two minutes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta

import pytest

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.model import CheckResponse, StatusCheck
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import Refusal
from tests.integrations.sandbox.gitlab.conftest import SHOP
from tests.integrations.sandbox.gitlab.hook import GitLabHook

SECRET = "shared with the gate"


@pytest.fixture
def asked() -> Iterator[GitLabHook]:
    """The address of the external check."""
    receiver = GitLabHook()
    receiver.start()
    yield receiver
    receiver.close()


@pytest.fixture
def check(gitlab: FakeGitLab, asked: GitLabHook) -> StatusCheck:
    gitlab.licence = "ultimate"
    return gitlab.status_check(SHOP, "llmgate", asked.url, SECRET)


def says(gitlab: FakeGitLab, iid: int, check: StatusCheck, status: CheckResponse, *, by: str = "llmgate-bot") -> None:
    mr = gitlab.change(SHOP, iid)
    with gitlab.world.lock:
        gitlab.verbs.status_checks.respond(mr, check.id, mr.sha, status, gitlab.world.user(by))


def shown(gitlab: FakeGitLab, iid: int, check: StatusCheck) -> str:
    return gitlab.verbs.status_checks.status(gitlab.change(SHOP, iid), check)


def test_a_check_is_pending_until_somebody_answers(gitlab: FakeGitLab, check: StatusCheck, change: int) -> None:
    assert shown(gitlab, change, check) == "pending"
    says(gitlab, change, check, "passed")
    assert shown(gitlab, change, check) == "passed"


def test_pending_for_two_minutes_is_failed(gitlab: FakeGitLab, clock: FakeClock, check: StatusCheck, change: int) -> None:
    says(gitlab, change, check, "pending")
    clock.advance(timedelta(seconds=119))
    assert shown(gitlab, change, check) == "pending"
    clock.advance(timedelta(seconds=1))
    assert shown(gitlab, change, check) == "failed"
    says(gitlab, change, check, "passed")
    clock.advance(timedelta(hours=1))
    assert shown(gitlab, change, check) == "passed"


def test_an_answer_for_another_commit_is_refused(gitlab: FakeGitLab, check: StatusCheck, change: int) -> None:
    mr = gitlab.change(SHOP, change)
    with gitlab.world.lock, pytest.raises(Refusal, match="SHA does not match HEAD of source branch") as refused:
        gitlab.verbs.status_checks.respond(mr, check.id, "a" * 40, "passed", gitlab.bot)
    assert refused.value.status == 409


def test_a_push_makes_the_check_pending_again(gitlab: FakeGitLab, check: StatusCheck, change: int) -> None:
    says(gitlab, change, check, "passed")
    gitlab.push(SHOP, "cart", {"shop/cart.py": "total = 2\n"}, by="ann")
    assert shown(gitlab, change, check) == "pending"


def test_it_blocks_only_where_the_project_says_so(gitlab: FakeGitLab, check: StatusCheck, change: int) -> None:
    says(gitlab, change, check, "failed")
    assert gitlab.blockers(SHOP, change) is None
    gitlab.settings(SHOP).status_checks_must_pass = True
    assert gitlab.blockers(SHOP, change) == "Status checks must pass. (status_checks_must_pass)"
    says(gitlab, change, check, "passed")
    assert gitlab.blockers(SHOP, change) is None


def test_below_ultimate_there_are_no_checks(gitlab: FakeGitLab, check: StatusCheck, change: int, asked: GitLabHook) -> None:
    gitlab.settings(SHOP).status_checks_must_pass = True
    gitlab.licence = "premium"
    assert gitlab.blockers(SHOP, change) is None
    with pytest.raises(Refusal, match="404"):
        says(gitlab, change, check, "passed")
    gitlab.flush()
    before = len(asked.received)
    gitlab.edit(SHOP, change, by="ann", title="Taxes")
    gitlab.flush()
    assert len(asked.received) == before


def test_a_check_for_other_branches_is_not_there(gitlab: FakeGitLab, check: StatusCheck, change: int) -> None:
    check.branches = ("release",)
    assert gitlab.verbs.status_checks.applicable(gitlab.change(SHOP, change)) == []
    with pytest.raises(Refusal, match="404"):
        says(gitlab, change, check, "passed")


def test_reporters_answer_nothing(gitlab: FakeGitLab, check: StatusCheck, change: int) -> None:
    gitlab.grant(SHOP, "bob", Access.REPORTER)
    with pytest.raises(Refusal, match="403"):
        says(gitlab, change, check, "passed", by="bob")


def test_the_check_is_asked_with_the_merge_request_and_its_own_name(
    gitlab: FakeGitLab, check: StatusCheck, change: int, asked: GitLabHook
) -> None:
    gitlab.flush()
    (got,) = asked.received
    assert got.payload["external_approval_rule"] == {"id": check.id, "name": "llmgate", "external_url": asked.url}
    assert got.payload["object_attributes"]["last_commit"]["id"] == gitlab.change(SHOP, change).sha
    assert got.headers["x-gitlab-signature"] == hmac.new(SECRET.encode(), got.body, hashlib.sha256).hexdigest()
    assert "x-gitlab-token" not in got.headers
    assert "x-gitlab-event" not in got.headers


def test_a_check_without_a_secret_is_asked_unsigned(gitlab: FakeGitLab, change: int, asked: GitLabHook) -> None:
    gitlab.licence = "ultimate"
    gitlab.status_check(SHOP, "plain", asked.url)
    gitlab.edit(SHOP, change, by="ann", title="Taxes")
    gitlab.flush()
    assert "x-gitlab-signature" not in asked.received[-1].headers


def test_only_a_failed_check_is_asked_again(gitlab: FakeGitLab, check: StatusCheck, change: int, asked: GitLabHook) -> None:
    says(gitlab, change, check, "passed")
    with pytest.raises(Refusal, match="must be failed") as refused:
        gitlab.retry_status_check(SHOP, change, check.id, by="bob")
    assert refused.value.status == 422
    says(gitlab, change, check, "failed")
    gitlab.flush()
    before = len(asked.received)
    gitlab.retry_status_check(SHOP, change, check.id, by="bob")
    gitlab.flush()
    assert (len(asked.received), shown(gitlab, change, check)) == (before + 1, "pending")
    assert asked.received[-1].payload["external_approval_rule"]["id"] == check.id
