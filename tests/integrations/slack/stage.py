"""A workspace, the adapter on a transport, and a desk that says what a test tells it to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.core.events import ButtonPressed, CommandGiven, FormSubmitted
from bot.core.ids import ChatUser
from bot.core.notice import Form, FormErrors, Home, Notice, text
from bot.ports.chat import ChatProfile
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.serve import Served
from integrations.sandbox.slack.fake import FakeSlack
from integrations.slack.chat import SlackChat
from integrations.slack.connection import Connection, SlackSettings
from integrations.slack.transport import CHECK_EVERY_S, HttpDoor, SlackInbound, SocketMode

TRANSPORTS = ("socket", "http")


def line(words: str) -> Notice:
    return Notice(words, "neutral", text(words))


def _nothing(_: ButtonPressed | FormSubmitted) -> None:
    return None


def _echo(given: CommandGiven) -> Notice:
    return line(f"heard: {given.words}")


@dataclass(slots=True)
class ScriptedDesk:
    """Implements `bot.ports.chat.ChatDesk`: keeps what it was asked, answers as set, waits at `gate` where there is one."""

    on_press: Callable[[ButtonPressed], Form | Notice | Home | None] = _nothing
    on_submit: Callable[[FormSubmitted], FormErrors | Notice | None] = _nothing
    on_words: Callable[[CommandGiven], Notice] = _echo
    page: Home = field(default_factory=lambda: Home(text("Nothing waits for you"), ()))
    asked: list[ButtonPressed | FormSubmitted | CommandGiven | ChatUser] = field(default_factory=list)
    changed: list[ChatProfile] = field(default_factory=list)
    gate: threading.Event | None = None

    def press(self, press: ButtonPressed) -> Form | Notice | Home | None:
        self.asked.append(press)
        return self.on_press(press)

    def submit(self, form: FormSubmitted) -> FormErrors | Notice | None:
        self.asked.append(form)
        self._wait()
        return self.on_submit(form)

    def command(self, command: CommandGiven) -> Notice:
        self.asked.append(command)
        self._wait()
        return self.on_words(command)

    def mention(self, command: CommandGiven) -> Notice:
        self.asked.append(command)
        return self.on_words(command)

    def home(self, user: ChatUser) -> Home:
        self.asked.append(user)
        return self.page

    def member_changed(self, profile: ChatProfile, interaction: str) -> None:
        assert interaction
        self.changed.append(profile)

    def _wait(self) -> None:
        if self.gate is not None:
            assert self.gate.wait(10)


def settings_of(slack: FakeSlack) -> SlackSettings:
    return SlackSettings(slack.bot_token, slack.app_token, slack.signing_secret, api_url=slack.api_url)


def reachable(url: str) -> None:
    """Come back once the server listens: it begins to in a thread of its own."""
    place = urlsplit(url)
    for _ in range(100_000):
        try:
            socket.create_connection((place.hostname or "", place.port or 80), timeout=5).close()
        except ConnectionRefusedError:
            continue
        return
    raise AssertionError(f"nobody listens at {url}")


def workspace(clock: FakeClock) -> FakeSlack:
    """A running workspace that signs by the story's clock."""
    slack = FakeSlack(clock)
    reachable(slack.url)
    slack.voice.signed_at = lambda: clock.now().timestamp()
    return slack


def mounted(door: HttpDoor) -> Served:
    """The HTTP entry as the web server mounts it."""

    async def events(request: Request) -> Response:
        status, headers, body = await run_in_threadpool(door.handle_http, await request.body(), dict(request.headers))
        return Response(body, status, headers)

    served = Served(Starlette(routes=[Route("/slack/events", events, methods=["POST"])]))
    reachable(served.url)
    return served


class Stage:
    """Everything together; close it at the end."""

    def __init__(self, transport: str, patience_s: float = 2.0, check_every_s: float = CHECK_EVERY_S) -> None:
        self.clock = FakeClock()
        self.slack = workspace(self.clock)
        self.desk = ScriptedDesk()
        self.connection = Connection(settings_of(self.slack))
        self.chat = SlackChat(self.connection, self.clock)
        self.inbound = SlackInbound(self.connection, self.chat, self.desk, patience_s)
        self.door = HttpDoor(self.inbound, self.clock)
        self._socket: SocketMode | None = None
        self._served: Served | None = None
        if transport == "socket":
            self._socket = SocketMode(self.inbound, check_every_s)
            self._socket.start()
            assert self.slack.connected()
        else:
            self._served = mounted(self.door)
            self.slack.request_url = f"{self._served.url}/slack/events"
        self.renew()

    def renew(self) -> None:
        """A blank stage for the next test: new people and a new channel, a desk that knows nothing, an hour later."""
        self.clock.advance(timedelta(hours=1))
        self.desk.on_press, self.desk.on_submit, self.desk.on_words = _nothing, _nothing, _echo
        self.desk.page, self.desk.asked, self.desk.changed = Home(text("Nothing waits for you"), ()), [], []
        self.slack.unmodelled.clear()
        self.slack.refused_answers.clear()
        self.maya = self.slack.member("Maya")
        self.noor = self.slack.member("Noor")
        self.channel = self.slack.channel("#reviews").id

    def close(self) -> None:
        if self._socket is not None:
            self._socket.stop()
        self.inbound.close()
        if self._served is not None:
            self._served.close()
        self.connection.close()
        self.slack.close()
