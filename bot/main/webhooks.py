"""The organisation's own endpoints, connected as the settings say."""

from __future__ import annotations

from collections.abc import Mapping

from bot.config import BadSettings, Webhook
from bot.ports.clock import Clock
from integrations.webhooks.client import BadSecret, Endpoint, HttpHooks, read_secret


def connect_webhooks(settings: Mapping[str, Webhook], clock: Clock) -> HttpHooks:
    """Each with its secret, read from its file. Raises BadSettings, naming the setting."""
    return HttpHooks({name: Endpoint(entry.url, _secret(name, entry)) for name, entry in settings.items()}, clock)


def _secret(name: str, entry: Webhook) -> bytes:
    path = entry.secret_file
    try:
        return read_secret(path.read_text() if path else "")
    except OSError as error:
        raise BadSettings(f"webhooks.{name}.secret_file: saw {path}: {error.strerror}; wanted the secret there") from None
    except (BadSecret, UnicodeDecodeError) as error:
        raise BadSettings(f"webhooks.{name}.secret_file: saw something else in {path}; {error}") from None
