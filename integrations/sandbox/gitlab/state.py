"""The world of one GitLab: users, groups, projects and the licence."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from bot.ports.clock import Clock
from integrations.sandbox.git.gitdir import GitDir
from integrations.sandbox.gitlab.model import Licence, MergeRequest, Project, ProtectedBranch
from integrations.sandbox.gitlab.people import Access, Group, Member, User, UserKind
from integrations.sandbox.gitlab.refusal import not_found
from integrations.sandbox.gitlab.voice import Voice
from integrations.sandbox.world import ForgeWorld

HOST = "gitlab.sandbox"
_FIRST_ID = {
    "user": 1001,
    "group": 3001,
    "project": 7001,
    "merge_request": 180_001,
    "note": 210_001,
    "label": 500_001,
    "pipeline": 400_001,
    "job": 600_001,
    "version": 110_001,
    "hook": 42_001,
    "package": 800_001,
}
_TIERS: dict[Licence, int] = {"free": 0, "premium": 1, "ultimate": 2}


class World(ForgeWorld):
    """Everything there is."""

    first_ids = _FIRST_ID

    def __init__(self, root: Path, clock: Clock, licence: Licence, voice: Voice) -> None:
        super().__init__(root, clock)
        self.licence: Licence = licence
        self.voice = voice
        self.host = HOST
        """The name it goes by, whatever loopback address it is served at."""
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}
        self.projects: dict[str, Project] = {}
        self.bot: User | None = None

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v4"

    def stable_uuid(self, what: str) -> str:
        """The same for the same thing in every run."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://{self.host}/{what}"))

    def licensed(self, tier: Licence) -> bool:
        """Does the licence have what that tier has?"""
        return _TIERS[self.licence] >= _TIERS[tier]

    def close(self) -> None:
        for project in self.projects.values():
            project.git.close()

    # users

    def add_user(self, username: str, kind: UserKind = "human", *, id: int | None = None) -> User:
        """A new account, with the private address GitLab gives to each."""
        number = self.next_id("user") if id is None else id
        if username.lower() in self.users or any(known.id == number for known in self.users.values()):
            raise ValueError(f"username {username!r} or id {number} is taken already")
        user = User(number, username, kind=kind, emails={f"{number}-{username}@users.noreply.{self.host}"})
        self.users[username.lower()] = user
        return user

    def user(self, username: str) -> User:
        known = self.users.get(username.lower())
        if known is None:
            raise not_found("User")
        return known

    def user_by_id(self, number: int) -> User:
        for known in self.users.values():
            if known.id == number:
                return known
        raise not_found("User")

    def rename(self, user: User, username: str) -> None:
        """The number stays, and the user's own projects follow the new name. Anyone may take the old."""
        if username.lower() in self.users:
            raise ValueError(f"username {username!r} is taken already")
        self.users[username.lower()] = self.users.pop(user.username.lower())
        user.username = username
        for project in self.projects.values():
            if project.owner is user:
                project.path = f"{username}/{project.name}"
        self.projects = {project.path.lower(): project for project in self.projects.values()}

    def delete(self, user: User) -> None:
        """With all their memberships. ValueError while they own a project."""
        if any(project.owner is user for project in self.projects.values()):
            raise ValueError(f"{user.username} owns projects, which would go with the account")
        del self.users[user.username.lower()]
        for members in [*(each.members for each in self.projects.values()), *(each.members for each in self.groups.values())]:
            members.pop(user.id, None)

    def by_email(self, email: str) -> User | None:
        """The account GitLab ties a commit's address to."""
        wanted = email.lower()
        return next((each for each in self.users.values() if wanted in {mail.lower() for mail in each.emails}), None)

    def identity(self, who: str) -> str:
        return who if "<" in who else self.user(who).identity

    # groups

    def add_group(self, full_path: str) -> Group:
        """The group of that path, and those above it, made where missing. The bot joins top-level groups."""
        known = self.groups.get(full_path.lower())
        if known is not None:
            return known
        above, _, name = full_path.rpartition("/")
        parent = self.add_group(above) if above else None
        group = Group(self.next_id("group"), full_path, name, parent)
        self.groups[full_path.lower()] = group
        if parent is None and self.bot is not None:
            group.members[self.bot.id] = Member(self.bot, Access.DEVELOPER)
        return group

    def group(self, path_or_id: str | int) -> Group:
        """By whole path, or by number."""
        text = str(path_or_id)
        found = self.groups.get(text.lower())
        if found is None and text.isdigit():
            found = next((each for each in self.groups.values() if each.id == int(text)), None)
        if found is None:
            raise not_found("Group")
        return found

    def group_members(self, group: Group, *, inherited: bool = True) -> dict[int, Member]:
        """Members by user id with their highest role: the group's own, and those of groups above and of invited ones."""
        if not inherited:
            return {number: member for number, member in group.members.items() if self._lasts(member)}
        return _highest(self._of_group(group))

    def group_access(self, group: Group, user: User) -> Access:
        member = self.group_members(group).get(user.id)
        return member.access if member else Access.NONE

    def sees_group(self, group: Group, user: User) -> bool:
        """Members see it, and who is in anything below it."""
        if self.group_access(group, user):
            return True
        below = [each for each in self.projects.values() if each.path.lower().startswith(f"{group.full_path.lower()}/")]
        return any(self.access(project, user) for project in below)

    # projects

    def add_project(self, path: str, git: GitDir, *, fork_of: Project | None = None) -> Project:
        """In a person's own namespace where the first part is a username, else in a group, made if missing."""
        namespace, _, name = path.rpartition("/")
        if not name or not namespace or path.lower() in self.projects:
            raise ValueError(f"{path!r} is no new namespace/name")
        owner = self.users.get(namespace.lower())
        group = None if owner else self.add_group(namespace)
        project = Project(self.next_id("project"), group, path, git, git.default_branch, self.now(), owner, fork_of)
        if owner:
            project.members[owner.id] = Member(owner, Access.OWNER)
        self.projects[path.lower()] = project
        return project

    def project(self, path_or_id: str | int) -> Project:
        """By whole path, or by number."""
        text = str(path_or_id)
        found = self.projects.get(text.lower())
        if found is None and text.isdigit():
            found = next((each for each in self.projects.values() if each.id == int(text)), None)
        if found is None:
            raise not_found("Project")
        return found

    def merge_request(self, path_or_id: str | int, iid: int) -> MergeRequest:
        known = self.project(path_or_id).merge_requests.get(iid)
        if known is None:
            raise not_found()
        return known

    def project_members(self, project: Project, *, inherited: bool = True) -> dict[int, Member]:
        """Members by user id with their highest role; `inherited` adds those of the groups above and of invited groups."""
        own = [member for member in project.members.values() if self._lasts(member)]
        if not inherited:
            return {member.user.id: member for member in own}
        return _highest([*own, *self._invited(project.shared), *self._of_group(project.group)])

    def access(self, project: Project, user: User | None) -> Access:
        """What this user may do in the project: the highest of all their roles there. Blocked users may nothing."""
        if user is None or user.state != "active":
            return Access.NONE
        member = self.project_members(project).get(user.id)
        return member.access if member else Access.NONE

    def reads(self, project: Project, user: User | None) -> bool:
        """Code and merge requests: guests of a private project see neither."""
        return not project.private or self.access(project, user) >= Access.REPORTER

    def develops(self, project: Project, user: User | None) -> bool:
        """May this user change things there? Nobody changes what is archived."""
        return not project.archived and self.access(project, user) >= Access.DEVELOPER

    def protection(self, project: Project, branch: str) -> ProtectedBranch | None:
        """The rule for that branch: the one of its name, else the first whose wildcard matches."""
        exact = project.protected.get(branch)
        return exact or next((rule for rule in project.protected.values() if fnmatchcase(branch, rule.name)), None)

    def may_push(self, project: Project, branch: str, user: User) -> bool:
        rule = self.protection(project, branch)
        level = rule.push_level if rule else Access.DEVELOPER
        return self.develops(project, user) and _reaches(self.access(project, user), level)

    def may_merge_into(self, project: Project, branch: str, user: User) -> bool:
        """Who may push may merge, too."""
        rule = self.protection(project, branch)
        merges = rule is not None and self.develops(project, user) and _reaches(self.access(project, user), rule.merge_level)
        return merges or self.may_push(project, branch, user)

    def visible(self, project: Project, user: User | None) -> bool:
        return not project.private or self.access(project, user) > Access.NONE

    def _of_group(self, group: Group | None) -> Iterator[Member]:
        """Of the group and all above it, with whom they invited."""
        while group is not None:
            yield from (member for member in group.members.values() if self._lasts(member))
            yield from self._invited(group.shared)
            group = group.parent

    def _invited(self, shared: dict[int, Access]) -> Iterator[Member]:
        """Members of invited groups, own and inherited, with no more than the invitation gives. Whom those invited in turn
        is not invited along."""
        for number, most in shared.items():
            above: Group | None = self.group(number)
            while above is not None:
                for member in filter(self._lasts, above.members.values()):
                    yield Member(member.user, min(most, member.access), member.expires_at)
                above = above.parent

    def _lasts(self, member: Member) -> bool:
        return member.expires_at is None or member.expires_at > self.now()


def _reaches(access: Access, level: Access) -> bool:
    """A branch's level of 0 means that nobody may."""
    return Access.NONE < level <= access


def _highest(members: Iterator[Member] | list[Member]) -> dict[int, Member]:
    found: dict[int, Member] = {}
    for member in members:
        known = found.get(member.user.id)
        if known is None or member.access > known.access:
            found[member.user.id] = member
    return {number: found[number] for number in sorted(found)}
