"""The other way to people, connected as the settings say. Its client is loaded only where it is used."""

from __future__ import annotations

from pathlib import Path

from bot.config import BadSettings, Notify
from bot.ports.clock import Clock
from bot.ports.errors import Refused
from bot.ports.notifier import Notifier


def connect_notifier(settings: Notify, clock: Clock) -> Notifier | None:
    """The mail server or Apprise, connected to when something is to be sent; None where neither is set. Raises BadSettings."""
    if settings.smtp_url and settings.apprise_url_file:
        raise BadSettings("notify: saw both smtp_url and apprise_url_file; wanted one: nobody should hear of a thing twice")
    try:
        if settings.smtp_url:
            from integrations.notify.smtp import SmtpNotifier, read_server

            password = _content(settings.smtp_password_file, "smtp_password_file")
            return SmtpNotifier(read_server(settings.smtp_url, password), settings.from_address, clock)
        if settings.apprise_url_file:
            from integrations.notify.apprise import AppriseNotifier

            return AppriseNotifier(_content(settings.apprise_url_file, "apprise_url_file"))
    except (Refused, ValueError) as error:
        raise error if isinstance(error, BadSettings) else BadSettings(f"notify: {error}") from None
    return None


def _content(path: Path | None, setting: str) -> str:
    try:
        return path.read_text() if path else ""
    except OSError as error:
        raise BadSettings(f"notify.{setting}: saw {path}: {error.strerror}; wanted the secret there") from None
    except UnicodeDecodeError:
        raise BadSettings(f"notify.{setting}: saw bytes that are no text in {path}; wanted the secret there") from None
