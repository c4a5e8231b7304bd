"""The open merge requests of a project, each with the pipeline that its merge rests on, in one call a hundred.

A pipeline of a fork, and every pipeline where the webhook is the whole instance's, is told to nobody. So the list says which
one counts now and how it stands: the sweep has those looked at again that were seen otherwise.
"""

from __future__ import annotations

from bot.core.ids import ChangeRef, RepoRef
from bot.ports.errors import Unavailable, Vanished
from bot.ports.forge import OpenChange
from integrations.gitlab.answers import OpenAnswer, OpenNode
from integrations.gitlab.client import Client, whole
from integrations.gitlab.failures import ANSWERS
from integrations.gitlab.mapping import place_of
from integrations.gitlab.query import OPEN


def open_changes(client: Client, repo: RepoRef, placed: bool) -> tuple[OpenChange, ...]:
    """`placed`: a pipeline matters, because the verdict is carried by a status in it."""
    found: list[OpenNode] = []
    after: str | None = None
    while True:
        data, problems = client.graph(OPEN, {"path": repo.path, "after": after})
        whole(problems, str(repo))
        project = ANSWERS.about(OpenAnswer, data, str(repo)).project
        if project is None:
            raise Vanished(f"GitLab knows no project {repo}; it is gone, or the bot may not see it")
        page = project.merge_requests
        if page is None:
            raise Unavailable(f"GitLab does not list the merge requests of {repo}; it is asked again")
        found += page.nodes
        after = page.page_info.end_cursor
        if not (page.page_info.has_next_page and after):
            return tuple(_change(repo, told, placed) for told in found)


def _change(repo: RepoRef, told: OpenNode, placed: bool) -> OpenChange:
    place = place_of(told.head_pipeline) if placed else ""
    return OpenChange(ChangeRef(repo, int(told.iid)), told.diff_head_sha or "", told.target_branch, told.updated_at, place)
