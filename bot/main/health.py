"""Whether the process can do its work, and how much waits."""

from __future__ import annotations

from bot.handlers.kit import Kit
from bot.ports.errors import WorldError
from bot.web.app import Health


def health_of(kit: Kit) -> Health:
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
