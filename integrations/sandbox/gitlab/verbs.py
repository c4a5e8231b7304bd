"""The verbs of one GitLab, wired once: what tests call directly and what routes call for a client."""

from __future__ import annotations

from integrations.sandbox.gitlab.announce import Announcer
from integrations.sandbox.gitlab.approvals import Approvals
from integrations.sandbox.gitlab.auth import Tokens
from integrations.sandbox.gitlab.changes import Changes
from integrations.sandbox.gitlab.merging import Mergeability, Merging
from integrations.sandbox.gitlab.notes import Notes
from integrations.sandbox.gitlab.pipelines import Pipelines
from integrations.sandbox.gitlab.pushes import Pushes
from integrations.sandbox.gitlab.sign_in import SignIn
from integrations.sandbox.gitlab.state import World
from integrations.sandbox.gitlab.status_checks import StatusChecks
from integrations.sandbox.gitlab.statuses import Statuses
from integrations.sandbox.gitlab.trains import Trains


class Verbs:
    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens = Tokens(world)
        self.tell = Announcer(world)
        self.notes = Notes(self.tell)
        self.changes = Changes(self.tell, self.notes)
        self.approvals = Approvals(self.tell, self.notes)
        self.pipelines = Pipelines(self.tell)
        self.statuses = Statuses(world, self.pipelines)
        self.status_checks = StatusChecks(self.tell)
        self.mergeability = Mergeability(self.approvals, self.status_checks, self.pipelines)
        self.pushes = Pushes(self.tell, self.changes, self.approvals, self.notes)
        self.merging = Merging(self.tell, self.mergeability, self.pushes, self.notes)
        self.trains = Trains(self.tell, self.pipelines, self.merging, self.mergeability, self.notes)
        self.sign_in = SignIn(world, self.tokens)
        self._wire()

    def _wire(self) -> None:
        self.tell.plain.standing = self.mergeability.status
        self.pipelines.settled.append(self.trains.settled)
        self.pushes.source_moved.append(lambda mr: self.trains.remove(mr, "its source branch was updated"))
        self.pushes.target_moved.append(self.trains.target_moved)
