"""`bot.ports.forge.Forge` for one GitLab host, as one account of the bot's."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.actions import ForgeAction
from bot.core.facts import Change
from bot.core.ids import ChangeRef, ForgeAccount, RepoRef
from bot.core.routing.touched import TouchedLines
from bot.core.verdict import Finding
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Refused, Vanished
from bot.ports.forge import GivenReview, HeadFacts, Hint, OpenChange, Reading, TeamMembers
from bot.ports.login import AccountState
from integrations.gitlab.attachments import Attached
from integrations.gitlab.blame import blame
from integrations.gitlab.busy import busy_accounts
from integrations.gitlab.carriers import Carriers, Showing
from integrations.gitlab.client import Client
from integrations.gitlab.delivery import Deliverer
from integrations.gitlab.diagnosis import diagnose_host, diagnose_project
from integrations.gitlab.groups import members
from integrations.gitlab.opened import open_changes
from integrations.gitlab.own import OwnAccount
from integrations.gitlab.paths import is_below, project_path
from integrations.gitlab.people import DEVELOPER, account_state, team_members, writers
from integrations.gitlab.pipelines import HeadPipelines
from integrations.gitlab.reading import ChangeReader
from integrations.gitlab.reviews import given_reviews


class MergeRequestItem(Tolerant):
    iid: int
    state: str = ""
    sha: str | None = None


class ProjectItem(Tolerant):
    path_with_namespace: str


_SHOWING, _NOTHING = Showing(), Attached()
_MERGE_REQUESTS, _PROJECTS = listed(MergeRequestItem), listed(ProjectItem)


class GitLabForge:
    """Every method raises `WorldError` only. One object serves all threads; the client is the caller's to close."""

    def __init__(
        self,
        client: Client,
        host: str = "gitlab.com",
        showing: Showing = _SHOWING,
        attached: Attached = _NOTHING,
        group: str = "",
    ) -> None:
        """`host` is the name in keys and links; `attached` where provenance and reports may come beside the tree.

        With a `group` only the projects below it are the gate's.
        """
        self._client = client
        self._host = host
        self._group = group
        self._showing = showing
        seen = HeadPipelines()
        self._seen = seen
        self._own = OwnAccount(client)
        read_back = showing.check_name if showing.wants("status") else ""
        self._reader = ChangeReader(client, read_back, attached, seen, self._own)
        self._deliverer = Deliverer(Carriers(showing), self.own_id, seen)

    @property
    def known_id(self) -> int:
        """The number of the bot's account where it is known by now, asking nobody; 0 where it is not."""
        return self._own.known

    def own_id(self) -> int:
        """The number of the bot's account. Asked for once."""
        return self._own.number()

    def fetch_change(self, ref: ChangeRef, known: HeadFacts | None, hint: Hint | None = None) -> Reading:
        return self._reader.read(ref, known, hint)

    def fetch_open(self, repo: RepoRef) -> tuple[OpenChange, ...]:
        return open_changes(self._client, repo, self._showing.wants("status"))

    def fetch_twins(self, change: Change) -> tuple[ChangeRef, ...]:
        """Those within a fork as well: their commit status is in the fork's pipeline, as this one's."""
        here, fork = change.ref.repo.path, change.head_repo
        found = self._on_head(here, change)
        if fork not in ("", here) and is_below(self._group, fork):
            with contextlib.suppress(Refused, Vanished):  # where the bot may not look it posts no status either
                found += self._on_head(fork, change)
        return tuple(ref for ref in found if ref != change.ref)

    def _on_head(self, path: str, change: Change) -> list[ChangeRef]:
        asked = f"{project_path(path)}/repository/commits/{change.head_sha}/merge_requests"
        found = self._client.pages(asked, _MERGE_REQUESTS, {"state": "opened"}).items
        open_here = [mr for mr in found if mr.state == "opened" and mr.sha == change.head_sha]
        return [ChangeRef(replace(change.ref.repo, path=path), mr.iid) for mr in open_here]

    def fetch_reviews(self, ref: ChangeRef) -> tuple[GivenReview, ...]:
        return given_reviews(self._client, ref)

    def fetch_blame(self, repo: RepoRef, commit: str, files: Sequence[TouchedLines]) -> tuple[tuple[str, int], ...]:
        return blame(self._client, repo, commit, files)

    def fetch_group(self, repo: RepoRef, head_sha: str, base_sha: str, base_ref: str) -> tuple[ChangeRef, ...]:  # noqa: ARG002
        """By the train into that branch: GitLab tells no commit that a group starts from, so `base_sha` says nothing."""
        return members(self._client, repo, head_sha, base_ref.removeprefix("refs/heads/"), self._seen)

    def fetch_team(self, team: str, repo: RepoRef) -> TeamMembers:
        return team_members(self._client, team, repo)

    def fetch_writers(self, repo: RepoRef, accounts: Sequence[ForgeAccount]) -> tuple[str, ...]:
        return writers(self._client, repo, accounts)

    def fetch_account(self, number: int) -> AccountState:
        return account_state(self._client, number, self._host)

    def fetch_busy(self, accounts: Sequence[ForgeAccount]) -> frozenset[str]:
        return busy_accounts(self._client, accounts)

    def repositories(self) -> tuple[RepoRef, ...]:
        """Every project the bot may act on, below the group if one is set: it is a Developer there at least."""
        asked: dict[str, str | int] = {"min_access_level": DEVELOPER, "archived": "false", "simple": "true"}
        asked |= {"membership": "true", "pagination": "keyset", "order_by": "id", "sort": "asc"}
        found = self._client.pages("/projects", _PROJECTS, asked).items
        paths = [project.path_with_namespace for project in found]
        return tuple(RepoRef("gitlab", self._host, path) for path in paths if is_below(self._group, path))

    def deliver(self, action: ForgeAction, external_id: str | None, key: str) -> str:  # noqa: ARG002 - found by name and mark
        return self._deliverer.deliver(self._client, action, external_id)

    def diagnose(self, repo: RepoRef) -> tuple[Finding, ...]:
        """What `llmgate doctor` shows about the bot's account and this project."""
        return (*diagnose_host(self._client), *diagnose_project(self._client, repo, self._showing))

    def redeliver(self, since: datetime) -> int:  # noqa: ARG002 - the port has it; why not here is below
        """None: only maintainers see a project's hooks, GitLab sends at most five deliveries again a minute, and which hook
        is the gate's nobody tells it. What was missed is found by the sweep over the open merge requests.
        """
        return 0
