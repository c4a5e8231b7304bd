"""What follows when a ref moves: pull request heads and bases go along, and the app is told.

Commits made by the `push` verb and packs received over HTTP end here alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from integrations.sandbox.commits import pushed
from integrations.sandbox.details import CommitDetails, Files
from integrations.sandbox.git.gitdir import NO_OID
from integrations.sandbox.github.announce import Announcer
from integrations.sandbox.github.checks import Checks
from integrations.sandbox.github.model import Account, PullRequest, Push, Repository
from integrations.sandbox.github.refusal import Refusal


class Pushes:
    def __init__(self, tell: Announcer, checks: Checks) -> None:
        self._tell = tell
        self._checks = checks
        self._world = tell.world

    def push(self, repo: Repository, branch: str, files: Files, details: CommitDetails) -> str:
        """One commit on that branch (made from the default branch if new), pushed. Returns its id."""
        by = self._world.account(details.get("by") or self._anyone())
        ref = branch if branch.startswith("refs/") else f"refs/heads/{branch}"
        before = repo.git.refs.get(ref)
        after = repo.git.commit(pushed(self._world, repo, ref, files, {**details, "by": by.login}))
        self.moved(repo, {ref: before}, by)
        return after

    def moved(self, repo: Repository, before: Mapping[str, str | None], by: Account) -> None:
        """Refs of the repository moved away from `before`: bring pull requests along and tell of it."""
        for ref, old in before.items():
            if repo.git.refs.get(ref) != old and not ref.startswith("refs/pull/"):
                self._moved(repo, self._record(repo, ref, old, by))

    def delete(self, repo: Repository, branch: str, by: Account) -> None:
        ref = f"refs/heads/{branch}"
        if ref not in repo.git.refs:
            raise Refusal(422, "Reference does not exist")
        old = repo.git.refs[ref]
        repo.git.set_ref(ref, None)
        self.moved(repo, {ref: old}, by)

    def _record(self, repo: Repository, ref: str, old: str | None, by: Account) -> Push:
        new = repo.git.refs.get(ref)
        if new is None:
            kind = "branch_deletion"
        elif old is None:
            kind = "branch_creation"
        else:
            kind = "push" if repo.git.contains(new, old) else "force_push"
        push = Push(self._world.next_id("push"), ref, old or NO_OID, new or NO_OID, by, self._world.now(), kind)
        repo.pushes.append(push)
        return push

    def _moved(self, repo: Repository, push: Push) -> None:
        branch = push.ref.removeprefix("refs/heads/")
        heads = [pull for pull in self._open_pulls() if pull.head_repo is repo and pull.head_ref == branch]
        if push.after == NO_OID:
            self._gone(repo, heads, push)
            return
        for pull in self._open_pulls():
            if pull.repo is repo and pull.base_ref == branch:
                pull.base_sha = push.after
        for pull in heads:
            self._advance(pull, push.after)
        self._tell.push(repo, push)
        for pull in heads:
            self._tell.pull("synchronize", pull, push.by, before=push.before, after=push.after)
        self._close_landed(repo, branch, push)
        if branch != push.ref and repo.installed:
            suite = self._checks.suite(repo, self._world.app.id, push.after)
            self._tell.suite("requested", repo, suite, push.by)

    def _gone(self, repo: Repository, heads: list[PullRequest], push: Push) -> None:
        """A deleted branch takes its open pull requests with it."""
        self._tell.push(repo, push)
        for pull in heads:
            pull.state, pull.closed_at = "closed", push.at
            pull.updated_at = push.at
            self._tell.pull("closed", pull, push.by)

    def _advance(self, pull: PullRequest, after: str) -> None:
        git, ref = pull.repo.git, f"refs/pull/{pull.number}/head"
        if pull.head_repo is pull.repo:
            git.set_ref(ref, after)
        else:
            git.fetch(pull.head_repo.git, after, ref)
        pull.head_sha = after
        pull.updated_at = self._world.now()

    def _close_landed(self, repo: Repository, branch: str, push: Push) -> None:
        """A push to the base that brings a pull request's head with it marks that request merged."""
        for pull in self._open_pulls():
            if pull.repo is repo and pull.base_ref == branch and repo.git.contains(push.after, pull.head_sha):
                landed = repo.git.commits_between(push.before if push.before != NO_OID else None, push.after)
                if pull.head_sha in landed:
                    mark_merged(pull, push)
                    self._tell.pull("closed", pull, push.by)

    def _open_pulls(self) -> list[PullRequest]:
        known = self._world.repositories.values()
        return [pull for repo in known for pull in repo.pulls.values() if pull.state == "open"]

    def _anyone(self) -> str:
        people = [each for each in self._world.accounts.values() if each.kind == "User"]
        if not people:
            raise ValueError("nobody to push: make a user first, or say by=…")
        return people[0].login


def mark_merged(pull: PullRequest, push: Push) -> None:
    """The records of a merge; telling of it is the caller's."""
    pull.state = "closed"
    pull.merged_at = pull.closed_at = pull.updated_at = push.at
    pull.merged_by = push.by
    pull.merge_sha = push.after
