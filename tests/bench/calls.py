"""How many calls a look costs, counted by the stand-ins."""

from __future__ import annotations

from dataclasses import dataclass

from bot.cli.hands import Hands
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from bot.core.events import ChangeTouched


@dataclass(frozen=True, slots=True)
class Count:
    what: str
    reads: int
    writes: int
    slack: int
    spelled: tuple[str, ...]


def count_calls(playground: Playground) -> list[Count]:
    """First look of a repository, first look of a change, a push, nothing changed, an approval."""
    counts = []
    first = playground.open_generated("agent/first")
    playground.settle()
    counts.append(_since(playground, "first change of a repository"))
    second = playground.open_generated("agent/login", login_change(playground.clock.now(), "another"))
    counts.append(_settled(playground, "first evaluation of a change"))
    playground.push_generated("agent/login", login_change(playground.clock.now(), "pushed"))
    counts.append(_settled(playground, "re-evaluation after a push"))
    ref = playground.ref(second.number)
    playground.gate.kit.store.accept(ChangeTouched(ref, "bench"), ref.key, "bench-1")
    counts.append(_settled(playground, "re-evaluation, nothing changed"))
    Hands(playground, "bob").approve(first.number)
    counts.append(_since(playground, "one approval of two"))
    Hands(playground, "sue").approve(first.number)
    counts.append(_since(playground, "last approval, green"))
    return counts


def _settled(playground: Playground, what: str) -> Count:
    playground.settle()
    return _since(playground, what)


def _since(playground: Playground, what: str) -> Count:
    forge, slack = playground.forge, playground.slack.calls
    count = Count(what, forge.reads, forge.writes, len(slack), tuple(str(call) for call in forge.calls))
    forge.clear_calls()
    slack.clear()
    return count
