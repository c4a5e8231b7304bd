"""Time passes in a story about waiting: ticks as the clock would make them, and what each person was told in private."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.cli.hands import whole
from bot.cli.layout import CHANNEL
from bot.cli.playground import Playground
from bot.cli.specimen import Specimen
from bot.core.approval import Approval
from bot.core.attendance import Assignment
from bot.core.escalation.model import Escalation
from bot.core.events import Event
from bot.core.ids import ChatUser, PersonId
from bot.handlers.approvals import read_stored
from bot.ports.escalation import Turning
from bot.ports.store import ApprovalRequest
from integrations.sandbox.slack.workspace import Message

QUARTER = timedelta(minutes=15)
LONG_AGO = timedelta(days=90)


def tick(world: Playground) -> None:
    """Everything that is due now, by the clock and by what follows."""
    world.gate.tick_all()
    world.settle()


def wait(world: Playground, span: timedelta, step: timedelta = QUARTER) -> None:
    """Time passes, and the gate ticks."""
    end = world.clock.now() + span
    while world.clock.now() < end:
        world.clock.advance(min(step, end - world.clock.now()))
        tick(world)


def wait_until(world: Playground, at: datetime, step: timedelta = QUARTER) -> None:
    wait(world, at - world.clock.now(), step)


def user_of(world: Playground, name: str) -> ChatUser:
    return ChatUser(world.slack.team, world.members[name])


def direct(world: Playground, name: str) -> list[Message]:
    """Every private message to that person, oldest first."""
    return world.slack.messages(world.slack.workspace.direct(world.members[name]).id)


def told(world: Playground, name: str) -> list[str]:
    return [whole(message) for message in direct(world, name)]


def thread(world: Playground, number: int = 1) -> list[str]:
    return [whole(message) for message in world.slack.thread(CHANNEL, world.card(number).ts)]


def request_of(world: Playground, number: int = 1) -> ApprovalRequest:
    with world.gate.kit.store.look() as unit:
        request = unit.request_of(world.ref(number))
    assert request is not None
    return request


def turns(world: Playground, number: int = 1) -> dict[str, Escalation]:
    """The seats of the change that wait, by name."""
    with world.gate.kit.store.look() as unit:
        return {row.seat: row for row in unit.escalations_of(world.ref(number))}


def asked(world: Playground, number: int = 1) -> dict[PersonId, Assignment]:
    """Who was asked for the live request."""
    with world.gate.kit.store.look() as unit:
        return {one.person: one for one in unit.assignments(request_of(world, number).token)}


def history(world: Playground, *kinds: str) -> list[Turning]:
    with world.gate.kit.store.look() as unit:
        return list(unit.turnings(world.clock.now() - LONG_AGO, kinds))


def signed(world: Playground, number: int = 1) -> list[Approval]:
    """Every approval on record of the change, voided ones too, each verified."""
    ref = world.ref(number)
    with world.gate.kit.store.look() as unit:
        stored = unit.approvals(ref)
    read = read_stored(world.gate.kit, stored, ref)
    assert all(isinstance(one, Approval) for one in read), read
    return [one for one in read if isinstance(one, Approval)]


def send(world: Playground, event: Event, number: int = 1, key: str = "") -> None:
    """An event as the desk would store it, worked on."""
    interaction = key or getattr(event, "interaction", "") or f"{type(event).__name__}:{world.slack.workspace.serial()}"
    world.gate.kit.store.accept(event, world.ref(number).key, f"chat:{interaction}")
    world.settle()


def opened(world: Playground, policy: str = "", specimen: Specimen | None = None) -> None:
    """A change of high risk that lacks nothing but people: an owner of its file and one of security."""
    if policy:
        world.push_policy(policy)
        world.settle()
    world.open_generated(specimen=specimen)
    world.settle()
    tick(world)


def owner(world: Playground) -> str:
    """The code owner who is waited for."""
    return str(turns(world)["codeowner"].person)
