"""Merge trains (Premium): merge requests in a row, each tried on top of those before it, merged when its own pipeline is green.

The first car merges when its pipeline succeeded; a failed one leaves, and those behind it are made again without it.
"""

from __future__ import annotations

from collections.abc import Mapping

from integrations.sandbox.gitlab.announce import Announcer
from integrations.sandbox.gitlab.merging import Mergeability, Merging
from integrations.sandbox.gitlab.model import Car, JobStatus, MergeRequest, Pipeline, Project
from integrations.sandbox.gitlab.notes import Notes
from integrations.sandbox.gitlab.people import User
from integrations.sandbox.gitlab.pipelines import FINISHED, Pipelines, Run
from integrations.sandbox.gitlab.refusal import Refusal, bad_request, forbidden, unauthorized

ACTIVE = ("idle", "fresh", "stale")
JOBS: Mapping[str, JobStatus] = {"test": "running"}
"""The project's own CI on a car, until a story finishes it."""


class Trains:
    def __init__(self, tell: Announcer, pipelines: Pipelines, merging: Merging, standing: Mergeability, notes: Notes) -> None:
        self._tell = tell
        self._world = tell.world
        self._pipelines = pipelines
        self._merging = merging
        self._standing = standing
        self._notes = notes
        self._working = False
        self.jobs: Mapping[str, JobStatus] = JOBS

    def available(self, project: Project) -> None:
        """Raises where the licence or the project has no trains."""
        if not self._world.licensed("premium"):
            raise forbidden()
        if not project.settings.merge_trains:
            raise forbidden("merge trains are not enabled for this project")

    def active(self, project: Project, target: str) -> list[Car]:
        """The cars of one train, first first."""
        return [car for car in project.cars if car.target_branch == target and car.status in ACTIVE]

    def car(self, mr: MergeRequest) -> Car | None:
        return next((car for car in mr.project.cars if car.merge_request is mr and car.status in ACTIVE), None)

    def add(self, mr: MergeRequest, by: User) -> Car:
        """Put it at the end of its target's train; its pipeline starts at once."""
        self.available(mr.project)
        if not self._world.may_merge_into(mr.project, mr.target_branch, by):
            raise unauthorized()
        if self.car(mr):
            raise bad_request("400 Bad request - The merge request is already on the train")
        if self._standing.status(mr) != "mergeable":
            raise Refusal(405, "405 Method Not Allowed")
        car = Car(self._world.next_id("car"), mr, by, mr.target_branch, self._world.now())
        mr.project.cars.append(car)
        self._notes.system(mr, "started a merge train", by)
        if not self._couple(car):
            raise Refusal(422, "Branch cannot be merged")
        self._go_on(mr.project, car.target_branch)
        return car

    def remove(self, mr: MergeRequest, why: str) -> None:
        """Take it off the train; those behind are made again."""
        car = self.car(mr)
        if car is not None:
            self._drop(car, why)
            self._recouple(mr.project, car.target_branch)
            self._go_on(mr.project, car.target_branch)

    def settled(self, pipeline: Pipeline) -> None:
        """A pipeline's status changed: its car may leave, and the first may merge."""
        car = next((each for each in pipeline.project.cars if each.pipeline is pipeline and each.status in ACTIVE), None)
        if car is not None:
            self._go_on(pipeline.project, car.target_branch)

    def target_moved(self, project: Project, target: str) -> None:
        """Something else landed: what was tried on the old tip is made again."""
        if not self._working:
            for car in self.active(project, target):
                car.status = "stale"
                if car.merge_request.state != "opened":
                    self._drop(car, "it is no longer open")
            self._recouple(project, target)
            self._go_on(project, target)

    def _go_on(self, project: Project, target: str) -> None:
        """Whatever can happen to this train now happens. What happens on the way comes back here and is left to this round."""
        if self._working:
            return
        self._working = True
        try:
            while self._step(project, target):
                pass
        finally:
            self._working = False

    def _step(self, project: Project, target: str) -> bool:
        cars = self.active(project, target)
        failed = next((car for car in cars if car.pipeline and car.pipeline.status in FINISHED - {"success"}), None)
        if failed is not None:
            self._drop(failed, "the pipeline did not succeed")
            self._recouple(project, target)
            return True
        return bool(cars) and self._merge_first(cars[0])

    def _merge_first(self, car: Car) -> bool:
        """Merge it if it is green and nothing else stands in the way now; True if the train got shorter."""
        mr, pipeline = car.merge_request, car.pipeline
        if pipeline is None or pipeline.status != "success" or car.status != "fresh":
            return False
        blocked = self._standing.but_ci(mr)
        if blocked:
            self._drop(car, f"the merge request is not mergeable ({blocked})")
            self._recouple(mr.project, car.target_branch)
            return True
        ref = f"refs/heads/{car.target_branch}"
        before = mr.project.git.refs[ref]
        mr.project.git.set_ref(ref, pipeline.sha)
        car.status, car.merged_at = "merged", self._world.now()
        self._merging.landed(mr, before, car.by)
        return True

    def _recouple(self, project: Project, target: str) -> None:
        """Make cars again whose base is no longer what they follow."""
        tip = project.git.refs[f"refs/heads/{target}"]
        for car in self.active(project, target):
            made = car.pipeline.sha if car.pipeline else ""
            if not made or project.git.objects.commit(made).parents[0] != tip:
                if not self._couple(car):
                    continue
                made = car.pipeline.sha if car.pipeline else tip
            car.status = "fresh"
            tip = made

    def _couple(self, car: Car) -> bool:
        """Try the merge on top of the car before it, and start a pipeline on what comes out. False: it had to leave."""
        mr = car.merge_request
        cars = self.active(mr.project, car.target_branch)
        before = cars[cars.index(car) - 1].pipeline if cars.index(car) else None
        tip = before.sha if before else mr.project.git.refs[f"refs/heads/{car.target_branch}"]
        ref = f"refs/merge-requests/{mr.iid}/train"
        sha = mr.project.git.merge_commit(self._merging.commit(mr, ref, car.by), tip, mr.sha)
        if sha is None:
            self._drop(car, "of merge conflicts")
            return False
        run = Run(sha, ref, "merge_request_event", mr, source_sha=mr.sha, jobs=self.jobs)
        car.status = "fresh"
        car.pipeline = self._pipelines.create(mr.project, run, car.by, tip)
        return True

    def _drop(self, car: Car, why: str) -> None:
        car.merge_request.project.cars.remove(car)
        self._notes.system(car.merge_request, f"removed this merge request from the merge train because {why}", car.by)
