"""The verbs of one GitHub, wired once: what tests call directly and what routes call for a client."""

from __future__ import annotations

from integrations.sandbox.github.announce import Announcer
from integrations.sandbox.github.auth import Tokens
from integrations.sandbox.github.changes import Changes
from integrations.sandbox.github.checks import Checks
from integrations.sandbox.github.merging import Merging
from integrations.sandbox.github.pushes import Pushes
from integrations.sandbox.github.sign_in import SignIn
from integrations.sandbox.github.state import World


class Verbs:
    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens = Tokens(world)
        self.tell = Announcer(world)
        self.changes = Changes(self.tell)
        self.checks = Checks(self.tell)
        self.pushes = Pushes(self.tell, self.checks)
        self.merging = Merging(self.tell, self.checks, self.pushes)
        self.sign_in = SignIn(world, self.tokens)
        self.tell.pulls.blocked = lambda pull: self.merging.protected(pull) is not None
