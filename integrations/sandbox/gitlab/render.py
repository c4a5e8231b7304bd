"""People, groups and projects as the JSON objects of GitLab's REST API, and how it spells instants.

Spelling, nesting and nullability follow GitLab's published descriptions; parts no client of ours looks at are left out,
except where their absence would be noticed by a strict reader.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from integrations.sandbox.gitlab.auth import Token
from integrations.sandbox.gitlab.model import Label, Project, ProtectedBranch
from integrations.sandbox.gitlab.people import Access, Group, Hook, Member, User
from integrations.sandbox.gitlab.state import World

Json = dict[str, Any]
REVISION = "1a2b3c4d5e6"
_LEVEL_WORDS = {
    Access.NONE: "No one",
    Access.DEVELOPER: "Developers + Maintainers",
    Access.MAINTAINER: "Maintainers",
    Access.OWNER: "Owners",
}


def when(at: datetime | None) -> str | None:
    """REST's spelling of an instant: UTC, milliseconds, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if at else None


class Renderer:
    """Pure: reads the world, changes nothing."""

    def __init__(self, world: World) -> None:
        self._world = world

    def user(self, user: User) -> Json:
        return {
            "id": user.id,
            "username": user.username,
            "public_email": None,
            "name": user.name or user.username,
            "state": user.state,
            "locked": False,
            "avatar_url": f"{self._world.url}/uploads/-/system/user/avatar/{user.id}/avatar.png",
            "web_url": f"{self._world.url}/{user.username}",
        }

    def profile(self, user: User) -> Json:
        """One user asked for by id."""
        return {**self.user(user), "bot": user.bot, "created_at": None, "bio": "", "location": "", "organization": ""}

    def myself(self, user: User) -> Json:
        """The user who asks, to themselves."""
        return {
            **self.profile(user),
            "email": min(user.emails),
            "commit_email": min(user.emails),
            "confirmed_at": "2026-01-01T00:00:00.000Z",
            "two_factor_enabled": False,
            "external": False,
            "private_profile": False,
            "namespace_id": user.id,
        }

    def token(self, token: Token) -> Json:
        active = not token.revoked and (token.expires_on is None or token.expires_on > self._world.now().date())
        return {
            "id": token.id,
            "name": token.name,
            "revoked": token.revoked,
            "created_at": when(token.created_at),
            "description": None,
            "scopes": list(token.scopes),
            "user_id": token.user.id,
            "last_used_at": when(token.last_used_at),
            "active": active,
            "expires_at": token.expires_on.isoformat() if token.expires_on else None,
        }

    def member(self, member: Member) -> Json:
        expires = member.expires_at.date().isoformat() if member.expires_at else None
        told = {"access_level": int(member.access), "created_at": "2026-01-01T00:00:00.000Z", "expires_at": expires}
        return {**self.user(member.user), **told, "membership_state": "active"}

    def group(self, group: Group) -> Json:
        return {
            "id": group.id,
            "web_url": f"{self._world.url}/groups/{group.full_path}",
            "name": group.name,
            "path": group.full_path.rpartition("/")[2],
            "description": "",
            "visibility": "private",
            "full_name": group.full_path.replace("/", " / "),
            "full_path": group.full_path,
            "parent_id": group.parent.id if group.parent else None,
            "created_at": "2026-01-01T00:00:00.000Z",
            "shared_with_groups": [
                {"group_id": number, "group_full_path": self._world.group(number).full_path, "group_access_level": int(access)}
                for number, access in group.shared.items()
            ],
        }

    def namespace(self, project: Project) -> Json:
        path = project.path.rpartition("/")[0]
        owner = project.group or project.owner
        return {
            "id": owner.id if owner else 0,
            "name": path.rpartition("/")[2],
            "path": path.rpartition("/")[2],
            "kind": "group" if project.group else "user",
            "full_path": path,
            "parent_id": project.group.parent.id if project.group and project.group.parent else None,
            "web_url": f"{self._world.url}/{'groups/' if project.group else ''}{path}",
        }

    def simple_project(self, project: Project) -> Json:
        page = f"{self._world.url}/{project.path}"
        return {
            "id": project.id,
            "description": None,
            "name": project.name,
            "name_with_namespace": project.path.replace("/", " / "),
            "path": project.name,
            "path_with_namespace": project.path,
            "created_at": when(project.created_at),
            "default_branch": project.default_branch,
            "tag_list": [],
            "topics": [],
            "ssh_url_to_repo": f"git@{self._world.host}:{project.path}.git",
            "http_url_to_repo": f"{page}.git",
            "web_url": page,
            "readme_url": None,
            "forks_count": sum(each.fork_of is project for each in self._world.projects.values()),
            "avatar_url": None,
            "star_count": 0,
            "last_activity_at": when(project.created_at),
            "visibility": "private" if project.private else "public",
            "namespace": self.namespace(project),
        }

    def project(self, project: Project, by: User | None) -> Json:
        """All of it, with what the caller may do there."""
        settings = project.settings
        told = {
            **self.simple_project(project),
            "archived": project.archived,
            "empty_repo": project.git.branch(project.default_branch) is None,
            "merge_requests_enabled": True,
            "jobs_enabled": True,
            "packages_enabled": True,
            "merge_requests_access_level": "enabled",
            "builds_access_level": "enabled",
            "only_allow_merge_if_pipeline_succeeds": settings.pipelines_must_succeed,
            "allow_merge_on_skipped_pipeline": settings.skipped_pipelines_succeed,
            "only_allow_merge_if_all_discussions_are_resolved": settings.threads_must_be_resolved,
            "merge_method": "merge",
            "squash_option": "default_off",
            "shared_with_groups": [{"group_id": number, "group_access_level": int(a)} for number, a in project.shared.items()],
            "permissions": self._permissions(project, by),
        }
        if project.fork_of and self._world.visible(project.fork_of, by):
            told["forked_from_project"] = self.simple_project(project.fork_of)
        if self._world.licensed("premium"):
            told["merge_pipelines_enabled"] = settings.merged_results_pipelines
            told["merge_trains_enabled"] = settings.merge_trains
        if self._world.licensed("ultimate"):
            told["only_allow_merge_if_all_status_checks_passed"] = settings.status_checks_must_pass
        return told

    def _permissions(self, project: Project, by: User | None) -> Json:
        own = project.members.get(by.id) if by else None
        inherited = self._world.group_access(project.group, by) if by and project.group else Access.NONE
        return {
            "project_access": {"access_level": int(own.access), "notification_level": 3} if own else None,
            "group_access": {"access_level": int(inherited), "notification_level": 3} if inherited else None,
        }

    def label(self, label: Label) -> Json:
        return {
            "id": label.id,
            "name": label.name,
            "description": label.description,
            "description_html": label.description or "",
            "text_color": "#FFFFFF",
            "color": label.color,
            "subscribed": False,
            "priority": None,
            "is_project_label": True,
        }

    def protected(self, rule: ProtectedBranch) -> Json:
        return {
            "id": rule.id,
            "name": rule.name,
            "push_access_levels": [self._level(rule.push_level)],
            "merge_access_levels": [self._level(rule.merge_level)],
            "allow_force_push": rule.force_push,
            **({"code_owner_approval_required": rule.code_owner_approval} if self._world.licensed("premium") else {}),
        }

    def _level(self, access: Access) -> Json:
        words = _LEVEL_WORDS.get(access, access.name.title())
        return {"id": int(access) + 1, "access_level": int(access), "access_level_description": words}

    def hook(self, hook: Hook) -> Json:
        kinds = {"push": "push", "merge_requests": "merge_requests", "note": "note", "pipeline": "pipeline"}
        return {
            "id": hook.id,
            "url": hook.url,
            "name": None,
            "created_at": "2026-01-01T00:00:00.000Z",
            **{f"{name}_events": event in hook.events for name, event in kinds.items()},
            "enable_ssl_verification": True,
            "alert_status": "disabled" if hook.disabled else "executable",
            "disabled_until": None,
            "url_variables": [],
            "token_present": bool(hook.token),
            "signing_token_present": bool(hook.signing_token),
        }
