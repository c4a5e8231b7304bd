"""slack-bolt's app: one set of listeners for both transports.

Bolt finds the kind of a request and keeps the acknowledgement; it is given no token and no signing secret. Its own
authorisation would ask `auth.test` at each request, and its signature check lets a captured request in again for five
minutes; `door` checks instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult

from integrations.slack.blocks.element import Block
from integrations.slack.blocks.form import CALLBACK
from integrations.slack.connection import Connection, quiet_logger
from integrations.slack.desk import Acknowledge, FrontDesk
from integrations.slack.inbound import (
    read_changed_member,
    read_click,
    read_command,
    read_mention,
    read_opened_home,
    read_shortcut,
    read_submission,
)
from integrations.slack.installation import Installation
from integrations.slack.payload import Payload
from integrations.slack.recent import Recent

COMMAND = "/llmgate"
EXPLAIN = "explain"
_ANYTHING = re.compile(".*")
Body = Mapping[str, object]


def build_app(connection: Connection, installation: Installation, desk: FrontDesk, workers: ThreadPoolExecutor) -> App:
    """The app with every listener. Whatever is not ours is acknowledged and left alone, so that Slack stops asking."""

    def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=installation.enterprise or None,
            team_id=installation.team,
            bot_token=connection.settings.bot_token,
            bot_id=installation.bot_id,
            bot_user_id=installation.bot_user,
        )

    app = App(
        name="llmgate",
        logger=quiet_logger("bolt"),
        client=connection.client,
        authorize=authorize,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        listener_executor=workers,
    )
    _hear_clicks(app, desk)
    _hear_words(app, desk)
    _hear_events(app, desk)
    return app


def _hear_clicks(app: App, desk: FrontDesk) -> None:
    def pressed(ack: Ack, body: Body) -> None:
        ack()
        click = read_click(Payload(body))
        if click is not None and not click.link:
            desk.press(click)

    def submitted(ack: Ack, body: Body) -> None:
        form, origin = read_submission(Payload(body))
        desk.submit(form, origin, Payload(body).at("view"), _answering(ack))

    app.action(_ANYTHING)(pressed)
    app.view_submission(CALLBACK)(submitted)
    app.view(_ANYTHING)(_only_acknowledge)
    app.view_closed(_ANYTHING)(_only_acknowledge)


def _hear_words(app: App, desk: FrontDesk) -> None:
    def commanded(ack: Ack, body: Body) -> None:
        desk.command(read_command(Payload(body)), _answering(ack))

    def explained(ack: Ack, body: Body) -> None:
        ack()
        desk.mention(read_shortcut(Payload(body)))

    app.command(COMMAND)(commanded)
    app.message_shortcut(EXPLAIN)(explained)
    app.command(_ANYTHING)(_only_acknowledge)
    app.shortcut(_ANYTHING)(_only_acknowledge)


def _hear_events(app: App, desk: FrontDesk) -> None:
    recent = Recent()

    def mentioned(body: Body) -> None:
        given = read_mention(Payload(body))
        if given.user.id and recent.first_time(given.interaction):
            desk.mention(given)

    def opened(body: Body) -> None:
        user = read_opened_home(Payload(body))
        if user is not None:
            desk.home(user, Payload(body).text("event_id"))

    def changed(body: Body) -> None:
        profile = read_changed_member(Payload(body))
        if profile is not None:
            desk.member_changed(profile, Payload(body).text("event_id"))

    app.event("app_mention")(mentioned)
    app.event("user_change")(changed)
    app.event("app_home_opened")(opened)
    app.event(_ANYTHING)(_nothing)


def _answering(ack: Ack) -> Acknowledge:
    def acknowledge(answer: Block) -> None:
        ack(dict(answer)) if answer else ack()

    return acknowledge


def _only_acknowledge(ack: Ack) -> None:
    ack()


def _nothing() -> None:
    """An event that is not ours: Bolt has acknowledged it."""
