"""The composition root: the only module that knows both the adapters and the settings."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import structlog
from fastapi import FastAPI

from bot.config import BadSettings, Settings, UnreadableSettings, read_settings
from bot.core.events import SweepDue
from bot.core.ids import ForgeName
from bot.core.policy.file import Parsed
from bot.core.policy.text import parse_policy
from bot.handlers.change import matters
from bot.handlers.delivery import backoff
from bot.handlers.dispatch import Dispatcher
from bot.handlers.kit import Kit, Settled, Trust
from bot.handlers.people import PeopleFile
from bot.ports.clock import Clock
from bot.ports.errors import Unavailable, WorldError
from bot.ports.forge import Forge
from bot.ports.inbound import Ignored, Malformed
from bot.schedule import start_ticks
from bot.web.app import Answer, Health, Receiver, build_app
from bot.worker import Crew
from integrations.github.client import AppCredentials, Endpoint, Sessions
from integrations.github.forge import GitHubForge
from integrations.github.inbound import Source, installation_of, read_delivery, verify
from integrations.reports.read import ReportFiles
from integrations.sigstore.keyless import KeylessVerifier
from integrations.sigstore.keys import BadKey, load_key, read_public_key
from integrations.sigstore.signer import KeySigner
from integrations.sigstore.verifier import KeyRing
from integrations.slack.chat import SlackChat
from integrations.slack.connection import Connection, SlackSettings
from integrations.slack.transport import HttpDoor, SlackInbound, SocketMode
from storage import codec
from storage.store import SqlStore

log = structlog.get_logger()
T = TypeVar("T")
KEPT = timedelta(days=30)
"""How long what is over is kept: jobs done, actions delivered. Approvals are kept for ever."""
BUSY = {"retry-after": "30"}

__all__ = ["BadSettings", "Gate", "Settings", "SystemClock", "UnreadableSettings", "assemble", "read_settings"]


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the clock


class JsonCodec:
    """`bot.ports.store.Codec` over the store's own encoding."""

    def dump(self, value: object) -> bytes:
        return codec.dump(value)

    def load(self, kind: type[T], content: bytes) -> T:
        return codec.load(kind, content)


@dataclass
class Gate:
    """Everything, wired. `run_until_idle` drives it on one thread; `start` puts it to work on its own."""

    settings: Settings
    kit: Kit
    dispatcher: Dispatcher
    crew: Crew
    app: FastAPI
    inbound: SlackInbound | None = None
    socket_mode: SocketMode | None = None
    closers: list[Callable[[], None]] = field(default_factory=list)
    _closing: threading.Event = field(default_factory=threading.Event)

    def run_until_idle(self) -> int:
        return self.crew.run_until_idle()

    def request_sweep(self) -> None:
        """Queue a reconcile sweep; one waiting is enough."""
        now = self.kit.clock.now()
        self.kit.store.accept(SweepDue(), "sweep", f"sweep:{now.isoformat(timespec='seconds')}")

    def start(self, listen: bool = True) -> None:
        """Put the threads to work, and the clock's ticks; `listen` also opens the connection to Slack."""
        self.crew.start()
        self.closers.append(self.crew.stop)
        ticks = start_ticks(self.request_sweep, self.settings.work.sweep_every_s, lambda: self.kit.store.prune(KEPT))
        self.closers.append(lambda: ticks.shutdown(wait=True))
        if listen and self.socket_mode is not None:
            threading.Thread(target=self._listen, args=(self.socket_mode,), name="slack-connect", daemon=True).start()

    def _listen(self, connection: SocketMode) -> None:
        """Connect to Slack, however often it takes: the gate works without it, and checks say what is missing."""
        tries = 0
        while not self._closing.is_set():
            try:
                connection.start()
            except Exception as error:
                tries += 1
                log.error("slack did not connect", kind=type(error).__name__, problem=str(error), tries=tries)
                self._closing.wait(backoff(tries))
            else:
                self.closers.append(connection.stop)
                return

    def close(self) -> None:
        self._closing.set()
        for closer in reversed(self.closers):
            closer()
        self.closers.clear()


def assemble(settings: Settings, clock: Clock | None = None) -> Gate:
    """Wire the gate. Raises BadSettings, or WorldError where a service refuses what it is given."""
    clock = clock or SystemClock()
    trust, settled = _trust(settings), _settled(settings)
    store = SqlStore(settings.database.url, clock)  # after what can refuse without leaving a file behind
    closers: list[Callable[[], None]] = [store.close]
    forges: dict[tuple[ForgeName, str], Forge] = {}
    github: GitHubForge | None = None
    if settings.github.app_id:
        sessions, github = _github(settings)
        forges["github", settings.github.host] = github
        closers.append(sessions.close)
    connection = _slack(settings)
    chat = SlackChat(connection, clock) if connection else None
    people = PeopleFile(settings.people.file)
    kit = Kit(store, JsonCodec(), clock, forges, chat, trust, people, settled)
    dispatcher = Dispatcher(kit)
    inbound = SlackInbound(connection, chat, dispatcher.desk) if connection and chat else None
    if connection and inbound:
        closers += [connection.close, inbound.close]
    name = settings.work.name or socket.gethostname()
    crew = Crew(kit, dispatcher, name, settings.work.hands)
    app = build_app(_receivers(settings, kit, inbound, github), _health(kit), settings.web.max_body)
    socket_mode = SocketMode(inbound) if inbound and settings.slack.mode == "socket" else None
    return Gate(settings, kit, dispatcher, crew, app, inbound, socket_mode, closers)


def _github(settings: Settings) -> tuple[Sessions, GitHubForge]:
    path = settings.github.private_key_file
    try:
        key = path.read_text() if path else ""
        number = int(settings.github.app_id)
    except OSError as error:
        raise BadSettings(
            f"github.private_key_file: saw {path}: {error.strerror}; wanted the App's private key there"
        ) from None
    except ValueError:
        raise BadSettings(f"github.app_id: saw {settings.github.app_id!r}; wanted a number") from None
    sessions = Sessions(AppCredentials(number, key), Endpoint(settings.github.api_url))
    return sessions, GitHubForge(sessions, settings.github.host, settings.github.check_name, settings.github.carrier)


def _slack(settings: Settings) -> Connection | None:
    slack = settings.slack
    if not slack.bot_token.get_secret_value():
        return None
    return Connection(
        SlackSettings(
            slack.bot_token.get_secret_value(),
            slack.app_token.get_secret_value(),
            slack.signing_secret.get_secret_value(),
            slack.api_url,
        )
    )


def _trust(settings: Settings) -> Trust:
    try:
        key = load_key(settings.signing.key_file)
        retired = [read_public_key(path.read_bytes(), str(path)) for path in settings.signing.retired_keys]
        documents = [read_public_key(path.read_bytes(), str(path)) for path in settings.signing.document_keys]
    except BadKey as error:
        raise BadSettings(f"signing: {error}") from None
    except OSError as error:
        raise BadSettings(f"signing: saw {error.filename}: {error.strerror}; wanted a public key (PEM) there") from None
    ring = KeyRing([key.public_key(), *retired], documents, KeylessVerifier(settings.signing.trusted_root))
    return Trust(KeySigner(key), ring, ReportFiles())


def _settled(settings: Settings) -> Settled:
    return Settled(_floor(settings.policy.floor_file), settings.slack.channel, settings.slack.channels)


def _floor(path: Path | None) -> Parsed | None:
    if path is None:
        return None
    try:
        return parse_policy(path.read_text(), str(path))
    except OSError as error:
        raise BadSettings(f"policy.floor_file: saw {path}: {error.strerror}; wanted the organisation's policy there") from None


def _receivers(
    settings: Settings, kit: Kit, inbound: SlackInbound | None, github: GitHubForge | None
) -> Mapping[str, Receiver]:
    receivers: dict[str, Receiver] = {}
    if github is not None:
        receivers["/webhooks/github"] = _receive_github(settings, kit, github)
    if inbound and settings.slack.mode == "http":
        receivers["/slack/events"] = _receive_slack(HttpDoor(inbound, kit.clock))
    return receivers


def _receive_slack(door: HttpDoor) -> Receiver:
    def receive(headers: Mapping[str, str], body: bytes) -> Answer:
        status, answered, content = door.handle_http(body, headers)
        return Answer(status, content.decode(), answered)

    return receive


def _receive_github(settings: Settings, kit: Kit, github: GitHubForge) -> Receiver:
    """Verify, store, answer: a delivery answered 2xx is in the database."""
    secret = settings.github.webhook_secret.get_secret_value().encode()

    def receive(headers: Mapping[str, str], body: bytes) -> Answer:
        problem = verify(secret, body, headers.get("x-hub-signature-256", ""))
        if problem:
            return Answer(401, f"{problem}\n")
        read = read_delivery(headers, body, Source(settings.github.host, github.known_login))
        through = installation_of(body)
        if through is not None:
            github.learn(*through)
        if isinstance(read, Malformed):
            return Answer(400, f"{read.problem}\n")
        if isinstance(read, Ignored):
            return Answer(202, f"ignored: {read.reason}\n")
        wanted = [routed for routed in read if matters(routed.event)]
        if not wanted:
            return Answer(202, "ignored: a push that touches neither policy nor owners\n")
        try:
            fresh = [kit.store.accept(event, lane, key) for event, lane, key in wanted]
        except Unavailable:
            return Answer(503, "could not store the delivery; nothing was kept; send it again\n", BUSY)
        return Answer(202, "stored\n" if any(fresh) else "seen before\n")

    return receive


def _health(kit: Kit) -> Health:
    def ready() -> str:
        try:
            kit.store.backlog()
        except WorldError as error:
            return str(error)
        kit.people.people()
        return kit.people.problem

    def metrics() -> str:
        try:
            backlog = kit.store.backlog()
        except WorldError:
            return "# HELP llmgate_up Whether the database answers.\n# TYPE llmgate_up gauge\nllmgate_up 0\n"
        rows = {
            "llmgate_up": ("Whether the database answers.", 1),
            "llmgate_jobs_pending": ("Stored events not yet worked on.", backlog.jobs),
            "llmgate_jobs_dead": ("Events given up after too many attempts.", backlog.dead_jobs),
            "llmgate_actions_pending": ("Actions not yet delivered.", backlog.actions),
            "llmgate_actions_dead": ("Actions that could not be delivered.", backlog.dead_actions),
        }
        return "".join(f"# HELP {name} {words}\n# TYPE {name} gauge\n{name} {value}\n" for name, (words, value) in rows.items())

    return Health(ready, metrics)
