"""Ports to adapters, as the settings say. Each forge's own wiring has a module beside this one, loaded only where needed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.config import Settings
from bot.handlers.counter.homes import HOMES
from bot.handlers.dispatch import Dispatcher
from bot.handlers.escalation.ticks import Ticks
from bot.handlers.identity.people import PeopleFile
from bot.handlers.identity.roster import Roster
from bot.handlers.kit import Kit
from bot.main.doors import Door, receiver_of
from bot.main.gate import Gate
from bot.main.health import health_of
from bot.main.hours import connect_clocks
from bot.main.log import connect_log, connect_timestamps, log_routes, read_log_key
from bot.main.logins import connect_logins
from bot.main.machine import JsonCodec, SystemClock
from bot.main.notify import connect_notifier
from bot.main.pages import connect_passkeys, pages_of
from bot.main.slack import connect_slack, receiver_of_slack
from bot.main.trust import read_settled, read_trust
from bot.main.webhooks import connect_webhooks
from bot.ports.clock import Clock
from bot.web.app import Receiver, build_app
from bot.worker import Crew
from integrations.slack.chat import SlackChat
from integrations.slack.transport import HttpDoor, SlackInbound, SocketMode
from storage.store import SqlStore


def assemble(settings: Settings, clock: Clock | None = None) -> Gate:
    """Wire the gate. Raises BadSettings, or WorldError where a service refuses what it is given."""
    clock = clock or SystemClock()
    stamps, settled = connect_timestamps(settings.log), read_settled(settings)
    trust = read_trust(settings.signing, clock, stamps)
    trust = replace(trust, passkeys=connect_passkeys(settings.web.public_url), timestamps=stamps)
    trust = replace(trust, log=read_log_key(settings.log))
    doors = list(_doors(settings, clock))
    hooks, notifier = connect_webhooks(settings.webhooks, clock), connect_notifier(settings.notify, clock)
    store = SqlStore(settings.database.url, clock)  # after what can refuse without leaving a file behind
    closers: list[Callable[[], None]] = [store.close, hooks.close, *(door.close for door in doors)]
    connection = connect_slack(settings.slack)
    chat = SlackChat(connection, clock) if connection else None
    people = Roster(PeopleFile(settings.people.file), store, trust.verifier)
    forges = {door.key: door.forge for door in doors}
    kit = Kit(store, JsonCodec(), clock, forges, chat, trust, people, settled, connect_logins(settings), hooks, notifier)
    kit = replace(kit, clocks=connect_clocks(settings.hours, clock))
    log = connect_log(kit, settings.log)
    dispatcher = Dispatcher(kit)
    inbound = SlackInbound(connection, chat, dispatcher.desk) if connection and chat else None
    if connection and inbound:
        closers += [connection.close, inbound.close]
    name = settings.work.name or socket.gethostname()
    crew = Crew(kit, dispatcher, name, settings.work.hands)
    receivers: dict[str, Receiver] = {door.path: receiver_of(door, store) for door in doors}
    if inbound and settings.slack.mode == "http":
        receivers["/slack/events"] = receiver_of_slack(HttpDoor(inbound, clock))
    ticks = Ticks(kit, name, {HOMES: lambda _: dispatcher.desk.pages.tick()})
    health = health_of(kit, log.anchoring.names if log else (), ticks)
    app = build_app(receivers, health, settings.web.max_body, [*pages_of(kit), *log_routes(log)])
    socket_mode = SocketMode(inbound) if inbound and settings.slack.mode == "socket" else None
    return Gate(settings, kit, dispatcher, crew, app, inbound, socket_mode, closers, log, ticks)


def _doors(settings: Settings, clock: Clock) -> Iterator[Door]:
    """Every connected host of a forge. A client is loaded where it is used: each takes time and memory."""
    if settings.github.app_id:
        from bot.main.github import connect_github

        yield connect_github(settings.github)
    for name, entry in settings.gitlab.items():
        if entry.token.get_secret_value():
            from bot.main.gitlab import connect_gitlab

            yield connect_gitlab(name, entry, clock)
