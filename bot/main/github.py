"""GitHub, connected as the settings say."""

from __future__ import annotations

from bot.config import BadSettings, GitHub
from bot.main.doors import Door, Headers
from bot.ports.inbound import Ignored, Malformed, Routed
from integrations.github.client import AppCredentials, Endpoint, Sessions
from integrations.github.forge import GitHubForge
from integrations.github.inbound import Source, installation_of, read_delivery, verify

PATH = "/webhooks/github"


def connect_github(settings: GitHub) -> Door:
    """The App with its webhook. Raises BadSettings."""
    sessions = Sessions(_credentials(settings), Endpoint(settings.api_url))
    forge = GitHubForge(sessions, settings.host, settings.check_name, settings.carrier)
    secret = settings.webhook_secret.get_secret_value().encode()

    def verified(headers: Headers, body: bytes) -> str | None:
        return verify(secret, body, headers.get("x-hub-signature-256", ""))

    def read(headers: Headers, body: bytes) -> tuple[Routed, ...] | Ignored | Malformed:
        found = read_delivery(headers, body, Source(settings.host, forge.known_login))
        through = installation_of(body)
        if through is not None:
            forge.learn(*through)
        return found

    return Door(("github", settings.host), forge, PATH, verified, read, sessions.close)


def _credentials(settings: GitHub) -> AppCredentials:
    path = settings.private_key_file
    try:
        return AppCredentials(int(settings.app_id), path.read_text() if path else "")
    except OSError as error:
        raise BadSettings(
            f"github.private_key_file: saw {path}: {error.strerror}; wanted the App's private key there"
        ) from None
    except ValueError:
        raise BadSettings(f"github.app_id: saw {settings.app_id!r}; wanted a number") from None
