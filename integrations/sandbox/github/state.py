"""The world of one GitHub: accounts, teams and repositories."""

from __future__ import annotations

from pathlib import Path

from bot.ports.clock import Clock
from integrations.sandbox.git.gitdir import GitDir
from integrations.sandbox.github.model import Account, AccountKind, App, PullRequest, Repository, Team
from integrations.sandbox.github.refusal import not_found
from integrations.sandbox.github.voice import Voice
from integrations.sandbox.world import ForgeWorld

_FIRST_ID = {
    "user": 1001,
    "repo": 7001,
    "pull": 180_001,
    "comment": 210_001,
    "run": 400_001,
    "suite": 300_001,
    "label": 500_001,
}
_RANK = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}


class World(ForgeWorld):
    """Everything there is."""

    first_ids = _FIRST_ID

    def __init__(self, root: Path, clock: Clock, app: App, voice: Voice) -> None:
        super().__init__(root, clock)
        self.app = app
        self.voice = voice
        self.accounts: dict[str, Account] = {}
        self.teams: dict[str, Team] = {}
        self.repositories: dict[str, Repository] = {}

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v3"

    def close(self) -> None:
        for repo in self.repositories.values():
            repo.git.close()

    # accounts

    def add_account(self, login: str, kind: AccountKind, *, id: int | None = None) -> Account:
        """A new account, with the private address GitHub gives to each."""
        number = self.next_id("user") if id is None else id
        if login.lower() in self.accounts or any(known.id == number for known in self.accounts.values()):
            raise ValueError(f"login {login!r} or id {number} is taken already")
        account = Account(number, login, kind, emails={f"{number}+{login}@users.noreply.github.com"})
        self.accounts[login.lower()] = account
        return account

    def account(self, login: str) -> Account:
        known = self.accounts.get(login.lower())
        if known is None:
            raise not_found()
        return known

    def account_by_id(self, number: int) -> Account:
        for known in self.accounts.values():
            if known.id == number:
                return known
        raise not_found()

    def rename(self, account: Account, login: str) -> None:
        """The number stays; grants, teams and the account's own repositories follow the new name. Anyone may take the old."""
        if login.lower() in self.accounts:
            raise ValueError(f"login {login!r} is taken already")
        old, account.login = account.login, login
        self.accounts[login.lower()] = self.accounts.pop(old.lower())
        for repo in self.repositories.values():
            if old in repo.grants:
                repo.grants[login] = repo.grants.pop(old)
        for team in self.teams.values():
            if old in team.members:
                team.members[login] = team.members.pop(old)
        self.repositories = {repo.full_name.lower(): repo for repo in self.repositories.values()}

    def delete(self, account: Account) -> None:
        """With all they were granted. ValueError while they own a repository."""
        if any(repo.owner is account for repo in self.repositories.values()):
            raise ValueError(f"{account.login} owns repositories, which would go with the account")
        del self.accounts[account.login.lower()]
        for repo in self.repositories.values():
            repo.grants.pop(account.login, None)
        for team in self.teams.values():
            team.members.pop(account.login, None)

    def by_email(self, email: str) -> Account | None:
        """The account GitHub ties a commit's address to."""
        wanted = email.lower()
        return next((each for each in self.accounts.values() if wanted in {mail.lower() for mail in each.emails}), None)

    def identity(self, who: str) -> str:
        return who if "<" in who else self.account(who).identity

    def permission(self, repo: Repository, account: Account) -> str:
        if account.kind != "User":
            return "none"
        if account.id == repo.owner.id:
            return "admin"
        return repo.grants.get(account.login, repo.default_permission)

    def may(self, repo: Repository, account: Account, level: str) -> bool:
        return _RANK[self.permission(repo, account)] >= _RANK[level]

    # repositories

    def add_repository(self, full_name: str, git: GitDir, *, fork_of: Repository | None = None) -> Repository:
        owner_name, _, name = full_name.partition("/")
        if not name or full_name.lower() in self.repositories:
            raise ValueError(f"{full_name!r} is no new owner/name")
        owner = self.accounts.get(owner_name.lower()) or self.add_account(owner_name, "Organization")
        repo = Repository(self.next_id("repo"), owner, name, git, git.default_branch, self.now(), fork_of)
        self.repositories[full_name.lower()] = repo
        return repo

    def repo(self, full_name: str) -> Repository:
        known = self.repositories.get(full_name.lower())
        if known is None:
            raise not_found()
        return known

    def pull(self, full_name: str, number: int) -> PullRequest:
        known = self.repo(full_name).pulls.get(number)
        if known is None:
            raise not_found()
        return known

    def team(self, org: str, slug: str) -> Team:
        known = self.teams.get(f"{org}/{slug}".lower())
        if known is None:
            raise not_found()
        return known

    def team_members(self, team: Team) -> list[Account]:
        """The team's own members and those of the teams below it, by id."""
        below = [each for each in self.teams.values() if each.org == team.org and each.parent == team.slug]
        logins = {self.account(login).id: self.account(login) for login in team.members}
        for each in below:
            logins |= {member.id: member for member in self.team_members(each)}
        return [logins[number] for number in sorted(logins)]
