"""Which changes a merge group is made of.

The group's branch is named for its last member only. The queue itself says the rest: each entry has the commit it would land
as and the commit that one builds on, so the members are found by walking from the group's head down to its base.
"""

from __future__ import annotations

from pydantic import ValidationError

from bot.core.events import GroupRequested
from bot.core.ids import ChangeRef
from bot.ports.errors import Unavailable
from integrations.github.answers import QueueAnswer, QueueEntry
from integrations.github.client import Session
from integrations.github.query import QUEUE


def members(session: Session, group: GroupRequested) -> tuple[ChangeRef, ...]:
    """The changes, first to land first. Raises Unavailable where they cannot all be named."""
    owner, _, name = group.repo.path.partition("/")
    data, problems = session.graph(QUEUE, {"owner": owner, "name": name, "branch": group.base_ref})
    if problems:
        raise Unavailable(
            f"GitHub showed only a part of the merge queue of {group.repo}: {problems[0].message}; it is tried again"
        )
    try:
        repository = QueueAnswer.model_validate(data).repository
    except ValidationError:
        raise Unavailable(
            f"GitHub's answer about the merge queue of {group.repo} is not as documented; it is tried again"
        ) from None
    queue = repository.merge_queue if repository else None
    entries = queue.entries.nodes if queue and queue.entries else []
    return _walk(group, {entry.head_commit.oid: entry for entry in entries if entry.head_commit})


def _walk(group: GroupRequested, entries: dict[str, QueueEntry]) -> tuple[ChangeRef, ...]:
    found: list[ChangeRef] = []
    at = group.head_sha
    while at != group.base_sha:
        entry = entries.pop(at, None)
        if entry is None or entry.pull_request is None or entry.base_commit is None:
            saw = f"commit {at[:12]} of the merge group {group.head_sha[:12]} in {group.repo} belongs to no queued pull request"
            raise Unavailable(f"{saw}; wanted every member named, so nothing is said of the group; it is tried again")
        found.append(ChangeRef(group.repo, entry.pull_request.number))
        at = entry.base_commit.oid
    return tuple(reversed(found))
