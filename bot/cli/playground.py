"""The stand-ins of GitHub and Slack, and the real gate between them, on this machine.

The tests, the demonstration, the bench and a user's first evening all use this one world. `settle` drives the gate on the
calling thread until nothing is left to do; `start` lets it work by itself, for a person who clicks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.cli.specimen import Specimen, login_change
from bot.handlers.people import as_yaml
from bot.main import Gate, assemble, read_settings
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.github.fake import FakeGitHub
from integrations.sandbox.github.model import PullRequest
from integrations.sandbox.serve import Served
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.slack.workspace import Message
from integrations.sigstore.keys import make_key

HOST = "github.sandbox"
REPO = "acme/shop"
CHECK = "llmgate"
CHANNEL = "C0REVIEWS"
SECURITY_TEAM = "acme/security"
POLICY = f"""version: 1
roles:
  security:
    team: {SECURITY_TEAM}
"""
OWNERS = "* @bob @cid\n/auth/ @bob @dee\n"
NUMBERS = {"ann": 501, "bob": 502, "cid": 503, "dee": 504, "sam": 505, "sue": 506, "eve": 507}
"""Ann writes with an agent; Bob, Cid and Dee own code; Sam and Sue are security; Eve is in no mapping."""
SECURITY = ("sam", "sue")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a playground keeps its things, and how the gate in it is set."""

    folder: Path
    database_url: str = ""
    slack_mode: str = "socket"
    hands: int = 4
    ports: tuple[int, int] = (0, 0)
    """Of the GitHub and the Slack stand-in; 0 picks a free one."""
    name: str = "playground"
    signing: Mapping[str, object] = field(default_factory=dict)
    """More of the gate's signing settings: who else may sign provenance."""
    floor: str = ""
    """The organisation's policy, as text; empty: none."""


@dataclass
class Playground:
    """Everything, running. `close` ends it."""

    layout: Layout
    clock: FakeClock
    github: FakeGitHub
    slack: FakeSlack
    gate: Gate
    served: Served
    members: dict[str, str] = field(default_factory=dict)
    """Chat id by name."""

    @property
    def hook_url(self) -> str:
        return f"{self.served.url}/webhooks/github"

    def settle(self) -> None:
        """Webhooks arrive and the gate works, until both are idle."""
        while True:
            self.github.flush()
            if not self.gate.run_until_idle():
                self.github.flush()
                if not self.gate.run_until_idle():
                    return

    def start(self) -> None:
        self.gate.start(listen=False)

    def close(self) -> None:
        self.served.close()
        self.gate.close()
        self.slack.close()
        self.github.close()

    # what people do

    def push_generated(self, branch: str = "agent/login", specimen: Specimen | None = None, by: str = "ann") -> str:
        """A coding agent's commit, pushed by whoever runs it."""
        made = specimen or login_change(self.clock.now())
        return self.github.push(REPO, branch, dict(made.files), by=by, message=made.message)

    def open_generated(self, branch: str = "agent/login", specimen: Specimen | None = None, title: str = "") -> PullRequest:
        """A generated change, opened by Ann."""
        self.push_generated(branch, specimen)
        return self.github.open_change(REPO, branch, by="ann", title=title or "Add password login", body="Adds a login.")

    # what people see

    def card(self, number: int) -> Message:
        """The change's card in the channel. LookupError without one."""
        name = f"{REPO}#{number}"
        for message in reversed(self.slack.messages(CHANNEL)):
            if name in message.text and not message.thread_ts:
                return message
        raise LookupError(f"{name} has no card in {CHANNEL}")

    def verdict_on(self, sha: str) -> str:
        """Conclusion (or status, while there is none) of the gate's check on that commit; `absent` without one."""
        run = next((run for run in self.github.checks(REPO, sha) if run.name == CHECK), None)
        return "absent" if run is None else run.conclusion or run.status


def build_playground(layout: Layout, clock: FakeClock | None = None) -> Playground:
    """Set up forge, chat, people, key and gate, and connect them."""
    clock = clock or FakeClock()
    layout.folder.mkdir(parents=True, exist_ok=True)
    github = FakeGitHub(layout.folder / "git", clock, port=layout.ports[0])
    slack = FakeSlack(clock, port=layout.ports[1])
    members = furnish(github, slack)
    gate = assemble(read_settings(**settings_of(layout, github, slack, members)), clock)
    served = Served(gate.app)
    playground = Playground(layout, clock, github, slack, gate, served, members)
    _connect(playground)
    return playground


def furnish(github: FakeGitHub, slack: FakeSlack) -> dict[str, str]:
    """People, their team, the repository with its policy and owners, the protected branch, the channel. Chat ids by name."""
    members = {}
    for name, number in NUMBERS.items():
        email = f"{name}@acme.example"
        github.user(name, id=number, name=name.capitalize(), emails=[email])
        members[name] = slack.member(name.capitalize(), id=f"U0{name.upper()}").id
    github.team(SECURITY_TEAM, list(SECURITY))
    github.repository(REPO, files={".llmgate/policy.yaml": POLICY, ".github/CODEOWNERS": OWNERS, "README.md": "# shop\n"})
    github.protect(REPO, "main", required_checks=[(CHECK, github.app.id)])
    slack.channel("#reviews", id=CHANNEL)
    return members


def settings_of(layout: Layout, github: FakeGitHub, slack: FakeSlack, members: dict[str, str]) -> dict[str, dict[str, object]]:
    """The gate's settings for these stand-ins, and the files that they name."""
    folder = layout.folder
    key, app_key, people = folder / "signing.pem", folder / "app.pem", folder / "people.yaml"
    if not key.exists():
        make_key(key)
    app_key.write_text(github.app.private_key)
    app_key.chmod(0o600)
    people.write_text(_mapping(slack, members))
    if layout.floor:
        (folder / "floor.yaml").write_text(layout.floor)
    return {
        "policy": {"floor_file": str(folder / "floor.yaml")} if layout.floor else {},
        "database": {"url": layout.database_url or f"sqlite:///{folder / 'llmgate.sqlite3'}"},
        "github": {
            "app_id": str(github.app.id),
            "private_key_file": str(app_key),
            "webhook_secret": github.app.webhook_secret,
            "host": HOST,
            "api_url": github.api_url,
            "check_name": CHECK,
        },
        "slack": {
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
            "mode": layout.slack_mode,
            "channel": CHANNEL,
            "api_url": slack.api_url,
        },
        "signing": {"key_file": str(key), **layout.signing},
        "people": {"file": str(people)},
        "work": {"hands": layout.hands, "name": layout.name},
    }


def _mapping(slack: FakeSlack, members: dict[str, str]) -> str:
    known = {name: number for name, number in NUMBERS.items() if name != "eve"}
    return as_yaml(
        {
            name: {
                "name": name.capitalize(),
                "slack": f"{slack.team}/{members[name]}",
                "github": [{"host": HOST, "id": number, "login": name}],
            }
            for name, number in known.items()
        }
    )


def _connect(playground: Playground) -> None:
    """Webhooks flow, and Slack is listened to."""
    gate, slack = playground.gate, playground.slack
    playground.github.install(playground.hook_url, by="sam")
    if gate.socket_mode is not None:
        gate.socket_mode.start()
        gate.closers.append(gate.socket_mode.stop)
    else:
        slack.voice.signed_at = lambda: playground.clock.now().timestamp()
        slack.request_url = f"{playground.served.url}/slack/events"
