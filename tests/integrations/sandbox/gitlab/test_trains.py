"""Merge trains: real merges in a row, what drops a car, and what the cars behind it become."""

from __future__ import annotations

import pytest

from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.model import Car, JobStatus, Licence, Pipeline
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import Refusal
from tests.integrations.sandbox.gitlab.conftest import SHOP


@pytest.fixture
def trains(gitlab: FakeGitLab) -> FakeGitLab:
    gitlab.licence = "premium"
    settings = gitlab.settings(SHOP)
    settings.merged_results_pipelines = settings.merge_trains = True
    return gitlab


def opened(gitlab: FakeGitLab, name: str) -> int:
    """An open merge request of ann's that adds one file."""
    gitlab.push(SHOP, name, {f"{name}.py": "1\n"}, by="ann")
    return gitlab.open_change(SHOP, name, by="ann").iid


def pipeline_of(car: Car) -> Pipeline:
    assert car.pipeline is not None
    return car.pipeline


def ends(gitlab: FakeGitLab, car: Car, status: JobStatus = "success") -> None:
    """The project's own CI on the car is through."""
    for job in [job for job in pipeline_of(car).jobs if job.status == "running" and not job.external]:
        gitlab.finish_job(SHOP, job.id, status)


def riding(gitlab: FakeGitLab) -> list[int]:
    return [car.merge_request.iid for car in gitlab.verbs.trains.active(gitlab.world.project(SHOP), "main")]


def test_trains_are_premium_and_a_setting(gitlab: FakeGitLab, change: int) -> None:
    licences: tuple[Licence, ...] = ("free", "premium")
    for licence in licences:
        gitlab.licence = licence
        with pytest.raises(Refusal, match="403 Forbidden"):
            gitlab.add_to_train(SHOP, change, by="bob")


def test_each_car_holds_all_before_it(trains: FakeGitLab) -> None:
    one, two = opened(trains, "one"), opened(trains, "two")
    first, second = trains.add_to_train(SHOP, one, by="bob"), trains.add_to_train(SHOP, two, by="bob")
    git = trains.world.project(SHOP).git
    made, after = git.objects.commit(pipeline_of(first).sha), git.objects.commit(pipeline_of(second).sha)
    assert made.parents == (trains.head(SHOP, "main"), trains.change(SHOP, one).sha)
    assert after.parents == (made.oid, trains.change(SHOP, two).sha)
    assert git.refs[f"refs/merge-requests/{two}/train"] == after.oid
    assert pipeline_of(second).source_sha == trains.change(SHOP, two).sha
    assert pipeline_of(second).ref == f"refs/merge-requests/{two}/train"
    assert riding(trains) == [one, two]


def test_the_first_merges_when_its_pipeline_succeeds(trains: FakeGitLab) -> None:
    one = opened(trains, "one")
    car = trains.add_to_train(SHOP, one, by="bob")
    ends(trains, car)
    mr = trains.change(SHOP, one)
    assert (mr.state, mr.merge_sha, trains.head(SHOP, "main")) == ("merged", pipeline_of(car).sha, pipeline_of(car).sha)
    assert (car.status, mr.merged_by, riding(trains)) == ("merged", trains.world.user("bob"), [])


def test_a_later_car_waits_for_the_first_and_keeps_its_pipeline(trains: FakeGitLab) -> None:
    one, two = opened(trains, "one"), opened(trains, "two")
    first, second = trains.add_to_train(SHOP, one, by="bob"), trains.add_to_train(SHOP, two, by="bob")
    tried = pipeline_of(second)
    ends(trains, second)
    assert trains.change(SHOP, two).state == "opened"
    ends(trains, first)
    assert [trains.change(SHOP, iid).state for iid in (one, two)] == ["merged", "merged"]
    assert (pipeline_of(second), trains.head(SHOP, "main")) == (tried, tried.sha)


def test_a_failed_pipeline_drops_its_car_and_those_behind_are_made_again(trains: FakeGitLab) -> None:
    one, two = opened(trains, "one"), opened(trains, "two")
    first, second = trains.add_to_train(SHOP, one, by="bob"), trains.add_to_train(SHOP, two, by="bob")
    tried = pipeline_of(second).sha
    ends(trains, first, "failed")
    assert riding(trains) == [two]
    again = trains.world.project(SHOP).git.objects.commit(pipeline_of(second).sha)
    assert again.oid != tried
    assert again.parents[0] == trains.head(SHOP, "main")
    assert trains.change(SHOP, one).notes[-1].body.endswith("because the pipeline did not succeed")
    ends(trains, second)
    assert trains.change(SHOP, two).state == "merged"
    assert trains.change(SHOP, one).state == "opened"


def test_a_status_from_outside_holds_a_car_and_can_drop_it(trains: FakeGitLab) -> None:
    one = opened(trains, "one")
    car = trains.add_to_train(SHOP, one, by="bob")
    sha = pipeline_of(car).sha
    with trains.world.lock:
        project = trains.world.project(SHOP)
        trains.verbs.statuses.post(project, sha, {"state": "running", "name": "llmgate"}, trains.bot)
        ends(trains, car)
        assert trains.change(SHOP, one).state == "opened"
        trains.verbs.statuses.post(project, sha, {"state": "failed", "name": "llmgate"}, trains.bot)
    assert (riding(trains), trains.change(SHOP, one).state) == ([], "opened")


def test_a_pipeline_that_ends_before_the_status_comes_merges(trains: FakeGitLab) -> None:
    """GitLab waits for nothing that is not in the pipeline yet."""
    trains.verbs.trains.jobs = {"test": "success"}
    one = opened(trains, "one")
    trains.add_to_train(SHOP, one, by="bob")
    assert trains.change(SHOP, one).state == "merged"


def test_a_push_to_the_source_drops_the_car(trains: FakeGitLab) -> None:
    one, two = opened(trains, "one"), opened(trains, "two")
    trains.add_to_train(SHOP, one, by="bob")
    second = trains.add_to_train(SHOP, two, by="bob")
    trains.push(SHOP, "one", {"one.py": "2\n"}, by="ann")
    assert riding(trains) == [two]
    assert trains.world.project(SHOP).git.objects.commit(pipeline_of(second).sha).parents[0] == trains.head(SHOP, "main")


def test_something_else_that_lands_makes_all_cars_again(trains: FakeGitLab) -> None:
    one, two = opened(trains, "one"), opened(trains, "two")
    first, second = trains.add_to_train(SHOP, one, by="bob"), trains.add_to_train(SHOP, two, by="bob")
    main = trains.push(SHOP, "main", {"other.py": "1\n"}, by="mia")
    git = trains.world.project(SHOP).git
    assert git.objects.commit(pipeline_of(first).sha).parents[0] == main
    assert git.objects.commit(pipeline_of(second).sha).parents[0] == pipeline_of(first).sha
    ends(trains, first)
    ends(trains, second)
    assert [trains.change(SHOP, iid).state for iid in (one, two)] == ["merged", "merged"]


def test_a_car_that_does_not_merge_with_those_before_it_leaves(trains: FakeGitLab) -> None:
    one = opened(trains, "one")
    trains.push(SHOP, "rival", {"one.py": "another\n"}, by="ann", onto="main")
    rival = trains.open_change(SHOP, "rival", by="ann").iid
    trains.add_to_train(SHOP, one, by="bob")
    with pytest.raises(Refusal, match="Branch cannot be merged"):
        trains.add_to_train(SHOP, rival, by="bob")
    assert riding(trains) == [one]


def test_what_came_in_the_way_meanwhile_drops_a_green_car(trains: FakeGitLab) -> None:
    one = opened(trains, "one")
    car = trains.add_to_train(SHOP, one, by="bob")
    trains.set_draft(SHOP, one, True, by="ann")
    ends(trains, car)
    assert (trains.change(SHOP, one).state, riding(trains)) == ("opened", [])
    assert trains.change(SHOP, one).notes[-1].body.endswith("(draft_status)")


def test_one_merged_by_hand_leaves_the_train(trains: FakeGitLab) -> None:
    one, two = opened(trains, "one"), opened(trains, "two")
    trains.add_to_train(SHOP, one, by="bob")
    second = trains.add_to_train(SHOP, two, by="bob")
    trains.settings(SHOP).pipelines_must_succeed = False
    made = trains.merge(SHOP, one, by="mia")
    assert riding(trains) == [two]
    assert trains.world.project(SHOP).git.objects.commit(pipeline_of(second).sha).parents[0] == made


def test_only_what_can_be_merged_gets_on_and_only_once(trains: FakeGitLab) -> None:
    one = opened(trains, "one")
    trains.settings(SHOP).pipelines_must_succeed = True
    with pytest.raises(Refusal, match="405 Method Not Allowed"):
        trains.add_to_train(SHOP, one, by="bob")
    trains.run_pipeline(SHOP, one)
    trains.add_to_train(SHOP, one, by="bob")
    trains.settings(SHOP).pipelines_must_succeed = False
    with pytest.raises(Refusal, match="already on the train"):
        trains.add_to_train(SHOP, one, by="bob")


def test_who_may_not_merge_puts_nothing_on_the_train(trains: FakeGitLab) -> None:
    one = opened(trains, "one")
    trains.grant(SHOP, "bob", Access.REPORTER)
    with pytest.raises(Refusal, match="401 Unauthorized"):
        trains.add_to_train(SHOP, one, by="bob")
