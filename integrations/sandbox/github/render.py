"""Records as the JSON objects of GitHub's REST API; webhooks carry the same objects.

Spelling, nesting and nullability follow GitHub's published descriptions; parts no client of ours looks at are left out,
except where their absence would be noticed by a strict reader.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from integrations.sandbox.github.model import Account, App, Comment, Label, PullRequest, Repository, Review
from integrations.sandbox.github.state import World

Json = dict[str, Any]


def when(at: datetime | None) -> str | None:
    """GitHub's spelling of an instant: UTC, whole seconds, `Z`."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def node_id(kind: str, number: int) -> str:
    """The global id GraphQL and REST share."""
    return f"{kind}_{number}"


class Renderer:
    """Pure: reads the world, changes nothing."""

    def __init__(self, world: World) -> None:
        self._world = world

    def account(self, account: Account) -> Json:
        api = f"{self._world.api_url}/users/{account.login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": node_id({"User": "U", "Bot": "BOT", "Organization": "O"}[account.kind], account.id),
            "avatar_url": f"{self._world.url}/avatars/u/{account.id}?v=4",
            "gravatar_id": "",
            "url": api,
            "html_url": f"{self._world.url}/{'apps/' if account.kind == 'Bot' else ''}{account.login.removesuffix('[bot]')}",
            **{f"{name}_url": f"{api}/{name}" for name in ("followers", "subscriptions", "organizations", "repos")},
            "following_url": f"{api}/following{{/other_user}}",
            "gists_url": f"{api}/gists{{/gist_id}}",
            "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
            "events_url": f"{api}/events{{/privacy}}",
            "received_events_url": f"{api}/received_events",
            "type": account.kind,
            "user_view_type": "public",
            "site_admin": False,
        }

    def profile(self, account: Account) -> Json:
        """One account asked for alone."""
        told = {"name": account.name or None, "email": None, "suspended_at": when(account.suspended_at)}
        return {**self.account(account), **told}

    def app(self, app: App) -> Json:
        return {
            "id": app.id,
            "slug": app.slug,
            "node_id": node_id("A", app.id),
            "client_id": app.client_id,
            "owner": self.account(app.bot),
            "name": app.slug,
            "description": "",
            "external_url": "https://example.com",
            "html_url": f"{self._world.url}/apps/{app.slug}",
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
            "permissions": app.permissions,
            "events": sorted(app.events),
        }

    def repository(self, repo: Repository) -> Json:
        api = f"{self._world.api_url}/repos/{repo.full_name}"
        page = f"{self._world.url}/{repo.full_name}"
        plain = ("hooks", "teams", "events", "tags", "languages", "contributors", "subscribers", "merges", "downloads")
        return {
            "id": repo.id,
            "node_id": node_id("R", repo.id),
            "name": repo.name,
            "full_name": repo.full_name,
            "private": repo.private,
            "owner": self.account(repo.owner),
            "html_url": page,
            "description": None,
            "fork": repo.fork_of is not None,
            "url": api,
            **{f"{name}_url": f"{api}/{name}" for name in plain},
            "pulls_url": f"{api}/pulls{{/number}}",
            "issues_url": f"{api}/issues{{/number}}",
            "contents_url": f"{api}/contents/{{+path}}",
            "compare_url": f"{api}/compare/{{base}}...{{head}}",
            "statuses_url": f"{api}/statuses/{{sha}}",
            "labels_url": f"{api}/labels{{/name}}",
            "created_at": when(repo.created_at),
            "updated_at": when(repo.created_at),
            "pushed_at": when(repo.pushes[-1].at if repo.pushes else repo.created_at),
            "clone_url": f"{page}.git",
            "git_url": f"{page}.git",
            "default_branch": repo.default_branch,
            "visibility": "private" if repo.private else "public",
            "archived": False,
            "disabled": False,
            "has_issues": True,
            "topics": [],
            "open_issues_count": sum(pull.state == "open" for pull in repo.pulls.values()),
        }

    def label(self, repo: Repository, label: Label) -> Json:
        return {
            "id": label.id,
            "node_id": node_id("LA", label.id),
            "url": f"{self._world.api_url}/repos/{repo.full_name}/labels/{label.name}",
            "name": label.name,
            "description": label.description,
            "color": label.color,
            "default": False,
        }

    def labels(self, pull: PullRequest) -> list[Json]:
        return [self.label(pull.repo, pull.repo.labels[name.lower()]) for name in pull.labels]

    def comment(self, pull: PullRequest, comment: Comment) -> Json:
        api = f"{self._world.api_url}/repos/{pull.repo.full_name}/issues"
        page = f"{self._world.url}/{pull.repo.full_name}/pull/{pull.number}"
        return {
            "id": comment.id,
            "node_id": node_id("IC", comment.id),
            "url": f"{api}/comments/{comment.id}",
            "html_url": f"{page}#issuecomment-{comment.id}",
            "issue_url": f"{api}/{pull.number}",
            "body": comment.body,
            "user": self.account(comment.by),
            "created_at": when(comment.created_at),
            "updated_at": when(comment.updated_at),
            "author_association": "NONE" if comment.by.kind == "Bot" else "MEMBER",
            "performed_via_github_app": self.app(comment.via_app) if comment.via_app else None,
        }

    def review(self, pull: PullRequest, review: Review) -> Json:
        page = f"{self._world.url}/{pull.repo.full_name}/pull/{pull.number}"
        return {
            "id": review.id,
            "node_id": node_id("PRR", review.id),
            "user": self.account(review.by),
            "body": review.body,
            "state": review.state,
            "html_url": f"{page}#pullrequestreview-{review.id}",
            "pull_request_url": f"{self._world.api_url}/repos/{pull.repo.full_name}/pulls/{pull.number}",
            "submitted_at": when(review.at),
            "commit_id": review.commit,
            "author_association": "NONE" if review.by.kind == "Bot" else "MEMBER",
        }
