"""Slack, and this server seen from outside."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from bot.cli.checkup.premises import INIT, listed
from bot.cli.checkup.row import Row
from bot.cli.checkup.waiting import Waiting
from bot.handlers.identity.people import BadMapping, read_people
from bot.main import Settings
from bot.ports.errors import WorldError
from integrations.slack.connection import Connection, SlackSettings
from integrations.slack.diagnosis import diagnose
from integrations.slack.installation import read_installation

PATIENCE_S = 10.0


def look_at_slack(settings: Settings, waiting: Waiting) -> Iterator[Row]:
    """Token, scopes, transport, and each channel that the settings name."""
    slack = settings.slack
    token = slack.bot_token.get_secret_value()
    if not token:
        cure = f"create the Slack app (README), then {INIT}"
        yield Row("Slack bot token", "problem", "slack.bot_token is not set", "where people are asked and decide", cure)
        return
    named = (slack.channel, *slack.channels.values(), settings.log.audit_channel)
    channels = list(dict.fromkeys(channel for channel in named if channel))
    given = SlackSettings(token, slack.app_token.get_secret_value(), slack.signing_secret.get_secret_value(), slack.api_url)
    connection = Connection(given)
    try:
        with waiting.on("asking Slack"):
            found = diagnose(connection, channels, socket_mode=slack.mode == "socket")
            strangers = list(_strangers(connection, settings))
    finally:
        connection.close()
    for one in found:
        yield Row(one.name, "ok" if one.ok else "problem", one.saw, one.wanted, one.cure)
    yield from strangers
    if not (slack.channel or slack.channels):
        saw = "neither slack.channel nor slack.channels is set"
        yield Row("Slack channel", "warning", saw, "where cards go", "set slack.channel, or name a channel in each policy")


def _strangers(connection: Connection, settings: Settings) -> Iterator[Row]:
    """People whose mapped Slack ids are of another workspace: their clicks would be a stranger's."""
    try:
        installation = read_installation(connection)
        people = read_people(settings.people.file.read_text()) if settings.people.file else ()
    except (WorldError, BadMapping, OSError, UnicodeDecodeError):
        return  # each has its own row already
    known = {installation.team, installation.enterprise}
    others = [person.id for person in people if person.chat and person.chat.team not in known]
    if others:
        saw = f"ids of another workspace for {listed(others)}"
        cure = f"write `slack: {installation.team}/…` in {settings.people.file}"
        yield Row("Slack accounts", "problem", saw, f"ids of {installation.team}, where the app is installed", cure)


def look_at_reach(settings: Settings, waiting: Waiting) -> Iterator[Row]:
    """Does the address that the forge is told lead here?"""
    check, public_url = "Public address", settings.web.public_url.rstrip("/")
    if not public_url:
        saw = "web.public_url is not set, so whether webhooks can reach this server was not tested"
        yield Row(check, "warning", saw, "the address that the forge sends to", "set web.public_url")
        return
    url = f"{public_url}/healthz"
    wanted = "200 from `llmgate serve`"
    cure = "start `llmgate serve`; check name, certificate, proxy and firewall between"
    try:
        with waiting.on(f"asking {url}"):
            local = urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
            answer = httpx.get(url, timeout=PATIENCE_S, trust_env=not local)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        yield Row(check, "problem", f"{url}: {str(error) or type(error).__name__}", wanted, cure)
        return
    if answer.status_code == 200 and answer.text.strip() == "ok":
        yield Row(check, "ok", f"{url} answers")
    else:
        saw = f"{url} answered {answer.status_code}" + ("" if answer.status_code != 200 else ", but not as llmgate does")
        yield Row(check, "problem", saw, wanted, cure)
