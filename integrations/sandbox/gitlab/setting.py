"""What a story starts from: people, groups, projects, their settings, and who may do what in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

from integrations.sandbox.details import Files, as_bytes
from integrations.sandbox.git.gitdir import GitDir, NewCommit
from integrations.sandbox.gitlab.model import ApprovalRule, Package, Project, ProtectedBranch, Settings, StatusCheck
from integrations.sandbox.gitlab.people import Access, Group, Hook, Member, User, UserKind
from integrations.sandbox.gitlab.state import World

HOOK_EVENTS = frozenset({"push", "merge_requests", "note", "pipeline"})
SYSTEM_EVENTS = frozenset({"push", "merge_requests"})
"""System hooks know no notes and no pipelines."""


class UserDetails(TypedDict, total=False):
    id: int
    name: str
    emails: Sequence[str]
    kind: UserKind


class ProjectDetails(TypedDict, total=False):
    files: Files
    default_branch: str
    private: bool
    access: Access
    """What people hold who were granted nothing: Developer unless told."""


class ProtectionDetails(TypedDict, total=False):
    push: Access
    merge: Access
    force_push: bool
    code_owner_approval: bool


class Setting:
    """The part of `FakeGitLab` that furnishes it. None of this is told to anybody."""

    world: World
    _installed: Hook | None = None
    """The hook that projects and top-level groups made later get, too."""

    def user(self, username: str, **details: Unpack[UserDetails]) -> User:
        """A person, or another kind of account. `emails` are what ties commits to it."""
        with self.world.lock:
            made = self.world.add_user(username, details.get("kind", "human"), id=details.get("id"))
            made.name = details.get("name", "")
            made.emails |= set(details.get("emails", ()))
            for project in self.world.projects.values():
                if project.group is not None:
                    self._join(project, made)
            return made

    def group(
        self, full_path: str, members: Mapping[str, Access] | None = None, shared: Mapping[str, Access] | None = None
    ) -> Group:
        """With its own members by username, and the groups that are invited to it, by path, with the most these give."""
        with self.world.lock:
            group = self.world.add_group(full_path)
            for username, access in (members or {}).items():
                user = self.world.user(username)
                group.members[user.id] = Member(user, access)
            for path, access in (shared or {}).items():
                group.shared[self.world.group(path).id] = access
            self._hook_groups()
            return group

    def project(self, path: str, **details: Unpack[ProjectDetails]) -> Project:
        """A project with one commit that holds `files`, made by nobody's push. Everybody there is may develop in it."""
        with self.world.lock:
            branch = details.get("default_branch", "main")
            git = GitDir(self.world.root / f"{path}.git", branch)
            files = details.get("files") or {"README.md": f"# {path}\n"}
            gitlab = f"GitLab <noreply@{self.world.host}>"
            git.commit(NewCommit(f"refs/heads/{branch}", "Initial commit\n", gitlab, gitlab, self.world.now(), as_bytes(files)))
            project = self.world.add_project(path, git)
            project.private = details.get("private", True)
            project.everybody = details.get("access", Access.DEVELOPER)
            for user in self.world.users.values():
                self._join(project, user)
            self._hook_project(project)
            self._hook_groups()
            return project

    def fork(self, project: str, by: str) -> Project:
        """That person's own copy, in their namespace. Nobody else is in it, the bot neither, and it has no hooks."""
        with self.world.lock:
            origin, owner = self.world.project(project), self.world.user(by)
            path = f"{owner.username}/{origin.name}"
            copy = self.world.add_project(path, origin.git.copy_to(self.world.root / f"{path}.git"), fork_of=origin)
            copy.private = origin.private
            for ref in [each for each in copy.git.refs if not each.startswith(("refs/heads/", "refs/tags/"))]:
                copy.git.set_ref(ref, None)
            return copy

    def grant(self, project: str, username: str, access: Access) -> None:
        """That role, no more: a higher one from the groups above is taken down to it, since GitLab refuses a lower one."""
        with self.world.lock:
            found, user = self.world.project(project), self.world.user(username)
            found.members[user.id] = Member(user, access)
            group = found.group
            while group is not None:
                if user.id in group.members and group.members[user.id].access > access:
                    group.members[user.id] = Member(user, access)
                group = group.parent

    def protect(self, project: str, branch: str, **details: Unpack[ProtectionDetails]) -> ProtectedBranch:
        """`branch` may hold wildcards. A level of `Access.NONE` means nobody."""
        with self.world.lock:
            rule = ProtectedBranch(self.world.next_id("protection"), branch)
            rule.push_level = details.get("push", rule.push_level)
            rule.merge_level = details.get("merge", rule.merge_level)
            rule.force_push = details.get("force_push", False)
            rule.code_owner_approval = details.get("code_owner_approval", False)
            self.world.project(project).protected[branch] = rule
            return rule

    def unprotect(self, project: str, branch: str) -> None:
        with self.world.lock:
            self.world.project(project).protected.pop(branch, None)

    def settings(self, project: str) -> Settings:
        """The project's own, to be changed in place."""
        return self.world.project(project).settings

    def approval_rule(self, project: str, name: str, users: Sequence[str], required: int = 1) -> ApprovalRule:
        """Binds with Premium only."""
        with self.world.lock:
            people = [self.world.user(username) for username in users]
            rule = ApprovalRule(self.world.next_id("rule"), name, people, required)
            self.world.project(project).approval_rules.append(rule)
            return rule

    def status_check(self, project: str, name: str, url: str, secret: str = "") -> StatusCheck:
        """An external status check; asked and shown with Ultimate only."""
        with self.world.lock:
            check = StatusCheck(self.world.next_id("status_check"), name, url, secret)
            self.world.project(project).status_checks[check.id] = check
            return check

    def package(self, project: str, name: str, version: str, files: Mapping[str, bytes]) -> Package:
        """A generic package."""
        with self.world.lock:
            package = Package(self.world.next_id("package"), name, version, self.world.now())
            for path, content in files.items():
                package.add(path, content)
            self.world.project(project).packages.append(package)
            return package

    def hook(self, project: str, url: str) -> Hook:
        """A hook of one project, of its own making, beside what is installed."""
        with self.world.lock:
            made = self._new_hook(Hook(0, url, "project"))
            self.world.project(project).hooks.append(made)
            return made

    def _join(self, project: Project, user: User) -> None:
        """The bot comes through the group its token is of; other accounts that are no people do not come by themselves."""
        if user.kind == "human" and user.id not in project.members and project.everybody > Access.NONE:
            project.members[user.id] = Member(user, project.everybody)

    def _hook_project(self, project: Project) -> None:
        if self._installed is not None and self._installed.level == "project" and not project.hooks:
            project.hooks.append(self._new_hook(self._installed))

    def _hook_groups(self) -> None:
        for group in self.world.groups.values():
            wanted = self._installed is not None and self._installed.level == "group" and group.parent is None
            if wanted and self._installed is not None and not group.hooks:
                group.hooks.append(self._new_hook(self._installed))

    def _new_hook(self, like: Hook) -> Hook:
        number = self.world.next_id("hook")
        events = SYSTEM_EVENTS if like.level == "system" else HOOK_EVENTS
        uuid = self.world.stable_uuid(f"hook {number}")
        return Hook(number, like.url, like.level, like.token, like.signing_token, set(events), uuid)
