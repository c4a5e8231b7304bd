"""What `llmgate doctor` asks Slack: each check says what it saw, what it wanted and what to do. Nothing is posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.ports.errors import WorldError
from integrations.slack.connection import Connection
from integrations.slack.installation import Installation, read_installation
from integrations.slack.scopes import missing_scopes, missing_words


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One check of the installation. `cure` is empty where nothing is wrong."""

    name: str
    ok: bool
    saw: str
    wanted: str
    cure: str = ""


def diagnose(connection: Connection, channels: Sequence[str], *, socket_mode: bool) -> tuple[Diagnosis, ...]:
    """Every check, worst news included: an error of Slack's is a finding here and not an exception.

    `channels` are those the settings and policies name; `socket_mode` says which transport is configured.
    """
    token, installation = _token(connection)
    found = [token]
    if installation is not None:
        found.append(_scopes(installation))
    found.append(_socket(connection) if socket_mode else _secret(connection))
    if installation is not None:
        found += [_channel(connection, channel) for channel in channels]
    return tuple(found)


def _token(connection: Connection) -> tuple[Diagnosis, Installation | None]:
    wanted = "a bot token that Slack accepts"
    try:
        installation = read_installation(connection)
    except WorldError as error:
        return Diagnosis("Slack bot token", False, str(error), wanted, "copy the bot token from OAuth & Permissions"), None
    saw = f"@{installation.name} ({installation.bot_user}) in workspace {installation.team}"
    return Diagnosis("Slack bot token", True, saw, wanted), installation


def _scopes(installation: Installation) -> Diagnosis:
    missing = missing_scopes(installation.scopes)
    excess = sorted(scope for scope in installation.scopes if scope.endswith(":history"))
    saw = f"{len(installation.scopes)} scopes" + (
        f", among them {', '.join(excess)}, which llmgate never uses" if excess else ""
    )
    wanted = "the bot scopes of deploy/slack-manifest.yaml"
    if not missing:
        return Diagnosis("Slack scopes", True, saw, wanted)
    cure = "add them under OAuth & Permissions and reinstall the app"
    return Diagnosis("Slack scopes", False, f"{saw}; missing {missing_words(missing)}", wanted, cure)


def _socket(connection: Connection) -> Diagnosis:
    name, wanted = "Slack Socket Mode", "an app-level token (xapp-…) with connections:write"
    cure = "make one under Basic Information > App-Level Tokens, and switch Socket Mode on"
    if not connection.settings.app_token.startswith("xapp-"):
        return Diagnosis(name, False, "no app-level token", wanted, cure)
    try:
        connection.ask("apps.connections.open", token=connection.settings.app_token)
    except WorldError as error:
        return Diagnosis(name, False, str(error), wanted, cure)
    return Diagnosis(name, True, "a link for a connection", wanted)


def _secret(connection: Connection) -> Diagnosis:
    name, wanted = "Slack signing secret", "32 hex digits"
    secret = connection.settings.signing_secret.strip()
    if len(secret) == 32 and all(digit in "0123456789abcdef" for digit in secret.lower()):
        return Diagnosis(name, True, wanted, wanted)
    saw = "nothing" if not secret else f"{len(secret)} characters that are not it"
    return Diagnosis(name, False, saw, wanted, "copy it from Basic Information > App Credentials")


def _channel(connection: Connection, channel: str) -> Diagnosis:
    name, wanted = f"Slack channel {channel}", "a channel with the app in it"
    cure = "use the channel's id (C…, at the foot of its details), and invite the app: /invite @llmgate"

    try:
        found = connection.ask("conversations.info", channel=channel).at("channel")
    except WorldError as error:
        return Diagnosis(name, False, str(error), wanted, cure)
    saw = f"#{found.text('name')}"
    if found.flag("is_archived"):
        return Diagnosis(name, False, f"{saw}, archived", wanted, "unarchive it, or name another channel")
    if not found.flag("is_member"):
        return Diagnosis(name, False, f"{saw}, without the app in it", wanted, cure)
    return Diagnosis(name, True, saw, wanted)
