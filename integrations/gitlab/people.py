"""Who is in a group or holds a role, and who may write to a project, by account id: usernames can be given up and taken.

GitLab takes members whose time is over out of its lists by itself; who is blocked or was only invited says so in `state`.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from bot.core.ids import AccountKind, ForgeAccount, RepoRef
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Refused, Vanished
from bot.ports.forge import TeamMembers
from bot.ports.login import AccountState
from integrations.gitlab.client import PAGE, Client
from integrations.gitlab.paths import project_path

DEVELOPER = 30
ROLES = {"guest": 10, "planner": 15, "reporter": 20, "developer": DEVELOPER, "maintainer": 40, "owner": 50}
ROLE_MARK = "@@"


class MemberItem(Tolerant):
    id: int
    username: str = ""
    access_level: int = 0
    state: str = ""


class UserAnswer(Tolerant):
    id: int
    username: str
    state: str = ""
    bot: bool | None = None


_MEMBERS = listed(MemberItem)


def team_members(client: Client, team: str, repo: RepoRef) -> TeamMembers:
    """Direct members of a group; or who holds a role in the project.

    Whoever is in a group above is in this one too, as GitLab inherits, and was never put into it: GitLab counts direct members
    only as code owners ("Group eligibility"), and so does a role here, or an owner of the whole would be of Security.
    """
    if team.startswith(ROLE_MARK):
        return _holders(client, team, repo)
    try:
        found = _members(client, f"/groups/{quote(team, safe='')}/members")
    except Vanished:
        return TeamMembers((), f"GitLab knows no group {team}, or the bot may not see it: let it be a member of the group")
    except Refused as refused:
        return TeamMembers((), str(refused))
    return TeamMembers(tuple(_account(member, repo.host) for member in found))


def _holders(client: Client, team: str, repo: RepoRef) -> TeamMembers:
    """CODEOWNERS' `@@maintainer`: direct members of the project with exactly that role."""
    name = team.removeprefix(ROLE_MARK).lower()
    level = ROLES.get(name, ROLES.get(name.removesuffix("s"), 0))
    if not level:
        return TeamMembers((), f"saw the role {team!r}, wanted one of {', '.join(ROLE_MARK + role for role in ROLES)}")
    try:
        found = _members(client, f"{project_path(repo.path)}/members")
    except (Refused, Vanished) as failed:
        return TeamMembers((), str(failed))
    return TeamMembers(tuple(_account(member, repo.host) for member in found if member.access_level == level))


def writers(client: Client, repo: RepoRef, accounts: Sequence[ForgeAccount]) -> tuple[str, ...]:
    """Keys of those accounts that may push: Developers and more, by whatever way they are members. One call a hundred."""
    able: set[int] = set()
    for start in range(0, len(accounts), PAGE):
        asked = {"user_ids[]": [account.id for account in accounts[start : start + PAGE]]}
        found = client.pages(f"{project_path(repo.path)}/members/all", _MEMBERS, asked).items
        able |= {member.id for member in found if member.state == "active" and member.access_level >= DEVELOPER}
    return tuple(account.key for account in accounts if account.id in able)


def account_state(client: Client, number: int, host: str) -> AccountState:
    """The account of that number. Whatever state keeps it from signing in is `suspended`: blocked, banned, deactivated.

    `/version` answers whoever may ask anything, so that a 404 of another server is no account that is gone.
    """
    try:
        found = client.get(f"/users/{number}", UserAnswer)
    except Vanished:
        client.send("GET", "/version")
        return AccountState(None, "gone")
    account = ForgeAccount("gitlab", host, found.id, found.username, account_kind(found.bot))
    return AccountState(account, "active" if found.state == "active" else "suspended")


def account_kind(bot: bool | None) -> AccountKind:
    """Of a user asked for alone, where GitLab says whether it is a bot; lists do not."""
    return "unknown" if bot is None else "bot" if bot else "human"


def _members(client: Client, path: str) -> list[MemberItem]:
    return [member for member in client.pages(path, _MEMBERS, kept=True).items if member.state == "active"]


def _account(member: MemberItem, host: str) -> ForgeAccount:
    """The list does not say which members are bots."""
    return ForgeAccount("gitlab", host, member.id, member.username, "unknown")
