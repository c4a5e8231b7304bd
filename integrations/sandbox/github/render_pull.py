"""Pull requests, their files and commits as REST objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.sandbox.git.diff import FileChange
from integrations.sandbox.git.objects import GitCommit, GitPerson
from integrations.sandbox.github.model import Account, PullRequest, Repository
from integrations.sandbox.github.render import Json, Renderer, node_id, when
from integrations.sandbox.github.state import World

_UNUSED: Json = {
    "assignee": None,
    "assignees": [],
    "requested_reviewers": [],
    "requested_teams": [],
    "milestone": None,
    "auto_merge": None,
    "active_lock_reason": None,
}


class PullRenderer:
    def __init__(self, world: World, plain: Renderer) -> None:
        self._world = world
        self._plain = plain
        self.blocked: Callable[[PullRequest], bool] = lambda _: False
        """Does branch protection stand in the way? Set by whoever knows the rules."""

    def short(self, pull: PullRequest) -> Json:
        """As in lists: without counts and without what takes a merge to know."""
        api = f"{self._world.api_url}/repos/{pull.repo.full_name}"
        page = f"{self._world.url}/{pull.repo.full_name}/pull/{pull.number}"
        return {
            "url": f"{api}/pulls/{pull.number}",
            "id": pull.id,
            "node_id": node_id("PR", pull.id),
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "issue_url": f"{api}/issues/{pull.number}",
            "number": pull.number,
            "state": pull.state,
            "locked": False,
            "title": pull.title,
            "user": self._plain.account(pull.by),
            "body": pull.body,
            "created_at": when(pull.created_at),
            "updated_at": when(pull.updated_at),
            "closed_at": when(pull.closed_at),
            "merged_at": when(pull.merged_at),
            "merge_commit_sha": pull.merge_sha,
            **_UNUSED,
            "labels": self._plain.labels(pull),
            "draft": pull.draft,
            "commits_url": f"{api}/pulls/{pull.number}/commits",
            "review_comments_url": f"{api}/pulls/{pull.number}/comments",
            "comments_url": f"{api}/issues/{pull.number}/comments",
            "statuses_url": f"{api}/statuses/{pull.head_sha}",
            "head": self._side(pull.head_repo, pull.head_ref, pull.head_sha),
            "base": self._side(pull.repo, pull.base_ref, pull.base_sha),
            "_links": {"self": {"href": f"{api}/pulls/{pull.number}"}, "html": {"href": page}},
            "author_association": "MEMBER" if pull.by.kind == "User" else "NONE",
        }

    def full(self, pull: PullRequest) -> Json:
        """As a single pull request and as webhooks carry it."""
        git = pull.repo.git
        base = git.merge_base(pull.base_sha, pull.head_sha)
        files = git.changes(base, pull.head_sha) if base else ()
        mergeable = git.merge_tree(pull.base_sha, pull.head_sha) is not None if base else False
        return {
            **self.short(pull),
            "merged": pull.merged,
            "mergeable": None if pull.merged else mergeable,
            "rebaseable": None if pull.merged else mergeable,
            "mergeable_state": self._state(pull, mergeable),
            "merged_by": self._plain.account(pull.merged_by) if pull.merged_by else None,
            "comments": len(pull.comments),
            "review_comments": 0,
            "maintainer_can_modify": False,
            "commits": len(git.commits_between(base, pull.head_sha)),
            "additions": sum(file.additions for file in files),
            "deletions": sum(file.deletions for file in files),
            "changed_files": len(files),
        }

    def _state(self, pull: PullRequest, mergeable: bool) -> str:
        if pull.merged:
            return "unknown"
        if not mergeable:
            return "dirty"
        return "draft" if pull.draft else "blocked" if self.blocked(pull) else "clean"

    def file(self, pull: PullRequest, file: FileChange, patch: str | None) -> Json:
        return self.compared(pull.repo, pull.head_sha, file, patch)

    def compared(self, repo: Repository, head: str, file: FileChange, patch: str | None) -> Json:
        api = f"{self._world.api_url}/repos/{repo.full_name}"
        page = f"{self._world.url}/{repo.full_name}"
        told: Json = {
            "sha": file.oid,
            "filename": file.path,
            "status": file.status,
            "additions": file.additions,
            "deletions": file.deletions,
            "changes": file.additions + file.deletions,
            "blob_url": f"{page}/blob/{head}/{file.path}",
            "raw_url": f"{page}/raw/{head}/{file.path}",
            "contents_url": f"{api}/contents/{file.path}?ref={head}",
        }
        if patch is not None:
            told["patch"] = patch
        if file.previous:
            told["previous_filename"] = file.previous
        return told

    def commit(self, repo: Repository, commit: GitCommit) -> Json:
        api = f"{self._world.api_url}/repos/{repo.full_name}"
        verified = commit.oid in self._world.verified
        reason = "valid" if verified else "unknown_key" if commit.signature else "unsigned"
        return {
            "sha": commit.oid,
            "node_id": f"C_{commit.oid}",
            "commit": {
                "author": person(commit.author),
                "committer": person(commit.committer),
                "message": commit.message.removesuffix("\n"),
                "tree": {"sha": commit.tree, "url": f"{api}/git/trees/{commit.tree}"},
                "url": f"{api}/git/commits/{commit.oid}",
                "comment_count": 0,
                "verification": {
                    "verified": verified,
                    "reason": reason,
                    "signature": commit.signature or None,
                    "payload": None,
                    "verified_at": None,
                },
            },
            "url": f"{api}/commits/{commit.oid}",
            "html_url": f"{self._world.url}/{repo.full_name}/commit/{commit.oid}",
            "comments_url": f"{api}/commits/{commit.oid}/comments",
            "author": self._tied(commit.author),
            "committer": self._tied(commit.committer),
            "parents": [{"sha": oid, "url": f"{api}/commits/{oid}"} for oid in commit.parents],
        }

    def _tied(self, who: GitPerson) -> Json | None:
        account: Account | None = self._world.by_email(who.email)
        return self._plain.account(account) if account else None

    def _side(self, repo: Repository, ref: str, sha: str) -> dict[str, Any]:
        return {
            "label": f"{repo.owner.login}:{ref}",
            "ref": ref,
            "sha": sha,
            "user": self._plain.account(repo.owner),
            "repo": self._plain.repository(repo),
        }


def person(who: GitPerson) -> Json:
    return {"name": who.name, "email": who.email, "date": when(who.at)}
