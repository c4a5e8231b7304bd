"""The commits of a merge request, with their notes: as many as GitLab lists, up to a limit that is told."""

from __future__ import annotations

from bot.core.facts import Commit, Gap
from bot.core.ids import ChangeRef
from bot.ports.errors import Unavailable
from integrations.gitlab.answers import CommitLists, MergeRequestAnswer, MoreAnswer, PageInfo
from integrations.gitlab.blobs import read_notes
from integrations.gitlab.client import Client, whole
from integrations.gitlab.failures import ANSWERS
from integrations.gitlab.mapping import commits_of, head_of
from integrations.gitlab.query import MORE_COMMITS

COMMITS_LIMIT = 500
"""More commits than this are not read: each costs GitLab a look at its signature."""


def read_commits(
    client: Client, ref: ChangeRef, told: MergeRequestAnswer, notes: bool
) -> tuple[tuple[Commit, ...], list[Gap], int]:
    """The commits, oldest first, what is missing of them, and the calls beyond `told` that it took."""
    lists: list[CommitLists] = [told]
    while len(lists) * 100 < COMMITS_LIMIT and (asked := _onward(lists[-1])):
        data, problems = client.graph(MORE_COMMITS, {"path": ref.repo.path, "iid": str(ref.number), **asked})
        whole(problems, str(ref))
        project = ANSWERS.about(MoreAnswer, data, str(ref)).project
        if project is None or project.merge_request is None:
            raise Unavailable(f"GitLab's list of commits of {ref} broke off; it is read again")
        lists.append(project.merge_request)
    found = {one.sha: one for page in lists if page.commits for one in page.commits.nodes}
    straight = frozenset(one.sha for page in lists if page.straight for one in page.straight.nodes)
    gaps = _gaps(told, len(found), complete=not _onward(lists[-1]))
    if found and head_of(told) not in found:
        raise Unavailable(f"the head of {ref} moved while its commits were read; it is read again", 1.0)
    words, calls = read_notes(client, ref.repo, list(found)) if notes else ({}, 0)
    committers = told.committers.nodes if told.committers else []
    commits = commits_of(list(found.values()), straight, committers, ref.repo.host, words)
    return commits, gaps, len(lists) - 1 + calls


def _onward(page: CommitLists) -> dict[str, str]:
    """Where the lists go on; empty where both are read to their end."""
    commits = page.commits.page_info if page.commits else PageInfo()
    straight = page.straight.page_info if page.straight else PageInfo()
    if not (commits.has_next_page or straight.has_next_page):
        return {}
    ends = {"after": commits.end_cursor, "afterStraight": straight.end_cursor}
    return {name: cursor for name, cursor in ends.items() if cursor}


def _gaps(told: MergeRequestAnswer, read: int, *, complete: bool) -> list[Gap]:
    total = told.commit_count or 0
    if complete and total <= read:
        return []
    saw = f"{max(total, read)} commits or more, of which {read} were read"
    return [Gap("commits", saw, f"at most {COMMITS_LIMIT} commits, listed whole")]
