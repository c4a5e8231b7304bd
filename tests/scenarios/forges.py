"""Where the forges differ, and how a story looks at what each of them keeps in a way of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from bot.cli.layout import CHECK
from bot.cli.playground import Playground
from integrations.sandbox.mailbox import Letter, Mailbox

Value = TypeVar("Value")


def differs(world: Playground, *, github: Value, gitlab: Value) -> Value:
    """What holds on this forge. Both values stand in the story, with the reason beside them."""
    return github if world.layout.forge == "github" else gitlab


def checks_posted(world: Playground, sha: str) -> list[str]:
    """What the gate ever posted as its check on that commit, oldest first."""
    words = {"in_progress": "waiting", "success": "allowed", "failure": "blocked"}
    runs = world.github.world.repo(world.repo).runs.get(sha, ())
    mine = [run for run in runs if (run.name, run.suite.app) == (CHECK, world.github.app.id)]
    return [words[run.conclusion or run.status] for run in mine]


def written(world: Playground, number: int) -> list[str]:
    """All that the gate wrote about a change, wherever the forge keeps it."""
    pull = world.github.change(world.repo, number)
    return [
        *(json.dumps(run.output, ensure_ascii=False, default=str) for run in world.github.checks(world.repo, pull.head_sha)),
        *(status.description or "" for status in world.github.statuses(world.repo, pull.head_sha)),
        *(comment.body for comment in pull.comments),
        *(review.body for review in pull.reviews),
        *pull.labels,
    ]


def overwrite_check(world: Playground, sha: str) -> None:
    """Somebody with the gate's own credentials turns its check on that commit green."""
    run = next(run for run in world.github.checks(world.repo, sha) if run.name == CHECK)
    run.status, run.conclusion = "completed", "success"


def delete_comment(world: Playground, number: int) -> None:
    """Eve deletes the gate's comment."""
    (comment,) = world.github.comments(world.repo, number)
    world.github.delete_comment(world.repo, comment.id, by="eve")


@contextmanager
def untold(world: Playground) -> Iterator[None]:
    """What happens in this block makes no webhook at all, not even one that fails."""
    kept, world.github.app.hook_url = world.github.app.hook_url, ""
    yield
    world.github.app.hook_url = kept


def looks(world: Playground) -> int:
    """How often the gate read a change, since `clear_calls`."""
    return [call.operation for call in world.github.calls if call.route == "/graphql"].count("Change")


def faults_pending(world: Playground) -> int:
    """Planned failures that nothing has run into yet."""
    return world.github.faults.pending()


def voice_of(world: Playground) -> Mailbox[Any]:
    """The stand-in's webhooks: while it is `held`, what happens is told later, by `send_held`."""
    return world.github.voice


def redeliver(world: Playground, number: int) -> Letter:
    """An administrator has the forge send that delivery again."""
    return world.github.redeliver(number)
