"""Whether the process can do its work, and how much waits."""

from __future__ import annotations

from collections.abc import Sequence

from bot.handlers.escalation.ticks import MOST_REPORTED, OVERDUE, Ticks
from bot.handlers.kit import Kit
from bot.ports.errors import WorldError
from bot.web.app import Health


def health_of(kit: Kit, anchors: Sequence[str] = (), ticks: Ticks | None = None) -> Health:
    """`anchors`: the places outside in which heads of the log are to stand."""

    def ready() -> str:
        try:
            kit.store.backlog()
        except WorldError as error:
            return str(error)
        kit.people.people()
        return kit.people.problem

    def metrics() -> str:
        try:
            backlog, more = kit.store.backlog(), _log(kit, anchors) + _waiting(kit, ticks)
        except WorldError:
            return "# HELP llmgate_up Whether the database answers.\n# TYPE llmgate_up gauge\nllmgate_up 0\n"
        rows = {
            "llmgate_up": ("Whether the database answers.", 1),
            "llmgate_jobs_pending": ("Stored events not yet worked on.", backlog.jobs),
            "llmgate_jobs_dead": ("Events given up after too many attempts.", backlog.dead_jobs),
            "llmgate_actions_pending": ("Actions not yet delivered.", backlog.actions),
            "llmgate_actions_dead": ("Actions that could not be delivered.", backlog.dead_actions),
        }
        return "".join(f"{_head(name, words)}{name} {value}\n" for name, (words, value) in rows.items()) + more

    return Health(ready, metrics)


def _head(name: str, words: str) -> str:
    return f"# HELP {name} {words}\n# TYPE {name} gauge\n"


def _log(kit: Kit, anchors: Sequence[str]) -> str:
    """How long the log is, and how much of it stands outside: what lies behind for long asks for `llmgate doctor`."""
    with kit.store.look() as unit:
        size, placed = unit.log_size(), unit.anchors()
    largest = dict.fromkeys(anchors, 0) | {anchor.place: anchor.size for anchor in placed}  # the oldest checkpoint comes first
    lines = [f"{_head('llmgate_log_size', 'Records in the transparency log.')}llmgate_log_size {size}\n"]
    if largest:
        lines.append(_head("llmgate_log_anchored_size", "Records that the newest checkpoint in a place outside covers."))
    lines += [f'llmgate_log_anchored_size{{place="{place}"}} {value}\n' for place, value in sorted(largest.items())]
    return "".join(lines)


def _waiting(kit: Kit, ticks: Ticks | None) -> str:
    """Whether what waits for people is looked after: each tick's pulse in this process, and steps that nobody does."""
    with kit.store.look() as unit:
        overdue = len(unit.overdue(kit.clock.now() - OVERDUE, MOST_REPORTED))
    late = _head("llmgate_escalations_overdue", "Steps of chains over ten minutes late that nobody does (50 at most).")
    lines = [f"{late}llmgate_escalations_overdue {overdue}\n"]
    beats = ticks.beats() if ticks else {}
    if beats:
        lines.append(_head("llmgate_tick_seconds_since", "Seconds since this tick last ran to its end in this process."))
    lines += [f'llmgate_tick_seconds_since{{tick="{name}"}} {since:.0f}\n' for name, since in beats.items()]
    return "".join(lines)
