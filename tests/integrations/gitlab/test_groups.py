"""Merge trains: which merge requests a commit is made of, and where its verdict counts."""

from __future__ import annotations

import pytest

from bot.core.actions import SetCheck
from bot.core.ids import ChangeRef
from bot.ports.errors import Refused, Unavailable
from tests.integrations.gitlab.conftest import REPO, SHOP, Scene


def train(scene: Scene, *branches: str) -> list[str]:
    """Put a merge request of each branch on the train; the commit that each runs on."""
    settings = scene.gitlab.settings(SHOP)
    settings.merged_results_pipelines = settings.merge_trains = settings.pipelines_must_succeed = True
    numbers = []
    for branch in branches:
        scene.gitlab.push(SHOP, branch, {f"{branch}.py": "x\n"}, by="ann", onto="main")
        numbers.append(scene.change(branch).number)
        scene.gitlab.run_pipeline(SHOP, numbers[-1], merged_results=True)
    cars = [scene.gitlab.add_to_train(SHOP, number, by="ann") for number in numbers]
    return [car.pipeline.sha for car in cars if car.pipeline]


def test_a_cars_commit_holds_its_merge_request_and_all_before_it(scene: Scene) -> None:
    commits = train(scene, "one", "two", "three")
    named = [scene.forge.fetch_group(REPO, sha, "", "main") for sha in commits]
    assert [[ref.number for ref in refs] for refs in named] == [[1], [1, 2], [1, 2, 3]]
    assert named[2][0] == ChangeRef(REPO, 1)


def test_a_branch_written_in_full_is_the_same(scene: Scene) -> None:
    [commit] = train(scene, "one")
    assert len(scene.forge.fetch_group(REPO, commit, "", "refs/heads/main")) == 1


def test_a_commit_that_is_on_no_train_raises(scene: Scene) -> None:
    train(scene, "one")
    with pytest.raises(Unavailable, match="no car of a merge train runs on"):
        scene.forge.fetch_group(REPO, "1" * 40, "", "main")
    with pytest.raises(Unavailable):
        scene.forge.fetch_group(REPO, "1" * 40, "", "gone")


def test_a_licence_without_trains_is_refused_by_gitlabs_words(scene: Scene) -> None:
    [commit] = train(scene, "one")
    scene.gitlab.licence = "free"
    with pytest.raises(Refused):
        scene.forge.fetch_group(REPO, commit, "", "main")


def test_the_verdict_on_a_train_is_shown_in_the_trains_pipeline(scene: Scene) -> None:
    [commit] = train(scene, "one")
    scene.forge.fetch_group(REPO, commit, "", "main")
    shown = scene.forge.deliver(SetCheck(REPO, commit, "allowed", "Approved", "", ""), None, "key")
    [status] = [job for job in scene.gitlab.statuses(SHOP, commit) if job.name == "llmgate"]
    assert (shown, status.status) == (f"status:{status.id}", "success")
    car = scene.gitlab.world.project(SHOP).cars[0]
    assert car.pipeline is not None
    assert status in car.pipeline.jobs
