"""What people do, by repository name, number and login; every deed is told to the app as GitHub would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from integrations.sandbox.details import CommitDetails, EditDetails, Files, OpenDetails
from integrations.sandbox.github.changes import NewPull
from integrations.sandbox.github.model import CheckRun, Comment, MergeGroup, PullRequest, Review, Status
from integrations.sandbox.github.state import World
from integrations.sandbox.github.verbs import Verbs


class Deeds:
    """The part of `FakeGitHub` that acts. Raises `Refusal` where GitHub would refuse."""

    world: World
    verbs: Verbs

    def push(self, repo: str, branch: str, files: Files, **details: Unpack[CommitDetails]) -> str:
        """One commit, pushed; its id. See `CommitDetails`."""
        with self.world.lock:
            return self.verbs.pushes.push(self.world.repo(repo), branch, files, details)

    def delete_branch(self, repo: str, branch: str, by: str) -> None:
        with self.world.lock:
            self.verbs.pushes.delete(self.world.repo(repo), branch, self.world.account(by))

    def open_change(self, repo: str, head: str, *, by: str, **new: Unpack[OpenDetails]) -> PullRequest:
        with self.world.lock:
            details: NewPull = {"head": head, **new}
            return self.verbs.changes.open(self.world.repo(repo), details, self.world.account(by))

    def edit(self, repo: str, number: int, *, by: str, **new: Unpack[EditDetails]) -> None:
        with self.world.lock:
            self.verbs.changes.edit(self.world.pull(repo, number), new, self.world.account(by))

    def set_draft(self, repo: str, number: int, draft: bool, *, by: str) -> None:
        with self.world.lock:
            self.verbs.changes.set_draft(self.world.pull(repo, number), draft, self.world.account(by))

    def close_change(self, repo: str, number: int, *, by: str) -> None:
        with self.world.lock:
            self.verbs.changes.close(self.world.pull(repo, number), self.world.account(by))

    def reopen(self, repo: str, number: int, *, by: str) -> None:
        with self.world.lock:
            self.verbs.changes.reopen(self.world.pull(repo, number), self.world.account(by))

    def label(self, repo: str, number: int, *names: str, by: str) -> None:
        with self.world.lock:
            self.verbs.changes.label(self.world.pull(repo, number), list(names), self.world.account(by))

    def unlabel(self, repo: str, number: int, name: str, *, by: str) -> None:
        with self.world.lock:
            self.verbs.changes.unlabel(self.world.pull(repo, number), name, self.world.account(by))

    def comment(self, repo: str, number: int, body: str, *, by: str) -> Comment:
        with self.world.lock:
            return self.verbs.changes.comment(self.world.pull(repo, number), body, self.world.account(by))

    def delete_comment(self, repo: str, comment_id: int, *, by: str) -> None:
        with self.world.lock:
            pull, found = self.verbs.changes.find_comment(self.world.repo(repo), comment_id)
            self.verbs.changes.delete_comment(pull, found, self.world.account(by))

    def edit_comment(self, repo: str, comment_id: int, body: str, *, by: str) -> None:
        with self.world.lock:
            pull, found = self.verbs.changes.find_comment(self.world.repo(repo), comment_id)
            self.verbs.changes.edit_comment(pull, found, body, self.world.account(by))

    def review(self, repo: str, number: int, event: str, *, by: str, body: str = "") -> Review:
        """`APPROVE`, `REQUEST_CHANGES` or `COMMENT`."""
        with self.world.lock:
            return self.verbs.changes.review(self.world.pull(repo, number), event, body, self.world.account(by))

    def dismiss_review(self, repo: str, number: int, *, by: str) -> Review:
        """That person's newest review that decides is dismissed, by themselves."""
        with self.world.lock:
            return self.verbs.changes.dismiss(self.world.pull(repo, number), self.world.account(by))

    def press_rerun(self, repo: str, run_id: int, *, by: str, action: str | None = None) -> None:
        """Re-run of a check; with `action`, the run's own button of that identifier."""
        with self.world.lock:
            run = self.world.repo(repo).run(run_id)
            if run is None:
                raise LookupError(f"{repo} has no check run {run_id}")
            self.verbs.checks.press(self.world.repo(repo), run, self.world.account(by), action)

    def press_rerun_all(self, repo: str, sha: str, *, by: str) -> None:
        with self.world.lock:
            self.verbs.checks.rerun_suite(self.world.repo(repo), sha, self.world.account(by))

    def forge_status(self, repo: str, sha: str, context: str, *, by: str, state: str = "success") -> Status:
        """Somebody sets a commit status of that name by hand, as anyone with write access can."""
        with self.world.lock:
            number = self.world.next_id("status")
            account = self.world.account(by)
            status = Status(number, sha, context, state, "Set by hand", None, account, self.world.now())
            self.verbs.checks.set_status(self.world.repo(repo), status)
            self.verbs.merging.reported(self.world.repo(repo), sha)
            return status

    def forge_check(self, repo: str, sha: str, name: str, *, app_id: int, conclusion: str = "success") -> CheckRun:
        """Another app reports a check run of that name."""
        if app_id == self.world.app.id:
            raise ValueError("that is the app's own id; its checks come over the API")
        with self.world.lock:
            values = {"head_sha": sha, "name": name, "conclusion": conclusion}
            made = self.verbs.checks.create(self.world.repo(repo), values, app_id)
            self.verbs.merging.reported(self.world.repo(repo), sha)
            return made

    def merge(self, repo: str, number: int, *, by: str, sha: str | None = None) -> str:
        """Press the green button: the merge commit's id, or the Refusal that GitHub gives."""
        with self.world.lock:
            return self.verbs.merging.merge(self.world.pull(repo, number), self.world.account(by), sha)

    def queue_merge(self, repo: str, numbers: Sequence[int], *, by: str) -> MergeGroup:
        """Put the changes into one merge group, in this order. It lands when its own commit's required checks are green."""
        with self.world.lock:
            pulls = [self.world.pull(repo, number) for number in numbers]
            return self.verbs.merging.queue(self.world.repo(repo), pulls, self.world.account(by))
