"""`bot.ports.forge.Forge` for one GitHub host, with as many installations of the app as there are."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from bot.core.actions import ForgeAction, SetCheck
from bot.core.events import GroupRequested
from bot.core.facts import Change
from bot.core.ids import ChangeRef, ForgeAccount, RepoRef
from bot.core.routing.touched import TouchedLines
from bot.core.verdict import Finding
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Refused, Vanished, WorldError
from bot.ports.forge import GivenReview, HeadFacts, Hint, OpenChange, Reading, TeamMembers
from bot.ports.login import AccountState
from bot.ports.shelf import BlobShelf
from integrations.github.blame import blame
from integrations.github.busy import busy_accounts
from integrations.github.client import Sessions
from integrations.github.delivery import Deliverer
from integrations.github.diagnosis import diagnose_app, diagnose_repository
from integrations.github.groups import members
from integrations.github.hooks import redeliver_failed
from integrations.github.installations import Installations
from integrations.github.people import account_state, team_accounts, writers
from integrations.github.reading import ChangeReader, OwnCheck
from integrations.github.reviews import given_reviews

Carrier = Literal["check", "status"]


class AppAnswer(Tolerant):
    slug: str


class HeadItem(Tolerant):
    sha: str = ""


class BaseRepository(Tolerant):
    full_name: str = ""


class BaseItem(Tolerant):
    ref: str = ""
    repo: BaseRepository | None = None


class PullItem(Tolerant):
    number: int
    state: str = "open"
    head: HeadItem
    base: BaseItem
    updated_at: datetime


_PULLS = listed(PullItem)


class GitHubForge:
    """Every method raises `WorldError` only. One object serves all threads; the sessions are the caller's to close."""

    def __init__(
        self, sessions: Sessions, host: str = "github.com", check_name: str = "llmgate", carrier: Carrier = "check"
    ) -> None:
        """`host` is the name in keys and links; `carrier` a check run, or a commit status where checks are denied."""
        check = OwnCheck(sessions.app_id, check_name)
        self._host = host
        self._sessions = sessions
        self._installations = Installations(sessions, host)
        self._reader = ChangeReader(check, BlobShelf())
        self._deliverer = Deliverer(check, self.own_login, carrier == "status")
        self._login = ""
        self._lock = threading.Lock()

    def learn(self, path: str, installation: int) -> None:
        """Remember which installation a delivery came through (`inbound.installation_of`)."""
        self._installations.learn(path, installation)

    @property
    def known_login(self) -> str:
        """The bot's login where it is known by now, asking nobody; empty where it is not."""
        slug = self._installations.app_slug
        return self._login or (f"{slug}[bot]" if slug else "")

    def own_login(self) -> str:
        """The bot's login, `slug[bot]`. Asked for once."""
        with self._lock:
            if not self._login:
                self._login = f"{self._sessions.app().get('/app', AppAnswer).slug}[bot]"
            return self._login

    def fetch_change(self, ref: ChangeRef, known: HeadFacts | None, hint: Hint | None = None) -> Reading:
        with self._installations.session(ref.repo) as session:
            return self._reader.read(session, ref, known, hint)

    def fetch_open(self, repo: RepoRef) -> tuple[OpenChange, ...]:
        with self._installations.session(repo) as session:
            pulls = session.pages(f"/repos/{repo.path}/pulls", _PULLS, {"state": "open"}).items
        return tuple(OpenChange(ChangeRef(repo, p.number), p.head.sha, p.base.ref, p.updated_at) for p in pulls)

    def fetch_twins(self, change: Change) -> tuple[ChangeRef, ...]:
        repo = change.ref.repo
        with self._installations.session(repo) as session:
            pulls = session.pages(f"/repos/{repo.path}/commits/{change.head_sha}/pulls", _PULLS).items
        return tuple(
            ChangeRef(repo, pull.number)
            for pull in pulls
            if pull.state == "open"
            and pull.head.sha == change.head_sha
            and pull.number != change.ref.number
            and _at_home(pull, repo)
        )

    def fetch_reviews(self, ref: ChangeRef) -> tuple[GivenReview, ...]:
        with self._installations.session(ref.repo) as session:
            return given_reviews(session, ref)

    def fetch_blame(self, repo: RepoRef, commit: str, files: Sequence[TouchedLines]) -> tuple[tuple[str, int], ...]:
        with self._installations.session(repo) as session:
            return blame(session, repo, commit, files)

    def fetch_group(self, repo: RepoRef, head_sha: str, base_sha: str, base_ref: str) -> tuple[ChangeRef, ...]:
        with self._installations.session(repo) as session:
            return members(session, GroupRequested(repo, head_sha, "", base_ref.removeprefix("refs/heads/"), base_sha))

    def fetch_team(self, team: str, repo: RepoRef) -> TeamMembers:  # noqa: ARG002 - teams are the organisation's
        org, _, slug = team.partition("/")
        if not (org and slug):
            return TeamMembers((), f"saw the team {team!r}, wanted org/team")
        try:
            with self._installations.organisation(org) as session:
                return TeamMembers(team_accounts(session, org, slug, self._host))
        except Vanished:
            return TeamMembers((), f"GitHub knows no team {team}, or the app may not see it (permission members: read)")
        except Refused as refused:
            return TeamMembers((), str(refused))

    def fetch_writers(self, repo: RepoRef, accounts: Sequence[ForgeAccount]) -> tuple[str, ...]:
        with self._installations.session(repo) as session:
            return writers(session, repo, accounts)

    def fetch_account(self, number: int) -> AccountState:
        return account_state((session for _, session in self._installations.each()), number, self._host)

    def fetch_busy(self, accounts: Sequence[ForgeAccount]) -> frozenset[str]:
        with self._installations.anyone() as session:
            return busy_accounts(session, accounts)

    def repositories(self) -> tuple[RepoRef, ...]:
        return self._installations.repositories()

    def deliver(self, action: ForgeAction, external_id: str | None, key: str) -> str:
        repo = action.repo if isinstance(action, SetCheck) else action.change.repo
        with self._installations.session(repo) as session:
            return self._deliverer.deliver(session, action, external_id, key)

    def diagnose(self, repo: RepoRef) -> tuple[Finding, ...]:
        """What `llmgate doctor` shows about the app and this repository."""
        return (*diagnose_app(self._sessions.app()), *self._diagnose_repository(repo))

    def redeliver(self, since: datetime) -> int:
        """Ask GitHub to send again what failed since then; how many deliveries that were."""
        return redeliver_failed(self._sessions.app(), since)

    def _diagnose_repository(self, repo: RepoRef) -> tuple[Finding, ...]:
        try:
            with self._installations.session(repo) as session:
                return diagnose_repository(self._sessions.app(), session, repo, self._reader.check)
        except WorldError as error:
            return (
                Finding(
                    "github.repository", f"The app reaches {repo}", "block", str(error), "an installation that may read it"
                ),
            )


def _at_home(pull: PullItem, repo: RepoRef) -> bool:
    return pull.base.repo is None or pull.base.repo.full_name.lower() == repo.path.lower()
