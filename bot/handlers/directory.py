"""Who may decide: the mapping's people, and the roles that the policy and CODEOWNERS name, resolved where they live.

Teams, groups and who may write are kept for ten minutes: they change rarely, and a decision may rest on what is that old.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar, cast

from bot.core.facts import Directory, RoleMembers
from bot.core.ids import ForgeAccount, Person, PersonId, RepoRef, RoleName
from bot.core.policy.model import Policy, RoleSource
from bot.handlers.kit import Kit
from bot.ports.errors import WorldError

T = TypeVar("T")
KEEP = timedelta(minutes=10)
KEEP_FAILURE = timedelta(minutes=1)


class Rolls:
    """Resolves roles, with a memory."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[datetime, object]] = {}

    def directory(self, repo: RepoRef, policy: Policy, owner_teams: Iterable[str]) -> Directory:
        """The people, the policy's roles, and the teams that CODEOWNERS names (a role each, by the team's name)."""
        people = self._kit.people.people()
        roles = [self._role(repo, source, people) for source in policy.roles]
        teams = [self._team(repo, RoleName(team), team, people) for team in dict.fromkeys(owner_teams)]
        unavailable = self._kit.people.unavailable()
        return Directory(people, tuple(roles + teams), able=self._able(repo, people), unavailable=unavailable)

    def _able(self, repo: RepoRef, people: tuple[Person, ...]) -> tuple[str, ...] | None:
        accounts = [a for person in people for a in person.accounts if (a.forge, a.host) == (repo.forge, repo.host)]
        if not accounts:
            return ()
        names = ",".join(sorted(account.key for account in accounts))

        def ask() -> tuple[str, ...]:
            return self._kit.forge(repo).fetch_writers(repo, accounts)

        try:
            return self._remember(f"able:{repo.key}:{names}", ask)
        except WorldError:
            return ()  # nobody is known to be able: the seats say so, and the gate stays shut

    def _role(self, repo: RepoRef, source: RoleSource, people: tuple[Person, ...]) -> RoleMembers:
        if source.team:
            return self._team(repo, source.role, source.team, people)
        if source.chat_group:
            return self._group(source, people)
        known = {person.id for person in people}
        listed = tuple(PersonId(name) for name in source.people if name in known)
        strangers = [name for name in source.people if name not in known]
        problem = f"saw {', '.join(strangers)} that the people's mapping lacks" if strangers and not listed else None
        return RoleMembers(source.role, listed, "the policy's list", problem)

    def _team(self, repo: RepoRef, role: RoleName, team: str, people: tuple[Person, ...]) -> RoleMembers:
        name = f"team {team}"
        try:
            place = repo.key if team.startswith("@@") else f"{repo.forge}:{repo.host}"
            found = self._remember(f"team:{place}:{team}", lambda: self._kit.forge(repo).fetch_team(team, repo))
        except WorldError as error:
            return RoleMembers(role, (), name, f"could not read {name}: {error}")
        members = _people_of(people, found.accounts)
        problem = found.problem or (None if members else f"no member of {name} is in the people's mapping")
        return RoleMembers(role, members, name, problem)

    def _group(self, source: RoleSource, people: tuple[Person, ...]) -> RoleMembers:
        name = f"user group {source.chat_group}"
        chat = self._kit.chat
        if chat is None:
            return RoleMembers(source.role, (), name, f"saw {name}, but no chat is connected")
        try:
            users = self._remember(f"group:{source.chat_group}", lambda: chat.fetch_group(source.chat_group))
        except WorldError as error:
            return RoleMembers(source.role, (), name, f"could not read {name}: {error}")
        members = tuple(person.id for person in people if person.chat in users)
        return RoleMembers(source.role, members, name, None if members else f"nobody of {name} is in the people's mapping")

    def _remember(self, key: str, ask: Callable[[], T]) -> T:
        now = self._kit.clock.now()
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and now < kept[0]:
            if isinstance(kept[1], WorldError):
                raise kept[1]
            return cast(T, kept[1])
        try:
            found = ask()
        except WorldError as error:
            with self._lock:
                self._kept[key] = (now + KEEP_FAILURE, error)
            raise
        with self._lock:
            self._kept[key] = (now + KEEP, found)
        return found


def _people_of(people: tuple[Person, ...], accounts: Iterable[ForgeAccount]) -> tuple[PersonId, ...]:
    keys = {account.key for account in accounts}
    return tuple(person.id for person in people if any(account.key in keys for account in person.accounts))
