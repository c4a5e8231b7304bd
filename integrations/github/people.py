"""Who is in a team, and who may write to a repository, by account id: logins can be given up and taken by others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from bot.core.ids import AccountKind, ForgeAccount, RepoRef
from bot.ports.answers import Tolerant, listed, settle
from bot.ports.errors import Refused, Vanished
from bot.ports.login import AccountState
from integrations.github.client import Session
from integrations.github.payloads import Sender

ONE_BY_ONE = 4
"""Up to so many people are asked about one by one, all at once; more, and the whole list is read."""
_WRITING = frozenset({"admin", "maintain", "write"})


class Permissions(Tolerant):
    push: bool = False


class CollaboratorItem(Tolerant):
    id: int
    permissions: Permissions = Permissions()


class PermissionAnswer(Tolerant):
    permission: str = "none"
    user: Sender | None = None


class UserAnswer(Tolerant):
    id: int
    login: str
    type: str = ""
    suspended_at: datetime | None = None


_MEMBERS, _COLLABORATORS = listed(Sender), listed(CollaboratorItem)


def team_accounts(session: Session, org: str, slug: str, host: str) -> tuple[ForgeAccount, ...]:
    """Members of a team and, as GitHub's list has it, of the teams below it."""
    path = f"/orgs/{quote(org, safe='')}/teams/{quote(slug, safe='')}/members"
    return tuple(
        ForgeAccount("github", host, m.id, m.login, _kind(m.type)) for m in session.pages(path, _MEMBERS).items if m.id
    )


def writers(session: Session, repo: RepoRef, accounts: Sequence[ForgeAccount]) -> tuple[str, ...]:
    """Keys of those accounts that may push."""
    if len(accounts) <= ONE_BY_ONE:
        asked = [session.submit(_may_write, session, repo, account) for account in accounts]
        return tuple(account.key for account, may in zip(accounts, settle(asked), strict=True) if may)
    found = session.pages(f"/repos/{repo.path}/collaborators", _COLLABORATORS, {"permission": "push"}).items
    able = {item.id for item in found if item.permissions.push}
    return tuple(account.key for account in accounts if account.id in able)


def account_state(sessions: Iterator[Session], number: int, host: str) -> AccountState:
    """The account of that number, asked for by each installation until one knows it: enterprises hide their own.

    Only GitHub Enterprise Server tells of a suspension. On github.com a suspended account is not found, and so is `gone`.
    """
    asked = False
    for session in sessions:
        asked = True
        try:
            found = session.get(f"/user/{number}", UserAnswer)
        except Vanished:
            _prove(session)
            continue
        account = ForgeAccount("github", host, found.id, found.login, _kind(found.type))
        return AccountState(account, "suspended" if found.suspended_at else "active")
    if not asked:
        raise Refused(f"saw no installation of the app that could ask for account {number}; wanted one: install the app")
    return AccountState(None, "gone")


def _prove(session: Session) -> None:
    """A 404 may be the installation's own, that is no longer there: raises unless it answers what each can ask."""
    session.send("GET", "/installation/repositories", None, {"per_page": 1})


def _may_write(session: Session, repo: RepoRef, account: ForgeAccount) -> bool:
    try:
        answer = session.get(f"/repos/{repo.path}/collaborators/{quote(account.login, safe='')}/permission", PermissionAnswer)
    except Vanished:
        return False
    return answer.permission in _WRITING and answer.user is not None and answer.user.id == account.id


def _kind(kind: str) -> AccountKind:
    return "bot" if kind == "Bot" else "human" if kind == "User" else "unknown"
