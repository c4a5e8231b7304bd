"""Which hooks there are, and what becomes of deliveries that fail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab
from tests.integrations.sandbox.gitlab.conftest import SHOP
from tests.integrations.sandbox.gitlab.hook import GitLabHook


def test_group_hooks_are_premium(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.flush()
    hook.received.clear()
    gitlab.install(hook.url, "group")
    gitlab.comment(SHOP, change, "one", by="bob")
    gitlab.flush()
    assert hook.names == []
    gitlab.licence = "premium"
    gitlab.comment(SHOP, change, "two", by="bob")
    gitlab.flush()
    assert hook.names == ["note.create"]


def test_system_hooks_are_named_so_and_know_no_notes_and_pipelines(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.flush()
    hook.received.clear()
    gitlab.install(hook.url, "system")
    gitlab.comment(SHOP, change, "one", by="bob")
    gitlab.run_pipeline(SHOP, change)
    gitlab.push(SHOP, "cart", {"shop/cart.py": "total = 2\n"}, by="ann")
    gitlab.flush()
    assert hook.names == ["push", "merge_request.update"]
    assert {each.headers["x-gitlab-event"] for each in hook.received} == {"System Hook"}


def test_projects_made_later_have_the_hook_and_forks_have_none(gitlab: FakeGitLab, hook: GitLabHook) -> None:
    gitlab.project("acme/api")
    gitlab.fork(SHOP, "bob")
    assert [len(gitlab.world.project(path).hooks) for path in (SHOP, "acme/api", "bob/shop")] == [1, 1, 0]
    gitlab.push("bob/shop", "idea", {"a": "1"}, by="bob")
    gitlab.push("acme/api", "idea", {"a": "1"}, by="bob")
    gitlab.flush()
    assert hook.names == ["push"]
    assert hook.last("push")["project"]["path_with_namespace"] == "acme/api"


def test_a_failed_delivery_stays_failed_until_redelivered(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.flush()
    hook.status = 500
    gitlab.label(SHOP, change, "bug", by="bob")
    gitlab.flush()
    failed = gitlab.deliveries[-1]
    assert (failed.status, failed.answer) == (500, "Invalid HTTP Response: 500")
    hook.status = 200
    again = gitlab.redeliver(failed.id)
    gitlab.flush()
    assert (again.status, again.key, again.redelivery) == (200, failed.key, True)
    first, second = hook.received[-2:]
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    with pytest.raises(LookupError, match="no delivery 99"):
        gitlab.redeliver(99)


def test_four_failures_in_a_row_switch_a_hook_off_for_a_minute(
    gitlab: FakeGitLab, hook: GitLabHook, clock: FakeClock, change: int
) -> None:
    gitlab.flush()
    hook.status = 500
    for number in range(5):
        gitlab.comment(SHOP, change, f"{number}", by="bob")
        gitlab.flush()
    assert hook.names.count("note.create") == 4
    hook.status = 200
    gitlab.comment(SHOP, change, "still off", by="bob")
    clock.advance(timedelta(minutes=1))
    gitlab.comment(SHOP, change, "on again", by="bob")
    gitlab.flush()
    assert hook.last("note.create")["object_attributes"]["note"] == "on again"
    assert hook.names.count("note.create") == 5


def test_a_hook_that_keeps_failing_is_off_for_longer_and_then_for_good(
    gitlab: FakeGitLab, hook: GitLabHook, clock: FakeClock, change: int
) -> None:
    gitlab.flush()
    hook.status = 500
    (installed,) = gitlab.hooks
    for number in range(5):
        gitlab.comment(SHOP, change, f"{number}", by="bob")
        gitlab.flush()
        clock.advance(timedelta(minutes=1))
    assert gitlab.voice.disabled(installed)
    clock.advance(timedelta(minutes=1))
    assert not gitlab.voice.disabled(installed)
    for number in range(35):
        gitlab.comment(SHOP, change, f"{number}", by="bob")
        gitlab.flush()
        clock.advance(timedelta(days=1))
    assert installed.disabled
    assert hook.names.count("note.create") == 40


def test_a_hook_that_was_switched_off_works_when_somebody_tests_it(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    (installed,) = gitlab.hooks
    installed.disabled = True
    gitlab.comment(SHOP, change, "off", by="bob")
    gitlab.voice.enable(installed)
    gitlab.comment(SHOP, change, "on", by="bob")
    gitlab.flush()
    assert [each.payload["object_attributes"]["note"] for each in hook.received[2:]] == ["on"]


def test_held_deliveries_are_sent_in_any_order(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.flush()
    hook.received.clear()
    gitlab.voice.held = True
    gitlab.comment(SHOP, change, "one", by="bob")
    gitlab.comment(SHOP, change, "two", by="bob")
    assert hook.names == []
    first, second = (each.id for each in gitlab.deliveries[-2:])
    gitlab.voice.send_held(second, first)
    gitlab.flush()
    assert [each.payload["object_attributes"]["note"] for each in hook.received] == ["two", "one"]


def test_several_senders_deliver_everything_once(tmp_path: Path) -> None:
    receiver = GitLabHook()
    receiver.start()
    with FakeGitLab(tmp_path, FakeClock(), senders=8) as gitlab:
        gitlab.user("ann")
        gitlab.project(SHOP)
        gitlab.install(receiver.url)
        for number in range(20):
            gitlab.push(SHOP, "main", {"n": str(number)}, by="ann")
        gitlab.flush()
        assert {each.status for each in gitlab.deliveries} == {202}
        assert receiver.names.count("push") == 20
    receiver.close()
