"""GitLab, connected as the settings say: one door a host."""

from __future__ import annotations

from bot.config import GitLab
from bot.core.events import BaseMoved, BranchPushed, ChangeTouched, CommitTouched, Event, GroupRequested, ReviewGiven
from bot.main.doors import Door, Headers
from bot.ports.clock import Clock
from bot.ports.inbound import Ignored, Malformed, Routed
from integrations.gitlab.attachments import Attached
from integrations.gitlab.carriers import Showing
from integrations.gitlab.client import Client, Credentials, Endpoint
from integrations.gitlab.forge import GitLabForge
from integrations.gitlab.inbound import Secrets, Source, read_delivery, verify
from integrations.gitlab.paths import is_below

PATH = "/webhooks/gitlab"


def adapter(settings: GitLab) -> tuple[Client, GitLabForge]:
    """The bot's account on one host. The client is the caller's to close."""
    client = Client(Credentials(settings.token.get_secret_value()), Endpoint(settings.root))
    showing = Showing(settings.check_name, settings.carriers, settings.approve)
    attached = Attached(settings.evidence_job, settings.packages)
    return client, GitLabForge(client, settings.host, showing, attached, settings.group)


def connect_gitlab(name: str, settings: GitLab, clock: Clock) -> Door:
    """The bot's account with its webhooks."""
    client, forge = adapter(settings)
    secrets = Secrets(settings.webhook_token.get_secret_value(), settings.signing_token.get_secret_value())

    def verified(headers: Headers, body: bytes) -> str | None:
        return verify(secrets, headers, body, clock.now())

    def read(headers: Headers, body: bytes) -> tuple[Routed, ...] | Ignored | Malformed:
        found = read_delivery(headers, body, Source(settings.host, forge.known_id), clock.now())
        if isinstance(found, Ignored | Malformed) or all(_below(settings.group, routed.event) for routed in found):
            return found
        return Ignored(f"a project that is not below {settings.group}")

    return Door(("gitlab", settings.host), forge, f"{PATH}/{name}", verified, read, client.close)


def _below(group: str, event: Event) -> bool:
    """Whether the event is about a project below the group. A hook of the whole instance tells of every project."""
    if isinstance(event, ChangeTouched | ReviewGiven):
        path = event.change.repo.path
    elif isinstance(event, BaseMoved | BranchPushed | CommitTouched | GroupRequested):
        path = event.repo.path
    else:
        return True
    return is_below(group, path)
