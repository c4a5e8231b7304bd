"""Check runs, suites and commit statuses: what apps and people report about a commit.

Both hang on the commit, not on a pull request: two pull requests with one head share them, as on GitHub.
"""

from __future__ import annotations

from typing import Any

from integrations.sandbox.github.announce import Announcer
from integrations.sandbox.github.model import Account, CheckRun, CheckSuite, PullRequest, Repository, Status
from integrations.sandbox.github.refusal import unprocessable

GREEN = {"success", "neutral", "skipped"}
STATUS_CONTEXT_LIMIT = 1_000


class Checks:
    def __init__(self, tell: Announcer) -> None:
        self._tell = tell
        self._world = tell.world

    def create(self, repo: Repository, values: dict[str, Any], app: int) -> CheckRun:
        """A new run in the app's suite of that commit. `values` were checked by the caller."""
        sha = values["head_sha"]
        if repo.git.resolve(sha) != sha:
            raise unprocessable(f"No commit found for SHA: {sha}")
        run = CheckRun(self._world.next_id("run"), self.suite(repo, app, sha), values["name"], sha)
        repo.runs.setdefault(sha, []).append(run)
        run.started_at = self._world.now()
        _fill(run, values)
        self._complete(run, values)
        self._tell.run("created", repo, run, self._world.app.bot)
        if run.status == "completed":
            self._tell.run("completed", repo, run, self._world.app.bot)
        return run

    def update(self, repo: Repository, run: CheckRun, values: dict[str, Any]) -> None:
        was = (run.status, run.conclusion)
        run.name = values.get("name", run.name)
        _fill(run, values)
        self._complete(run, values)
        if run.status == "completed" and was != (run.status, run.conclusion):
            self._tell.run("completed", repo, run, self._world.app.bot)

    def suite(self, repo: Repository, app: int, sha: str) -> CheckSuite:
        """The one suite of that app on that commit."""
        known = repo.suites.get((app, sha))
        if known is None:
            branch = next((ref.removeprefix("refs/heads/") for ref, oid in repo.git.refs.items() if oid == sha), None)
            known = CheckSuite(self._world.next_id("suite"), app, sha, branch, self._world.now())
            repo.suites[(app, sha)] = known
        return known

    def latest(self, repo: Repository, sha: str) -> list[CheckRun]:
        """The newest run of each name and app, oldest first: all that counts for a merge."""
        newest = {(run.suite.app, run.name): run for run in repo.runs.get(sha, ())}
        return sorted(newest.values(), key=lambda run: run.id)

    def press(self, repo: Repository, run: CheckRun, by: Account, action: str | None = None) -> None:
        """A person presses Re-run, or the run's own button of that identifier."""
        if action is None:
            self._tell.run("rerequested", repo, run, by)
            return
        if action not in {each["identifier"] for each in run.actions}:
            raise ValueError(f"check run {run.id} offers {[each['identifier'] for each in run.actions]}, not {action!r}")
        self._tell.run("requested_action", repo, run, by, requested_action={"identifier": action})

    def rerun_suite(self, repo: Repository, sha: str, by: Account) -> None:
        self._tell.suite("rerequested", repo, self.suite(repo, self._world.app.id, sha), by)

    def set_status(self, repo: Repository, status: Status) -> None:
        repo.statuses.setdefault(status.sha, []).append(status)

    def combined(self, repo: Repository, sha: str) -> tuple[str, list[Status]]:
        """The rolled-up state and the newest status of each context."""
        newest = {status.context: status for status in repo.statuses.get(sha, ())}
        states = {status.state for status in newest.values()}
        if states & {"failure", "error"}:
            return "failure", list(newest.values())
        return "success" if states == {"success"} else "pending", list(newest.values())

    # what stands in the way of a merge

    def verdict(self, repo: Repository, sha: str, context: str, app: int | None) -> str:
        """`green`, `failing`, `pending` or `expected` for one required check on one commit, from that app if one is named."""
        runs = [run for run in self.latest(repo, sha) if run.name == context and app in (None, run.suite.app)]
        told = ["green" if run.conclusion in GREEN else "failing" if run.conclusion else "pending" for run in runs]
        newest = {(each.context, each.app): each for each in repo.statuses.get(sha, ()) if app in (None, each.app)}
        words = {"success": "green", "pending": "pending"}
        told += [words.get(each.state, "failing") for each in newest.values() if each.context == context]
        return next((word for word in ("failing", "pending", "green") if word in told), "expected")

    def missing(self, repo: Repository, branch: str, sha: str) -> list[tuple[str, str]]:
        """Required checks of the branch that are not green on that commit, each with what it is instead."""
        protection = repo.protections.get(branch)
        wanted = protection.checks if protection else ()
        told = [(context, self.verdict(repo, sha, context, app)) for context, app in wanted]
        return [(context, word) for context, word in told if word != "green"]

    def green(self, pull: PullRequest) -> bool:
        return not self.missing(pull.repo, pull.base_ref, pull.head_sha)

    def _complete(self, run: CheckRun, values: dict[str, Any]) -> None:
        if run.status == "completed":
            run.completed_at = values.get("completed_at") or run.completed_at or self._world.now()


def _fill(run: CheckRun, values: dict[str, Any]) -> None:
    run.external_id = values.get("external_id", run.external_id)
    run.details_url = values.get("details_url", run.details_url)
    run.started_at = values.get("started_at", run.started_at)
    run.output = {**run.output, **values.get("output", {})}
    run.actions = values.get("actions", run.actions)
    run.status = values.get("status", run.status)
    if "conclusion" in values:
        run.conclusion, run.status = values["conclusion"], "completed"
    elif run.status != "completed":
        run.conclusion = run.completed_at = None
