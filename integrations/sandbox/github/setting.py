"""What a story starts from: people, teams, repositories, and who may do what in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

from integrations.sandbox.details import Files, as_bytes
from integrations.sandbox.git.gitdir import GitDir, NewCommit
from integrations.sandbox.github.model import Account, Protection, Repository, Team
from integrations.sandbox.github.state import World


class UserDetails(TypedDict, total=False):
    id: int
    bot: bool
    name: str
    emails: Sequence[str]


class RepositoryDetails(TypedDict, total=False):
    files: Files
    default_branch: str
    private: bool
    installed: bool
    permission: str
    """What people hold who were granted nothing: `write` unless told."""


class ProtectionDetails(TypedDict, total=False):
    required_checks: Sequence[tuple[str, int | None]]
    reviews: int
    strict: bool
    enforce_admins: bool
    queue: bool
    ruleset: bool


class Setting:
    """The part of `FakeGitHub` that furnishes it. None of this is told to the app."""

    world: World

    def user(self, login: str, **details: Unpack[UserDetails]) -> Account:
        """A person, or a bot (its login then ends in `[bot]`). `emails` are what ties commits to the account."""
        with self.world.lock:
            made = self.world.add_account(login, "Bot" if details.get("bot") else "User", id=details.get("id"))
            made.name = details.get("name", "")
            made.emails |= set(details.get("emails", ()))
            return made

    def team(self, name: str, members: Sequence[str], parent: str | None = None) -> Team:
        """`org/slug`; `parent` is the slug of the team above."""
        org, _, slug = name.partition("/")
        with self.world.lock:
            if org.lower() not in self.world.accounts:
                self.world.add_account(org, "Organization")
            team = Team(self.world.next_id("team"), org, slug, {self.world.account(m).login: "member" for m in members}, parent)
            self.world.teams[name.lower()] = team
            return team

    def repository(self, full_name: str, **details: Unpack[RepositoryDetails]) -> Repository:
        """A repository with one commit that holds `files`, made by nobody's push."""
        with self.world.lock:
            branch = details.get("default_branch", "main")
            git = GitDir(self.world.root / f"{full_name}.git", branch)
            files = details.get("files") or {"README.md": f"# {full_name}\n"}
            github = "GitHub <noreply@github.com>"
            git.commit(NewCommit(f"refs/heads/{branch}", "Initial commit\n", github, github, self.world.now(), as_bytes(files)))
            repo = self.world.add_repository(full_name, git)
            repo.private = details.get("private", True)
            repo.installed = details.get("installed", True)
            repo.default_permission = details.get("permission", "write")
            return repo

    def fork(self, repo: str, by: str) -> Repository:
        """That person's own copy, on which the app is not installed."""
        with self.world.lock:
            origin = self.world.repo(repo)
            name = f"{self.world.account(by).login}/{origin.name}"
            copy = self.world.add_repository(name, origin.git.copy_to(self.world.root / f"{name}.git"), fork_of=origin)
            copy.installed = False
            return copy

    def grant(self, repo: str, login: str, permission: str) -> None:
        """`none`, `read`, `triage`, `write`, `maintain` or `admin`."""
        with self.world.lock:
            self.world.repo(repo).grants[self.world.account(login).login] = permission

    def protect(self, repo: str, branch: str, **details: Unpack[ProtectionDetails]) -> None:
        with self.world.lock:
            flags = {name: bool(details.get(name)) for name in ("strict", "enforce_admins", "queue", "ruleset")}
            checks = tuple(details.get("required_checks", ()))
            self.world.repo(repo).protections[branch] = Protection(checks, details.get("reviews", 0), **flags)

    def unprotect(self, repo: str, branch: str) -> None:
        with self.world.lock:
            self.world.repo(repo).protections.pop(branch, None)
