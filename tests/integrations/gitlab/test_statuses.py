"""The commit status: one call, in the pipeline that counts, shown once, and back on top when somebody forged it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.actions import CheckState
from bot.core.ids import ChangeRef
from bot.ports.errors import Conflict, RateLimited, Refused, Unavailable, Vanished
from bot.ports.forge import IN_DOUBT
from integrations.gitlab.carriers import Showing
from integrations.gitlab.pipelines import HeadPipeline
from integrations.gitlab.statuses import NotThere
from integrations.gitlab.surfaces import LEAVING, NEUTRAL, WAITING
from integrations.sandbox.gitlab.people import Access
from tests.integrations.gitlab.desk import REPO, SHOP, STATUSES, Desk, open_desk

FORK = "bo/shop"
STATUS = Showing(carriers=("status",))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as opened:
        opened.showing = STATUS
        yield opened


def test_a_status_is_made_with_one_call_and_looked_at_where_it_was_moved(desk: Desk) -> None:
    desk.asked()
    made = desk.deliver(desk.check())
    assert desk.asked() == [f"POST /statuses/{desk.head}"]
    shown = desk.status()
    assert (made, shown.status, shown.description) == (f"status:{shown.id}", "pending", WAITING)
    assert (shown.target_url, shown.by) == ("https://llmgate.test/c/1", desk.gitlab.bot)
    assert desk.deliver(desk.check("allowed", "Approved by Bo"), made) == made
    assert desk.asked() == [f"POST /statuses/{desk.head}", f"GET /repository/commits/{desk.head}/statuses"]
    assert (desk.status().status, desk.status().description, len(desk.rows())) == ("success", "Approved by Bo", 1)


@pytest.mark.parametrize(
    ("state", "shown", "said"),
    [
        ("blocked", "failed", "Why"),
        ("allowed", "success", "Why"),
        ("neutral", "success", f"{NEUTRAL}Why"),
        ("waiting", "pending", WAITING),
    ],
)
def test_each_state_is_shown_in_gitlabs_words(desk: Desk, state: CheckState, shown: str, said: str) -> None:
    desk.deliver(desk.check(state, "Why"))
    assert (desk.status().status, desk.status().description) == (shown, said)


def test_a_final_status_is_followed_by_the_next_one(desk: Desk) -> None:
    desk.deliver(desk.check("allowed"))
    desk.deliver(desk.check("waiting"))
    assert desk.status().status == "pending"
    desk.deliver(desk.check("blocked"))
    assert [row.status for row in desk.rows()] == ["success", "failed"]


def test_what_waits_already_goes_on_waiting(desk: Desk) -> None:
    made = desk.deliver(desk.check(title="Two approvals missing"))
    desk.asked()
    assert desk.deliver(desk.check(title="One approval missing"), made) == made
    assert desk.asked() == [f"POST /statuses/{desk.head}", f"GET /repository/commits/{desk.head}/statuses"]
    assert (len(desk.rows()), desk.status().description) == (1, WAITING)


def test_no_other_refusal_is_taken_for_that(desk: Desk) -> None:
    desk.gitlab.fail_next(STATUSES, 400, body={"message": "400 Bad request - something else"})
    with pytest.raises(Refused, match="something else"):
        desk.deliver(desk.check())
    desk.gitlab.fail_next(STATUSES, 400, body={"message": "Cannot transition status via :success from :skipped"})
    with pytest.raises(Refused, match="Cannot transition"):
        desk.deliver(desk.check("allowed"))


def test_it_goes_into_the_newest_pipeline_of_the_head(desk: Desk) -> None:
    old = desk.gitlab.run_pipeline(SHOP, 1, source="push")
    new = desk.gitlab.run_pipeline(SHOP, 1)
    desk.gitlab.run_pipeline(SHOP, "feature", source="web")
    desk.look(new)
    desk.deliver(desk.check("blocked"))
    assert [job.name for job in new.jobs] == ["test", "llmgate"]
    assert [job.name for job in old.jobs] == ["test"]


def test_of_a_pipeline_on_a_merged_result_it_is_on_that_commit(tmp_path: Path) -> None:
    with open_desk(tmp_path, "premium") as desk:
        desk.gitlab.settings(SHOP).merged_results_pipelines = True
        pipeline = desk.gitlab.run_pipeline(SHOP, 1, merged_results=True)
        assert pipeline.sha != desk.head
        desk.look(pipeline)
        desk.deliver(desk.check("blocked"))
        assert desk.status(pipeline.sha).status == "failed"


def test_on_a_train_a_verdict_that_waits_lets_the_car_leave(tmp_path: Path) -> None:
    with open_desk(tmp_path, "premium") as desk:
        settings = desk.gitlab.settings(SHOP)
        settings.merged_results_pipelines = settings.merge_trains = True
        car = desk.gitlab.add_to_train(SHOP, 1, by="ann")
        assert car.pipeline is not None
        desk.look(car.pipeline)
        desk.deliver(desk.check("waiting"))
        assert (desk.status(car.pipeline.sha).status, desk.status(car.pipeline.sha).description) == ("failed", LEAVING)
        assert desk.deliver(desk.check("waiting"), IN_DOUBT) == f"status:{desk.status(car.pipeline.sha).id}"


def test_a_pipeline_that_is_gone_is_done_without(desk: Desk) -> None:
    desk.seen.remember(REPO, desk.head, HeadPipeline(424242, desk.head, SHOP))
    desk.deliver(desk.check("blocked"))
    assert desk.status().status == "failed"


def test_a_group_has_a_status_on_its_own_commit(desk: Desk) -> None:
    desk.deliver(replace(desk.check("allowed"), change=None))
    assert desk.status().status == "success"


@pytest.mark.parametrize("state", ["waiting", "blocked", "allowed"])
def test_a_status_that_somebody_forged_is_back_on_top(desk: Desk, state: CheckState) -> None:
    made = desk.deliver(desk.check("waiting"))
    desk.gitlab.forge_status(SHOP, desk.head, "llmgate", by="ann")
    assert desk.status().by.username == "ann"
    desk.deliver(desk.check(state), made)
    (newest,) = [row for row in desk.rows() if not row.retried]
    assert (newest.by, newest.status) == (
        desk.gitlab.bot,
        {"waiting": "pending", "blocked": "failed", "allowed": "success"}[state],
    )


def test_a_verdict_never_goes_missing_below_a_forged_one(desk: Desk) -> None:
    """Updated below somebody else's row, ours would take that one out too, and a pipeline without any counts as a success."""
    made = desk.deliver(desk.check("waiting"))
    forged = desk.gitlab.forge_status(SHOP, desk.head, "llmgate", by="ann")
    desk.deliver(desk.check("blocked"), made)
    assert forged.retried
    assert (desk.status().by, desk.status().status) == (desk.gitlab.bot, "failed")


def test_a_status_in_doubt_is_found_by_what_it_says(desk: Desk) -> None:
    desk.gitlab.fail_next(STATUSES, 502, after=True)
    with pytest.raises(Unavailable):
        desk.deliver(desk.check("blocked"))
    desk.asked()
    assert desk.deliver(desk.check("blocked"), IN_DOUBT) == f"status:{desk.status().id}"
    assert desk.asked() == [f"GET /repository/commits/{desk.head}/statuses"], "nothing was written again"
    assert len(desk.rows()) == 1


def test_a_status_in_doubt_that_follows_an_earlier_one_is_looked_for_too(desk: Desk) -> None:
    made = desk.deliver(desk.check("waiting"))
    desk.gitlab.fail_next(STATUSES, 502, after=True)
    with pytest.raises(Unavailable):
        desk.deliver(desk.check("allowed"), made)
    assert desk.deliver(desk.check("allowed"), f"{IN_DOUBT}{made}") == made
    assert [row.status for row in desk.rows()] == ["success"], "a second one would have made the first a retried one"


def test_a_status_in_doubt_that_was_never_made_is_made(desk: Desk) -> None:
    desk.deliver(desk.check("blocked"), IN_DOUBT)
    desk.deliver(desk.check("allowed"), IN_DOUBT)
    assert desk.status().status == "success"


def test_in_doubt_somebody_elses_status_is_not_taken_for_ours(desk: Desk) -> None:
    desk.gitlab.forge_status(SHOP, desk.head, "llmgate", by="ann")
    desk.deliver(desk.check("allowed", "Approved by Bo"), IN_DOUBT)
    assert desk.status().by == desk.gitlab.bot


def test_limits_conflicts_and_refusals_are_left_to_the_caller(desk: Desk) -> None:
    desk.gitlab.limit_next(STATUSES, retry_after_s=17)
    with pytest.raises(RateLimited) as caught:
        desk.deliver(desk.check())
    assert caught.value.retry_after_s == 17
    desk.gitlab.fail_next(STATUSES, 409)
    with pytest.raises(Conflict):
        desk.deliver(desk.check())
    desk.gitlab.fail_next(STATUSES, 403)
    with pytest.raises(Refused, match="403"):
        desk.deliver(desk.check())


# forks


def fork(desk: Desk) -> None:
    """bo's merge request from bo's own copy, with its pipeline there."""
    desk.gitlab.fork(SHOP, by="bo")
    desk.gitlab.push(FORK, "topic", {"b.py": "b\n"}, by="bo")
    desk.ref = ChangeRef(REPO, desk.gitlab.open_change(SHOP, "bo:topic", by="bo", title="From a fork").iid)
    desk.look(desk.gitlab.run_pipeline(FORK, "topic", by="bo"))


def test_for_a_fork_it_goes_where_the_forks_pipeline_is(desk: Desk) -> None:
    fork(desk)
    desk.gitlab.grant(FORK, desk.gitlab.bot.username, Access.DEVELOPER)
    desk.deliver(desk.check("blocked"))
    assert desk.status(project=FORK).status == "failed"
    assert desk.gitlab.statuses(SHOP, desk.head) == []


def test_where_a_fork_keeps_the_bot_out_the_words_say_that_nothing_binds_and_what_to_do(desk: Desk) -> None:
    fork(desk)
    with pytest.raises(NotThere) as caught:
        desk.deliver(desk.check("blocked"))
    for word in (f"does not bind {SHOP}!2", f"in the fork {FORK}", "the Developer role there", "external status check"):
        assert word in str(caught.value)


def test_of_a_fork_that_the_bot_may_not_see_the_words_say_so(desk: Desk) -> None:
    fork(desk)
    desk.seen.remember(REPO, desk.head, HeadPipeline(0, desk.head, SHOP))
    with pytest.raises(NotThere, match="a fork that the bot may not see"):
        desk.deliver(desk.check("blocked"))


def test_a_commit_that_is_not_there_is_not_taken_for_a_forks(desk: Desk) -> None:
    with pytest.raises(Vanished, match="Commit"):
        desk.deliver(replace(desk.check("blocked"), head_sha="0b0b" * 10))


def test_an_external_status_check_carries_the_verdict_of_a_fork_that_keeps_the_bot_out(tmp_path: Path) -> None:
    with open_desk(tmp_path, "ultimate") as desk:
        check = desk.gitlab.status_check(SHOP, "llmgate", "https://llmgate.test/webhooks/gitlab/work")
        fork(desk)
        assert desk.deliver(desk.check("blocked")) == f"external:{check.id}"
        assert desk.gitlab.change(SHOP, 2).responses[check.id].status == "failed"


def test_without_any_carrier_the_settings_are_to_blame(desk: Desk) -> None:
    deliverer = desk.deliverer(Showing(carriers=("external",)))
    with pytest.raises(Refused, match="no external status check named llmgate"):
        deliverer.deliver(desk.client, desk.check("blocked"), None)
