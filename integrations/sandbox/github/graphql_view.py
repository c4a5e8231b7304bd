"""What GraphQL objects see of the records: who looks, and the small objects everything else refers to.

A view has an attribute or a method for each field of its type, in Python's spelling; `Documents` translates the names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from integrations.sandbox.git.objects import GitPerson
from integrations.sandbox.github.auth import Caller, visible
from integrations.sandbox.github.graphql_paging import Connection, forbidden
from integrations.sandbox.github.model import Account, Label, Repository, Team
from integrations.sandbox.github.refusal import Refusal
from integrations.sandbox.github.render import node_id
from integrations.sandbox.github.state import World
from integrations.sandbox.github.verbs import Verbs
from integrations.sandbox.graphql.connection import Paging
from integrations.sandbox.graphql.documents import View


@dataclass(frozen=True, slots=True)
class Gaze:
    """Who looks at what. `need` refuses what the token does not cover."""

    verbs: Verbs
    caller: Caller

    @property
    def world(self) -> World:
        return self.verbs.world

    def need(self, *permissions: str) -> None:
        if self.caller.kind == "installation" and not self.caller.holds(permissions):
            raise forbidden()

    def sees(self, repo: Repository) -> bool:
        try:
            visible(self.world, self.caller, repo.full_name)
        except Refusal:
            return False
        return True


class AccountView(View):
    """A user, bot or organisation. GraphQL spells a bot's login without `[bot]`."""

    def __init__(self, gaze: Gaze, account: Account) -> None:
        self._gaze = gaze
        self._account = account
        self.typename: str = account.kind
        prefix = {"User": "U", "Bot": "BOT", "Organization": "O"}[account.kind]
        self.id = node_id(prefix, account.id)
        self.database_id = account.id
        self.login = account.login.removesuffix("[bot]")
        self.name = account.name or None
        self.email = ""
        self.resource_path = f"/{'apps/' if account.kind == 'Bot' else ''}{self.login}"
        self.url = gaze.world.url + self.resource_path

    def avatar_url(self, size: int | None = None) -> str:
        return f"{self._gaze.world.url}/avatars/u/{self._account.id}?s={size or 40}"

    @property
    def status(self) -> UserStatusView | None:
        return UserStatusView(self._account) if self._account.busy else None

    def team(self, slug: str) -> TeamView | None:
        self._gaze.need("members:read")
        found = self._gaze.world.teams.get(f"{self._account.login}/{slug}".lower())
        return TeamView(self._gaze, found) if found else None


class UserStatusView(View):
    """What a user says of their time. Only a busy one has a status here."""

    typename = "UserStatus"

    def __init__(self, account: Account) -> None:
        self.id = node_id("US", account.id)
        self.emoji = None
        self.expires_at = None
        self.indicates_limited_availability = account.busy
        self.message = "busy"


class CommitUserView(AccountView):
    """The account tied to a commit's address: always told as a `User`, a bot with its full login."""

    def __init__(self, gaze: Gaze, account: Account) -> None:
        super().__init__(gaze, account)
        self.typename = "User"
        self.login = account.login


class TeamView(View):
    typename = "Team"

    def __init__(self, gaze: Gaze, team: Team) -> None:
        self._gaze = gaze
        self._team = team
        self.id = node_id("T", team.id)
        self.database_id = team.id
        self.slug = self.name = team.slug

    @property
    def parent_team(self) -> TeamView | None:
        found = self._gaze.world.teams.get(f"{self._team.org}/{self._team.parent}".lower())
        return TeamView(self._gaze, found) if found else None

    def members(self, membership: str = "ALL", **paging: Unpack[Paging]) -> Connection[Account]:
        everyone = self._gaze.world.team_members(self._team)
        direct = {login.lower() for login in self._team.members}
        wanted = {"ALL": (True, False), "IMMEDIATE": (True,), "CHILD_TEAM": (False,)}[membership]
        found = [each for each in everyone if (each.login.lower() in direct) in wanted]
        return Connection("members", found, lambda each: AccountView(self._gaze, each), paging)


class LabelView(View):
    typename = "Label"

    def __init__(self, label: Label) -> None:
        self.id = node_id("LA", label.id)
        self.name = label.name
        self.color = label.color
        self.description = label.description


class GitActorView(View):
    """Author or committer of a commit, and the account behind the address."""

    typename = "GitActor"

    def __init__(self, gaze: Gaze, person: GitPerson) -> None:
        self._gaze = gaze
        self.name = person.name
        self.email = person.email
        self.date = person.at.isoformat()

    def avatar_url(self, size: int | None = None) -> str:
        return f"{self._gaze.world.url}/avatars/e?email={self.email}&s={size or 40}"

    @property
    def user(self) -> CommitUserView | None:
        account = self._gaze.world.by_email(self.email)
        return CommitUserView(self._gaze, account) if account else None
