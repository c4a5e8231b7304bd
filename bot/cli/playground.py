"""The stand-ins of a forge and of Slack, and the real gate between them, on this machine.

The tests, the demonstration, the bench and a user's first evening all use this one world, on whichever forge. `settle` drives
the gate on the calling thread until nothing is left to do; `start` lets it work by itself, for a person who clicks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.cli.furnishing import raise_stage, seat
from bot.cli.layout import CHANNEL, SITES, Layout, Neighbours, Site, settings_of
from bot.cli.specimen import Specimen, login_change
from bot.core.ids import ChangeRef, ForgeName, RepoRef
from bot.handlers.identity.logins import CALLBACK
from bot.main import Gate, assemble, read_settings
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.github.fake import FakeGitHub
from integrations.sandbox.github.stage import GitHubStage
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.stage import GitLabStage
from integrations.sandbox.serve import Served
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.slack.workspace import Message
from integrations.sandbox.stage import ChangeSeen, CheckSeen, CheckSeenState, ForgeStage

BRANCH = "agent/login"


@dataclass
class Doorway:
    """The gate's address, which stands in its own settings: it listens before there is a gate behind it."""

    gate: Gate | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.gate is None:
            raise RuntimeError("saw a request before the gate was assembled")
        await self.gate.app(scope, receive, send)


@dataclass
class Playground:
    """Everything, running. `close` ends it."""

    layout: Layout
    clock: FakeClock
    stages: dict[ForgeName, ForgeStage]
    slack: FakeSlack
    gate: Gate
    served: Served
    members: dict[str, str] = field(default_factory=dict)
    """Chat id by name."""
    doorway: Doorway = field(default_factory=Doorway)
    settings: dict[str, dict[str, object]] = field(default_factory=dict)
    """The gate's, as they were read: another gate in its place, or beside it, is assembled from them."""

    @property
    def forge(self) -> ForgeStage:
        """Where the story plays."""
        return self.stages[self.layout.forge]

    @property
    def github(self) -> FakeGitHub:
        """The stand-in of GitHub itself, for what no other forge has."""
        stage = self.stages.get("github")
        if not isinstance(stage, GitHubStage):
            raise LookupError(f"this playground has no GitHub, only {', '.join(self.stages)}")
        return stage.fake

    @property
    def gitlab(self) -> FakeGitLab:
        """The stand-in of GitLab itself."""
        stage = self.stages.get("gitlab")
        if not isinstance(stage, GitLabStage):
            raise LookupError(f"this playground has no GitLab, only {', '.join(self.stages)}")
        return stage.fake

    @property
    def site(self) -> Site:
        return SITES[self.layout.forge]

    @property
    def repo(self) -> str:
        return self.site.repo

    @property
    def hook_url(self) -> str:
        return f"{self.served.url}{self.site.hook_path}"

    def ref(self, number: int) -> ChangeRef:
        """What the gate calls the change; `str` of it is what people read."""
        return ChangeRef(RepoRef(self.forge.forge, self.forge.host, self.repo), number)

    def settle(self) -> None:
        """Webhooks arrive and the gate works, until both are idle."""
        while True:
            self._flush()
            if not self.gate.run_until_idle():
                self._flush()
                if not self.gate.run_until_idle():
                    return

    def start(self) -> None:
        self.gate.start(listen=False)

    def close(self) -> None:
        self.served.close()
        self.gate.close()
        self.slack.close()
        for stage in self.stages.values():
            stage.close()

    # what people do

    def push_generated(self, branch: str = BRANCH, specimen: Specimen | None = None, by: str = "ann") -> str:
        """A coding agent's commit, pushed by whoever runs it."""
        made = specimen or login_change(self.clock.now())
        return self.forge.push(self.repo, branch, made.files, by=by, message=made.message)

    def push_policy(self, text: str | bytes) -> None:
        """Another policy for the default branch, pushed by Sam."""
        self.forge.push(self.repo, "main", {".llmgate/policy.yaml": text}, by="sam", message="Another policy")

    def open_generated(self, branch: str = BRANCH, specimen: Specimen | None = None, title: str = "") -> ChangeSeen:
        """A generated change, opened by Ann."""
        self.push_generated(branch, specimen)
        return self.forge.open_change(self.repo, branch, by="ann", title=title or "Add password login", body="Adds a login.")

    # what people see

    def card(self, number: int) -> Message:
        """The change's card in the channel. LookupError without one."""
        name = str(self.ref(number))
        for message in reversed(self.slack.messages(CHANNEL)):
            if name in message.text and not message.thread_ts:
                return message
        raise LookupError(f"{name} has no card in {CHANNEL}")

    def seen(self, number: int) -> ChangeSeen:
        return self.forge.change(self.repo, number)

    def head(self, branch: str = BRANCH) -> str:
        return self.forge.head(self.repo, branch)

    def blockers(self, number: int) -> str | None:
        """Why the change cannot be merged now, in the forge's words; None if it can."""
        return self.forge.blockers(self.repo, number)

    def check_on(self, sha: str) -> CheckSeen:
        return self.forge.check(self.repo, sha)

    def verdict_on(self, sha: str) -> CheckSeenState:
        """What the gate's check on that commit says; `absent` without one."""
        return self.check_on(sha).state

    def _flush(self) -> None:
        for stage in self.stages.values():
            stage.flush()


def build_playground(layout: Layout, clock: FakeClock | None = None) -> Playground:
    """Set up forge, chat, people, key and gate, and connect them."""
    clock = clock or FakeClock()
    layout.folder.mkdir(parents=True, exist_ok=True)
    stages = {forge: raise_stage(forge, layout, clock) for forge in (layout.forge, *layout.also)}
    slack = FakeSlack(clock, port=layout.ports[1])
    members = seat(slack, layout.cast)
    doorway = Doorway()
    served = Served(doorway)
    public_url = f"http://localhost:{served.port}"
    for stage in stages.values() if layout.sign_in else ():
        stage.allow_redirect(f"{public_url}{CALLBACK}")
    around = Neighbours(list(stages.values()), slack, members, public_url)
    settings = settings_of(layout, around)
    gate = assemble(read_settings(**settings), clock)
    doorway.gate = gate
    playground = Playground(layout, clock, stages, slack, gate, served, members, doorway, settings)
    _connect(playground)
    return playground


def _connect(playground: Playground) -> None:
    """Webhooks flow, and Slack is listened to."""
    gate, slack = playground.gate, playground.slack
    for stage in playground.stages.values():
        stage.connect(playground.served.url)
    if gate.socket_mode is not None:
        gate.socket_mode.start()
        gate.closers.append(gate.socket_mode.stop)
        slack.connected()  # what people do before that is lost, as it is with Slack
    else:
        slack.voice.signed_at = lambda: playground.clock.now().timestamp()
        slack.request_url = f"{playground.served.url}/slack/events"
