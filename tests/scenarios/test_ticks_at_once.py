"""Two gates tick at once, and a tick is killed half way: everybody hears of everything once."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bot.cli.playground import Playground
from bot.handlers.escalation.notifying import remind
from bot.handlers.escalation.stepping import escalate
from bot.handlers.escalation.ticks import Ticks
from bot.main import Gate, assemble
from bot.ports.errors import Unavailable
from bot.worker import Crew
from integrations.sandbox.clock import FakeClock
from storage.unit import SqlUnit
from tests.scenarios.waiting import asked, direct, history, opened, owner, tick, turns

HOUR = timedelta(hours=1)


@pytest.fixture
def two_gates(postgres_world: Playground, clock: FakeClock) -> Iterator[tuple[Playground, tuple[Gate, Gate]]]:
    """Two gates on one PostgreSQL, each wired by itself, as two processes would be."""
    first = postgres_world.gate
    work = first.settings.work.model_copy(update={"name": "second"})
    second = assemble(first.settings.model_copy(update={"work": work}), clock)
    yield postgres_world, (first, second)
    second.close()


def at_once(*deeds: Callable[[], object]) -> None:
    """Start them together, and let each come to its end."""
    start = threading.Barrier(len(deeds))
    threads = [threading.Thread(target=lambda deed=deed: (start.wait(), deed())) for deed in deeds]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def test_two_gates_that_tick_at_the_same_instant_tell_people_once(two_gates: tuple[Playground, tuple[Gate, Gate]]) -> None:
    world, gates = two_gates
    opened(world)
    people = {str(row.person) for row in turns(world).values()}
    world.clock.advance(HOUR)
    for _ in range(3):  # one may find nothing to tell yet, of what the other is just about to do
        at_once(*(gate.tick_all for gate in gates))
        at_once(*(gate.run_until_idle for gate in gates))
        world.settle()
        world.clock.advance(timedelta(seconds=30))
    assert {name: len(direct(world, name)) for name in people} == dict.fromkeys(people, 1)
    assert len(history(world, "step")) == 2


def test_also_where_no_lease_keeps_them_apart(two_gates: tuple[Playground, tuple[Gate, Gate]]) -> None:
    world, gates = two_gates
    opened(world)
    people = {str(row.person) for row in turns(world).values()}
    for _ in range(2):  # a nudge, then the backup
        world.clock.advance(HOUR)
        for deed in (escalate, remind):
            at_once(*(functools.partial(deed, gate.kit) for gate in gates for _ in range(2)))
        at_once(*(gate.run_until_idle for gate in gates))
        world.settle()
    widened = {str(who) for who, one in asked(world).items() if one.how == "widened"}
    assert {name: len(direct(world, name)) for name in people | widened} == dict.fromkeys(people | widened, 1)
    assert [len(history(world, kind)) for kind in ("step", "widened")] == [2, 2]


def test_one_replica_ticks_and_another_takes_over_when_it_dies(one_world: Playground) -> None:
    opened(one_world)
    kit = one_world.gate.kit
    first, second = Ticks(kit, "first"), Ticks(kit, "second")
    one_world.clock.advance(HOUR - timedelta(seconds=30))
    assert first.tick("escalate") == 0
    one_world.clock.advance(timedelta(seconds=30))
    assert second.tick("escalate") == 0, "the first one's lease holds, and it is about to"
    one_world.clock.advance(timedelta(minutes=2))
    assert second.tick("escalate") == 2


def test_a_tick_that_is_killed_half_way_leaves_nothing_doubled(one_world: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(one_world)
    first = owner(one_world)
    one_world.clock.advance(HOUR)

    def killed(*_: object) -> None:
        raise Unavailable("the database went away")

    for verb in ("add_reminders", "add_turnings", "commit"):
        with monkeypatch.context() as patched:
            patched.setattr(SqlUnit, verb, killed)
            with pytest.raises(Unavailable):
                escalate(one_world.gate.kit)
    assert history(one_world, "step") == []
    escalate(one_world.gate.kit)
    for verb in ("mark_reminders", "add_action", "commit"):
        with monkeypatch.context() as patched:
            patched.setattr(SqlUnit, verb, killed)
            with pytest.raises(Unavailable):
                remind(one_world.gate.kit)
    remind(one_world.gate.kit)
    kit = one_world.gate.kit
    claimed = kit.store.claim_delivery("dead", "chat:dm:")
    assert claimed is not None
    assert kit.store.release("dead") == 1
    tick(one_world)
    assert len(direct(one_world, first)) == 1
    assert len(history(one_world, "step")) == 2


def test_a_reminder_that_slack_took_before_its_worker_died_is_not_seen_twice(one_world: Playground) -> None:
    opened(one_world)
    first, kit = owner(one_world), one_world.gate.kit
    one_world.clock.advance(HOUR)
    one_world.gate.tick_all()
    crew = Crew(kit, one_world.gate.dispatcher, "dying")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(kit.store), "finish_delivery", _dies)
        for _ in range(2):
            with pytest.raises(SystemExit):
                crew.run_until_idle()
    kit.store.release("dying")
    one_world.settle()
    assert len(direct(one_world, first)) == 1


def _dies(*_: object) -> None:
    raise SystemExit
