"""Who we are in which workspace, found out once at start; what is missing is refused there and then."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ports.errors import Refused
from integrations.slack.connection import Connection
from integrations.slack.scopes import missing_words, needed_scopes


@dataclass(frozen=True, slots=True)
class Installation:
    """The app in one workspace, as `auth.test` says."""

    team: str
    enterprise: str
    bot_user: str
    bot_id: str
    name: str
    scopes: frozenset[str]


def read_installation(connection: Connection) -> Installation:
    """Ask Slack who the token is. Refused where it is none."""
    if not connection.settings.bot_token.startswith("xoxb-"):
        raise Refused("the Slack bot token was expected to begin with xoxb-; copy it from OAuth & Permissions")
    body, headers = connection.ask_with_headers("auth.test")
    scopes = frozenset(scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",") if scope.strip())
    return Installation(
        body.text("team_id"),
        body.text("enterprise_id"),
        body.text("user_id"),
        body.text("bot_id"),
        body.text("user"),
        scopes,
    )


def require_scopes(installation: Installation) -> None:
    """Refuse to start with too few permissions: half a gate would fail at the first click."""
    missing = needed_scopes(installation.scopes)
    if missing:
        raise Refused(
            f"the Slack app lacks {missing_words(missing)}; add these bot scopes under OAuth & Permissions "
            "(deploy/slack-manifest.yaml lists them) and reinstall the app"
        )
