"""Where the forges differ, and how a story looks at what each of them keeps in a way of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from bot.cli.layout import CHECK
from bot.cli.playground import Playground
from integrations.sandbox.git.gitdir import GitDir
from integrations.sandbox.gitlab.model import Job
from integrations.sandbox.mailbox import Letter, Mailbox
from integrations.sandbox.stage import ChangeSeen

Value = TypeVar("Value")
WORDS = {
    "in_progress": "waiting", "pending": "waiting", "running": "waiting",
    "success": "allowed", "failure": "blocked", "failed": "blocked",
}  # fmt: skip


def differs(world: Playground, *, github: Value, gitlab: Value) -> Value:
    """What holds on this forge. Both values stand in the story, with the reason beside them."""
    return gitlab if is_gitlab(world) else github


def is_gitlab(world: Playground) -> bool:
    return world.layout.forge == "gitlab"


def checks_posted(world: Playground, sha: str) -> list[str]:
    """What the gate ever posted as its check on that commit, oldest first: as check runs, or as rows of its status."""
    if is_gitlab(world):
        return [WORDS[job.status] for job in _rows(world, sha)]
    runs = world.github.world.repo(world.repo).runs.get(sha, ())
    mine = [run for run in runs if (run.name, run.suite.app) == (CHECK, world.github.app.id)]
    return [WORDS[run.conclusion or run.status] for run in mine]


def _rows(world: Playground, sha: str) -> list[Job]:
    """Of the gate's own status, in every pipeline that speaks for the commit."""
    pipelines = [each for project in world.gitlab.world.projects.values() for each in project.pipelines if sha in each.heads]
    jobs = [job for each in pipelines for job in each.jobs if (job.name, job.by) == (CHECK, world.gitlab.bot)]
    return sorted(jobs, key=lambda job: job.id)


def written(world: Playground, number: int) -> list[str]:
    """All that the gate wrote about a change, wherever the forge keeps it."""
    if is_gitlab(world):
        mr = world.gitlab.change(world.repo, number)
        said = [job.description or "" for job in _rows(world, mr.sha)]
        return [*said, *(note.body for note in mr.notes if note.by is world.gitlab.bot), *mr.labels]
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
    if is_gitlab(world):
        world.gitlab.forge_status(world.repo, sha, CHECK, by=world.gitlab.bot.username)
        return
    run = next(run for run in world.github.checks(world.repo, sha) if run.name == CHECK)
    run.status, run.conclusion = "completed", "success"


def delete_comment(world: Playground, number: int) -> None:
    """Somebody who may deletes the gate's comment."""
    if is_gitlab(world):
        (note,) = [each for each in world.gitlab.notes(world.repo, number) if each.by is world.gitlab.bot and not each.system]
        world.gitlab.delete_comment(world.repo, number, note.id, by="sam")
        return
    (comment,) = world.github.comments(world.repo, number)
    world.github.delete_comment(world.repo, comment.id, by="eve")


@contextmanager
def untold(world: Playground) -> Iterator[None]:
    """What happens in this block makes no webhook at all, not even one that fails."""
    if is_gitlab(world):
        hooks = world.gitlab.world.project(world.repo).hooks
        for hook in hooks:
            hook.disabled = True
        yield
        for hook in hooks:
            hook.disabled = False
        return
    kept, world.github.app.hook_url = world.github.app.hook_url, ""
    yield
    world.github.app.hook_url = kept


def ask_for_a_look(world: Playground, change: ChangeSeen) -> None:
    """Ann presses the check's own button, or where there is none, Run pipeline."""
    if is_gitlab(world):
        world.gitlab.run_pipeline(world.repo, change.number, by="ann")
        return
    (run,) = world.github.checks(world.repo, change.head_sha)
    world.github.press_rerun(world.repo, run.id, by="ann", action="recheck")


def looks(world: Playground) -> int:
    """How often the gate read a change, since `clear_calls`."""
    return [call.operation for call in world.forge.calls].count("Change")


def faults_pending(world: Playground) -> int:
    """Planned failures that nothing has run into yet."""
    return world.gitlab.faults.pending() if is_gitlab(world) else world.github.faults.pending()


def git_of(world: Playground) -> GitDir:
    """The story's repository itself, for what no push could make in time."""
    return world.gitlab.world.project(world.repo).git if is_gitlab(world) else world.github.world.repo(world.repo).git


def voice_of(world: Playground) -> Mailbox[Any]:
    """The stand-in's webhooks: while it is `held`, what happens is told later, by `send_held`."""
    return world.gitlab.voice if is_gitlab(world) else world.github.voice


def redeliver(world: Playground, number: int) -> Letter:
    """An administrator has the forge send that delivery again."""
    return world.gitlab.redeliver(number) if is_gitlab(world) else world.github.redeliver(number)
