"""Which merge requests a train's commit is made of.

A car's pipeline runs on a commit that holds its own merge request and those of all the cars before it. A commit whose
members cannot all be named raises: a change that is not judged must not ride along.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from bot.core.ids import ChangeRef, RepoRef
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Unavailable, Vanished
from integrations.gitlab.client import Client
from integrations.gitlab.paths import project_path
from integrations.gitlab.pipelines import HeadPipeline, HeadPipelines


class Ridden(Tolerant):
    iid: int


class Ran(Tolerant):
    id: int = 0
    sha: str = ""


class CarItem(Tolerant):
    id: int
    merge_request: Ridden
    pipeline: Ran | None = None


_CARS = listed(CarItem)


def members(client: Client, repo: RepoRef, head_sha: str, branch: str, seen: HeadPipelines) -> tuple[ChangeRef, ...]:
    """The merge requests of the train into this branch up to the car whose pipeline runs on this commit.

    `seen` learns which pipeline that is: the verdict on the commit counts in that one.
    """
    try:
        path = f"{project_path(repo.path)}/merge_trains/{quote(branch, safe='')}"
        cars = client.pages(path, _CARS, {"scope": "active", "sort": "asc"}).items
    except Vanished:
        cars = []  # the branch is gone, and its train with it
    return name_members(repo, head_sha, cars, seen)


def name_members(repo: RepoRef, head_sha: str, cars: Sequence[CarItem], seen: HeadPipelines) -> tuple[ChangeRef, ...]:
    """The members by the train as it stands."""
    train = sorted(cars, key=lambda car: car.id)
    last = next((n for n, car in enumerate(train) if car.pipeline and car.pipeline.sha == head_sha), None)
    if last is None:
        saw = f"commit {head_sha[:12]} of {repo} is what no car of a merge train runs on"
        raise Unavailable(f"{saw}; wanted every member of it named; it is tried again")
    pipeline = train[last].pipeline
    seen.remember(repo, head_sha, HeadPipeline(pipeline.id if pipeline else 0, head_sha, repo.path))
    return tuple(ChangeRef(repo, car.merge_request.iid) for car in train[: last + 1])
