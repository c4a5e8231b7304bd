"""Where a playground lies and what is in it by name: people, repository, channel, and the gate's settings for all that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.core.ids import ForgeName
from bot.handlers.identity.people import as_yaml
from integrations.sandbox.git.gitdir import GitDir
from integrations.sandbox.gitlab.model import Licence
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.stage import ForgeStage
from integrations.sigstore.keys import make_key
from integrations.tlog.keys import make_key as make_log_key

HOST = "github.sandbox"
REPO = "acme/shop"
CHECK = "llmgate"
CHANNEL = "C0REVIEWS"
AUDIT_CHANNEL = "C0AUDIT"
LOG_ORIGIN = "playground.example/log"
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
class Cast:
    """Who plays, and under which policy and owners: the story's few, unless a test brings more."""

    numbers: Mapping[str, int] = field(default_factory=lambda: dict(NUMBERS))
    """Everybody's number on the forge, by name."""
    security: tuple[str, ...] = SECURITY
    zones: Mapping[str, str] = field(default_factory=dict)
    """The IANA zone that the chat says of a person, where it is not the chat's own default."""
    policy: str = POLICY
    owners: str = OWNERS


@dataclass(frozen=True, slots=True)
class Site:
    """The story's one repository on a forge."""

    repo: str
    owners_path: str
    hook_path: str
    """Where the gate takes that forge's webhooks."""

    def files(self, cast: Cast) -> dict[str, bytes | str | None]:
        """What its default branch starts with."""
        return {".llmgate/policy.yaml": cast.policy, self.owners_path: cast.owners, "README.md": "# shop\n"}


SITES: Mapping[ForgeName, Site] = {
    "github": Site(REPO, ".github/CODEOWNERS", "/webhooks/github"),
    "gitlab": Site("acme/web/shop", ".gitlab/CODEOWNERS", "/webhooks/gitlab/work"),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a playground keeps its things, and how the gate in it is set."""

    folder: Path
    database_url: str = ""
    slack_mode: str = "socket"
    hands: int = 4
    ports: tuple[int, int] = (0, 0)
    """Of the forge's and the Slack stand-in; 0 picks a free one."""
    name: str = "playground"
    signing: Mapping[str, object] = field(default_factory=dict)
    """More of the gate's signing settings: who else may sign provenance."""
    log: Mapping[str, object] = field(default_factory=dict)
    """More of the log's: who witnesses it, who dates it."""
    floor: str = ""
    """The organisation's policy, as text; empty: none."""
    forge: ForgeName = "github"
    """Where the story plays."""
    also: tuple[ForgeName, ...] = ()
    """Other forges that the same gate serves."""
    licence: Licence = "free"
    """GitLab's."""
    gitlab: Mapping[str, object] = field(default_factory=dict)
    """More of the gate's settings for the GitLab host."""
    unlisted: tuple[str, ...] = ("eve",)
    """Whom the file of people does not know."""
    sign_in: bool = True
    """People can sign in at each forge, and so link their accounts."""
    oidc: Mapping[str, object] = field(default_factory=dict)
    """The gate's settings for an identity provider; none: there is none."""
    hours: Mapping[str, object] = field(default_factory=dict)
    """The gate's settings of hours and holidays."""
    notify: Mapping[str, object] = field(default_factory=dict)
    """The gate's settings for another way to people; none: there is none."""
    webhooks: Mapping[str, object] = field(default_factory=dict)
    """The gate's settings for endpoints that a chain's step tells."""
    cast: Cast = field(default_factory=Cast)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What stands around the gate: the stand-ins, who is a member of the chat, and where the gate itself is reached."""

    stages: Sequence[ForgeStage]
    slack: FakeSlack
    members: Mapping[str, str]
    public_url: str


def settings_of(layout: Layout, around: Neighbours) -> dict[str, dict[str, object]]:
    """The gate's settings for these stand-ins, and the files that they name."""
    folder, slack = layout.folder, around.slack
    key, people = folder / "signing.pem", folder / "people.yaml"
    if not key.exists():
        make_key(key)
    people.write_text(_mapping(layout, around))
    if layout.floor:
        (folder / "floor.yaml").write_text(layout.floor)
    return {
        **_forges(layout, around.stages),
        "web": {"public_url": around.public_url},
        "oidc": dict(layout.oidc),
        "policy": {"floor_file": str(folder / "floor.yaml")} if layout.floor else {},
        "database": {"url": layout.database_url or f"sqlite:///{folder / 'llmgate.sqlite3'}"},
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
        "log": {**_log(folder), **layout.log},
        "notify": dict(layout.notify),
        "work": {"hands": layout.hands, "name": layout.name},
        "webhooks": dict(layout.webhooks),
        **({"hours": dict(layout.hours)} if layout.hours else {}),
    }


def _log(folder: Path) -> dict[str, object]:
    """The log's key, and a git repository that holds its heads, beside the audit channel."""
    key, held = folder / "log.pem", folder / "log-anchor.git"
    if not key.exists():
        make_log_key(key, LOG_ORIGIN)
    if not held.exists():
        GitDir(held)
    return {"key_file": str(key), "origin": LOG_ORIGIN, "anchor_git": str(held), "audit_channel": AUDIT_CHANNEL}


def _forges(layout: Layout, stages: Sequence[ForgeStage]) -> dict[str, dict[str, Any]]:
    """The sections that connect the gate to each forge."""
    sections = {part: values for stage in stages for part, values in stage.settings().items()}
    for host in sections.get("gitlab", {}).values():
        host.update(layout.gitlab)
    return sections


def _mapping(layout: Layout, around: Neighbours) -> str:
    """Everybody who is listed, with their account on each forge."""
    return as_yaml(
        {
            name: {
                "name": name.capitalize(),
                "slack": f"{around.slack.team}/{around.members[name]}",
                "email": f"{name}@acme.example",
                **_accounts(around.stages, name, number),
            }
            for name, number in layout.cast.numbers.items()
            if name not in layout.unlisted
        }
    )


def _accounts(stages: Sequence[ForgeStage], login: str, number: int) -> dict[str, object]:
    return {stage.forge: [{"host": stage.host, "id": number, "login": login}] for stage in stages}
