"""Check suites, check runs and commit statuses as GraphQL sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from integrations.sandbox.github.checks import GREEN
from integrations.sandbox.github.graphql_paging import Connection
from integrations.sandbox.github.graphql_view import AccountView, Gaze
from integrations.sandbox.github.model import CheckRun, CheckSuite, Repository, Status
from integrations.sandbox.github.render import node_id, when
from integrations.sandbox.github.render_check import suite_conclusion
from integrations.sandbox.graphql.connection import Paging
from integrations.sandbox.graphql.documents import View

if TYPE_CHECKING:
    from integrations.sandbox.github.graphql_git import CommitView


class SuiteView(View):
    typename = "CheckSuite"

    def __init__(self, gaze: Gaze, repo: Repository, suite: CheckSuite) -> None:
        self._gaze = gaze
        self._repo = repo
        self._suite = suite
        self.id = node_id("CS", suite.id)
        self.database_id = suite.id
        self.created_at = when(suite.at)
        self._runs = [run for run in repo.runs.get(suite.sha, []) if run.suite is suite]
        done = bool(self._runs) and all(run.status == "completed" for run in self._runs)
        self.status = "COMPLETED" if done else "QUEUED"
        self.conclusion = suite_conclusion(self._runs).upper() if done else None

    @property
    def app(self) -> dict[str, Any] | None:
        app = self._gaze.world.app
        if app.id != self._suite.app:
            return {"id": node_id("A", self._suite.app), "databaseId": self._suite.app, "name": "other", "slug": "other"}
        return {"id": node_id("A", app.id), "databaseId": app.id, "name": app.slug, "slug": app.slug}

    @property
    def commit(self) -> CommitView:
        from integrations.sandbox.github.graphql_git import CommitView  # the two see each other

        return CommitView(self._gaze, self._repo, self._suite.sha)

    def check_runs(self, filter_by: dict[str, Any] | None = None, **paging: Unpack[Paging]) -> Connection[CheckRun]:
        wanted = filter_by or {}
        found = self._runs
        if wanted.get("check_type") != "ALL":
            found = sorted({run.name: run for run in found}.values(), key=lambda run: run.id)
        statuses = set(wanted.get("statuses") or ()) | ({wanted["status"]} if wanted.get("status") else set())
        found = [run for run in found if wanted.get("check_name") in (None, run.name)]
        found = [run for run in found if wanted.get("app_id") in (None, run.suite.app)]
        found = [run for run in found if not statuses or run.status.upper() in statuses]
        conclusions = set(wanted.get("conclusions") or ())
        found = [run for run in found if not conclusions or (run.conclusion or "").upper() in conclusions]
        return Connection("checkRuns", found, lambda each: CheckRunView(self._gaze, self._repo, each), paging)


class CheckRunView(View):
    typename = "CheckRun"

    def __init__(self, gaze: Gaze, repo: Repository, run: CheckRun) -> None:
        self._gaze = gaze
        self._repo = repo
        self._run = run
        self.id = node_id("CR", run.id)
        self.database_id = run.id
        self.name = run.name
        self.status = run.status.upper()
        self.conclusion = run.conclusion.upper() if run.conclusion else None
        self.external_id = run.external_id
        self.permalink = self.url = f"{gaze.world.url}/{repo.full_name}/runs/{run.id}"
        self.details_url = run.details_url or self.url
        self.started_at = when(run.started_at)
        self.completed_at = when(run.completed_at)
        self.title = run.output.get("title")
        self.summary = run.output.get("summary")
        self.text = run.output.get("text")

    @property
    def check_suite(self) -> SuiteView:
        return SuiteView(self._gaze, self._repo, self._run.suite)

    def is_required(self, pull_request_id: str | None = None, pull_request_number: int | None = None) -> bool:
        pulls = self._repo.pulls.values()
        found = [each for each in pulls if each.number == pull_request_number or node_id("PR", each.id) == pull_request_id]
        protection = self._repo.protections.get(found[0].base_ref) if found else None
        return protection is not None and any(context == self.name for context, _ in protection.checks)


class StatusContextView(View):
    typename = "StatusContext"

    def __init__(self, gaze: Gaze, status: Status) -> None:
        self.id = node_id("SC", status.id)
        self.context = status.context
        self.state = status.state.upper()
        self.description = status.description
        self.target_url = status.target_url
        self.created_at = when(status.at)
        self.creator = AccountView(gaze, status.by)


class StatusView(View):
    typename = "Status"

    def __init__(self, gaze: Gaze, repo: Repository, sha: str) -> None:
        state, newest = gaze.verbs.checks.combined(repo, sha)
        self.id = f"ST_{repo.id}_{sha}"
        self.state = state.upper()
        self.contexts = [StatusContextView(gaze, each) for each in newest]

    def context(self, name: str) -> StatusContextView | None:
        return next((each for each in self.contexts if each.context == name), None)


class RollupView(View):
    typename = "StatusCheckRollup"

    def __init__(self, gaze: Gaze, repo: Repository, sha: str) -> None:
        gaze.need("checks:read")
        state, newest = gaze.verbs.checks.combined(repo, sha)
        runs = gaze.verbs.checks.latest(repo, sha)
        self.id = f"SCR_{repo.id}_{sha}"
        self._all: list[View] = [CheckRunView(gaze, repo, run) for run in runs]
        self._all += [StatusContextView(gaze, each) for each in newest]
        ended = {run.conclusion for run in runs}
        if state == "failure" or ended - GREEN - {None}:
            self.state = "FAILURE"
        else:
            self.state = "PENDING" if None in ended or (newest and state == "pending") else "SUCCESS"

    def contexts(self, **paging: Unpack[Paging]) -> Connection[View]:
        return Connection("contexts", self._all, lambda each: each, paging)
