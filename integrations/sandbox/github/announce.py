"""Which webhook tells of what, and with which payload. The only caller of the voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.sandbox.git.objects import GitCommit
from integrations.sandbox.github.model import (
    Account,
    CheckRun,
    CheckSuite,
    Comment,
    MergeGroup,
    PullRequest,
    Push,
    Repository,
    Review,
)
from integrations.sandbox.github.render import Json, Renderer, when
from integrations.sandbox.github.render_check import CheckRenderer
from integrations.sandbox.github.render_pull import PullRenderer
from integrations.sandbox.github.state import World

COMMITS_TOLD = 2_048
"""A push payload lists no more commits than this."""


class Announcer:
    """Holds the renderers, so that verbs and routes share them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.plain = Renderer(world)
        self.pulls = PullRenderer(world, self.plain)
        self.checks = CheckRenderer(world, self.plain)

    def pull(self, action: str, pull: PullRequest, by: Account, **more: Any) -> None:
        if action in ("opened", "synchronize"):
            self._prepare(pull)
        payload = {"action": action, "number": pull.number, "pull_request": self.pulls.full(pull), **more}
        self._say("pull_request", payload, pull.repo, by)

    def comment(self, action: str, pull: PullRequest, comment: Comment, by: Account, **more: Any) -> None:
        short = self.pulls.short(pull)
        keys = ("id", "node_id", "html_url", "number", "title", "user", "state", "body", "created_at", "updated_at", "labels")
        issue = {key: short[key] for key in keys} | {"pull_request": {"url": short["url"]}, "comments": len(pull.comments)}
        told = self.plain.comment(pull, comment)
        self._say("issue_comment", {"action": action, "issue": issue, "comment": told, **more}, pull.repo, by)

    def review(self, pull: PullRequest, review: Review, action: str = "submitted") -> None:
        told = {**self.plain.review(pull, review), "state": review.state.lower()}
        payload = {"action": action, "review": told, "pull_request": self.pulls.short(pull)}
        self._say("pull_request_review", payload, pull.repo, review.by)

    def run(self, action: str, repo: Repository, run: CheckRun, by: Account, **more: Any) -> None:
        told = {**self.checks.run(repo, run), "check_suite": self.checks.suite(repo, run.suite)}
        self._say("check_run", {"action": action, "check_run": told, **more}, repo, by)

    def suite(self, action: str, repo: Repository, suite: CheckSuite, by: Account) -> None:
        self._say("check_suite", {"action": action, "check_suite": self.checks.suite(repo, suite)}, repo, by)

    def group(self, action: str, repo: Repository, group: MergeGroup, by: Account, **more: Any) -> None:
        told = {
            "head_sha": group.sha,
            "head_ref": group.ref,
            "base_sha": group.base_sha,
            "base_ref": f"refs/heads/{group.base_ref}",
            "head_commit": self._commit(repo, repo.git.objects.commit(group.sha), files=False),
        }
        self._say("merge_group", {"action": action, "merge_group": told, **more}, repo, by)

    def push(self, repo: Repository, push: Push) -> None:
        git = repo.git
        gone, new = set(push.after) == {"0"}, set(push.before) == {"0"}
        since = git.branch(repo.default_branch) if new else push.before
        oids = () if gone else git.commits_between(since, push.after)[-COMMITS_TOLD:]
        commits = [self._commit(repo, git.objects.commit(oid)) for oid in oids]
        head = None if gone else self._commit(repo, git.objects.commit(push.after))
        page = f"{self.world.url}/{repo.full_name}"
        payload = {
            "ref": push.ref,
            "before": push.before,
            "after": push.after,
            "pusher": {"name": push.by.login, "email": min(push.by.emails)},
            "created": new,
            "deleted": gone,
            "forced": push.kind == "force_push",
            "base_ref": None,
            "compare": f"{page}/compare/{push.before[:12]}...{push.after[:12]}",
            "commits": commits,
            "head_commit": head,
        }
        self._say("push", payload, repo, push.by)

    def installation(self, action: str, by: Account) -> None:
        repos = [each for each in self.world.repositories.values() if each.installed]
        told = [{"id": each.id, "name": each.name, "full_name": each.full_name, "private": each.private} for each in repos]
        payload = {"action": action, "installation": self.installed(), "repositories": told, "sender": self.plain.account(by)}
        self.world.voice.emit("installation", payload, always=True)

    def ping(self) -> None:
        app = self.world.app
        hook = {"type": "App", "id": app.hook_id, "name": "web", "active": True, "app_id": app.id, "events": sorted(app.events)}
        payload = {"zen": "Approachable is better than simple.", "hook_id": app.hook_id, "hook": hook}
        self.world.voice.emit("ping", payload, always=True)

    def installed(self) -> Json:
        """The installation, as REST and the `installation` event show it."""
        app, api = self.world.app, self.world.api_url
        owners = [each for each in self.world.accounts.values() if each.kind == "Organization"] or [app.bot]
        return {
            "id": app.installation_id,
            "account": self.plain.account(owners[0]),
            "repository_selection": "selected",
            "access_tokens_url": f"{api}/app/installations/{app.installation_id}/access_tokens",
            "repositories_url": f"{api}/installation/repositories",
            "html_url": f"{self.world.url}/settings/installations/{app.installation_id}",
            "app_id": app.id,
            "app_slug": app.slug,
            "target_id": owners[0].id,
            "target_type": owners[0].kind,
            "permissions": app.permissions,
            "events": sorted(app.events),
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
            "single_file_name": None,
            "suspended_by": None,
            "suspended_at": None,
        }

    def _prepare(self, pull: PullRequest) -> None:
        """GitHub has the diff ready when it tells of a head; git shall not be waited for later."""
        base = pull.repo.git.merge_base(pull.base_sha, pull.head_sha)
        if base:
            pull.repo.git.patches(base, pull.head_sha)

    def _commit(self, repo: Repository, commit: GitCommit, *, files: bool = True) -> Json:
        told: Json = {
            "id": commit.oid,
            "tree_id": commit.tree,
            "message": commit.message.removesuffix("\n"),
            "timestamp": when(commit.committer.at),
            "author": self._person(commit.author.name, commit.author.email),
            "committer": self._person(commit.committer.name, commit.committer.email),
        }
        if files:
            told |= {"distinct": True, "url": f"{self.world.url}/{repo.full_name}/commit/{commit.oid}"}
            told |= self._touched(repo, commit)
        return told

    def _touched(self, repo: Repository, commit: GitCommit) -> dict[str, list[str]]:
        words = {"added": "added", "copied": "added", "removed": "removed"}
        told: dict[str, list[str]] = {"added": [], "removed": [], "modified": []}
        if not commit.parents:
            return told
        for change in repo.git.changes(commit.parents[0], commit.oid):
            if change.status == "renamed" and change.previous:
                told["removed"].append(change.previous)
            told["added" if change.status == "renamed" else words.get(change.status, "modified")].append(change.path)
        return told

    def _person(self, name: str, email: str) -> Json:
        account = self.world.by_email(email)
        return {"name": name, "email": email, **({"username": account.login} if account else {})}

    def _say(self, event: str, payload: Mapping[str, Any], repo: Repository, by: Account) -> None:
        if not repo.installed:
            return
        around: Json = {"repository": self.plain.repository(repo), "sender": self.plain.account(by)}
        if repo.owner.kind == "Organization":
            around["organization"] = {"login": repo.owner.login, "id": repo.owner.id, "description": None}
        around["installation"] = {"id": self.world.app.installation_id, "node_id": f"MDI_{self.world.app.installation_id}"}
        self.world.voice.emit(event, {**payload, **around})
