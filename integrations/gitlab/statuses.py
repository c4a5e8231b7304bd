"""The commit status that carries a verdict, so that posting it twice shows it once.

A status belongs to a pipeline, and "Pipelines must succeed" looks at the newest pipeline of the head: it is posted into
that, which for merged results and trains is on a commit of its own, and for a fork in the fork's project. A waiting status
is updated by the next one of the same account; a finished one is followed by a new row, and then every older row of the name
counts as retried, whoever posted it. So somebody else's row can bury ours, and ours the other's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.actions import SetCheck
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Refused, Vanished
from integrations.gitlab.client import Client
from integrations.gitlab.paths import project_path
from integrations.gitlab.pipelines import HeadPipeline, HeadPipelines
from integrations.gitlab.surfaces import status_body

PREFIX = "status:"
_KEEPS_WAITING = "Cannot transition status"
_FULL = "The number of jobs has exceeded the limit"
_NO_BRANCH = "References for commit"
"""What GitLab misses for a commit that no branch of the project holds and no pipeline runs on: a fork's head."""


class AuthorItem(Tolerant):
    id: int = 0


class StatusItem(Tolerant):
    id: int
    status: str = ""
    description: str | None = None
    pipeline_id: int | None = None
    author: AuthorItem | None = None


_STATUSES = listed(StatusItem)


class NotThere(Refused):
    """The bot may not post into a fork's project, where the status would count."""


@dataclass(frozen=True, slots=True)
class StatusPoster:
    """`own_id` says the bot's account; it asks GitLab the first time only."""

    check_name: str
    own_id: Callable[[], int]
    seen: HeadPipelines

    def show(self, client: Client, action: SetCheck, external_id: str | None, in_doubt: bool) -> str:
        """Post the status where it counts; the id of what shows it. `external_id` as of `Forge.deliver`, without its doubt."""
        home = HeadPipeline(0, action.head_sha, action.repo.path)
        spot = self.seen.of(action.repo, action.head_sha) or home
        away = spot.project != action.repo.path
        try:
            if in_doubt and (shown := self._shown(client, action, spot)):
                return shown
            try:
                return self._settle(client, action, spot, external_id)
            except (Refused, Vanished) as error:
                if not spot.id or (isinstance(error, Refused) and _FULL not in str(error)):
                    raise  # else that pipeline is gone, or holds no job more: GitLab makes one of the gate's own
                return self._post(client, action, HeadPipeline(0, action.head_sha, spot.project))
        except (Refused, Vanished) as refused:
            unseen = action.change is not None and _NO_BRANCH in str(refused)
            raise _away(action, spot, refused) if away or unseen else refused from None

    def _settle(self, client: Client, action: SetCheck, spot: HeadPipeline, external_id: str | None) -> str:
        """Post it, and look at what counts where a row of ours may have been updated.

        One that waited below somebody else's row is updated and goes on not to count, and then neither row does: GitLab takes a
        pipeline without a row that counts for a success. What is final now is followed by a new row, which counts.
        """
        made = self._post(client, action, spot)
        final = status_body(action, self.check_name, spot.train)["state"] != "pending"
        may_be_buried = final and (spot.occupied if external_id is None else external_id == made)
        if may_be_buried and self._shown(client, action, spot) is None:
            return self._post(client, action, spot)
        return made

    def _post(self, client: Client, action: SetCheck, spot: HeadPipeline) -> str:
        path = f"{project_path(spot.project)}/statuses/{spot.sha}"
        body = status_body(action, self.check_name, spot.train)
        if spot.id:
            body["pipeline_id"] = spot.id
        try:
            return f"{PREFIX}{client.write('POST', path, body, StatusItem).id}"
        except Refused as refused:
            if body["state"] != "pending" or _KEEPS_WAITING not in str(refused):
                raise
        shown = self._shown(client, action, spot)
        if shown:
            return shown
        client.write("POST", path, {**body, "state": "canceled"}, StatusItem)  # ours waits, buried below another's
        return f"{PREFIX}{client.write('POST', path, body, StatusItem).id}"

    def _shown(self, client: Client, action: SetCheck, spot: HeadPipeline) -> str | None:
        """The newest status of our name, if it is ours and says this already."""
        path = f"{project_path(spot.project)}/repository/commits/{spot.sha}/statuses"
        try:
            found = client.pages(path, _STATUSES, {"name": self.check_name}).items
        except Vanished:
            return None
        here = [one for one in found if not spot.id or one.pipeline_id in (None, spot.id)]
        newest = max(here, key=lambda one: one.id, default=None)
        if newest is None or newest.author is None or newest.author.id != self.own_id():
            return None
        wanted = status_body(action, self.check_name, spot.train)
        said = (newest.status, newest.description) == (wanted["state"], wanted["description"])
        return f"{PREFIX}{newest.id}" if said else None


def _away(action: SetCheck, spot: HeadPipeline, refused: Refused | Vanished) -> NotThere:
    fork = f"the fork {spot.project}" if spot.project != action.repo.path else "a fork that the bot may not see"
    return NotThere(
        f"{refused}; so the gate does not bind {action.change or action.head_sha[:12]}: its pipeline is in {fork}; "
        "give the bot the Developer role there, or have the gate carried by an external status check (Ultimate) or an "
        "approval rule (Premium) instead"
    )
