"""Which changes a merge group is made of.

The group's branch is named for its last member only. The queue says the rest: a group holds every entry up to the one whose
commit is the group's head, but for those that an earlier group, on whose head this one is built, answers for. Order in the
queue is what counts, not which commit an entry names as its base: a member too many costs a look, one too few is a hole.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    return name_members(group, entries)


def name_members(group: GroupRequested, queue: Sequence[QueueEntry]) -> tuple[ChangeRef, ...]:
    """The members by the queue as it stands."""
    entries = sorted(queue, key=lambda entry: entry.position)
    heads = [entry.head_commit.oid if entry.head_commit else "" for entry in entries]
    if group.head_sha not in heads:
        saw = f"commit {group.head_sha[:12]} of {group.repo} belongs to no queued pull request"
        raise Unavailable(f"{saw}; wanted every member of the merge group named; it is tried again")
    last = len(heads) - 1 - heads[::-1].index(group.head_sha)
    first = len(heads) - heads[::-1].index(group.base_sha) if group.base_sha in heads else 0
    found = [entry.pull_request for entry in entries[first : last + 1]]
    named = [pull for pull in found if pull is not None]
    if not named or len(named) < len(found):
        raise Unavailable(
            f"GitHub names {len(named)} of {len(found)} members of a merge group of {group.repo}; it is tried again"
        )
    return tuple(ChangeRef(group.repo, pull.number) for pull in named)
