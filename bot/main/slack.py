"""Slack, connected as the settings say."""

from __future__ import annotations

from collections.abc import Mapping

from bot.config import Slack
from bot.web.app import Answer, Receiver
from integrations.slack.connection import Connection, SlackSettings
from integrations.slack.transport import HttpDoor


def connect_slack(slack: Slack) -> Connection | None:
    """The connection, not opened yet; None where Slack is not connected."""
    token = slack.bot_token.get_secret_value()
    if not token:
        return None
    signing_secret = slack.signing_secret.get_secret_value()
    return Connection(SlackSettings(token, slack.app_token.get_secret_value(), signing_secret, slack.api_url))


def receiver_of_slack(door: HttpDoor) -> Receiver:
    def receive(headers: Mapping[str, str], body: bytes) -> Answer:
        status, answered, content = door.handle_http(body, headers)
        return Answer(status, content.decode(), answered)

    return receive
