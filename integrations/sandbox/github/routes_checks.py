"""Routes about check runs, check suites and commit statuses."""

from __future__ import annotations

from integrations.sandbox.github import validation
from integrations.sandbox.github.call import Answer, Call, Routes
from integrations.sandbox.github.checks import STATUS_CONTEXT_LIMIT
from integrations.sandbox.github.model import CheckRun, Status
from integrations.sandbox.github.refusal import Refusal, not_found

ROUTES = Routes()


@ROUTES.add("POST /repos/{owner}/{repo}/check-runs", "checks:write")
def create(call: Call) -> Answer:
    values = validation.check_run(call.body, new=True)
    _apps_only(call)
    run = call.verbs.checks.create(call.repo, values, call.verbs.world.app.id)
    call.verbs.merging.reported(call.repo, run.sha)
    return Answer(call.verbs.tell.checks.run(call.repo, run), 201)


@ROUTES.add("PATCH /repos/{owner}/{repo}/check-runs/{run}", "checks:write")
def update(call: Call) -> Answer:
    run = _run(call)
    values = validation.check_run(call.body, new=False)
    _apps_only(call)
    if run.suite.app != call.verbs.world.app.id:
        raise Refusal(
            403, f"Invalid app_id `{call.verbs.world.app.id}` - check run can only be modified by the app that made it."
        )
    call.verbs.checks.update(call.repo, run, values)
    call.verbs.merging.reported(call.repo, run.sha)
    return Answer(call.verbs.tell.checks.run(call.repo, run))


@ROUTES.add("GET /repos/{owner}/{repo}/check-runs/{run}", "checks:read")
def show(call: Call) -> Answer:
    return Answer(call.verbs.tell.checks.run(call.repo, _run(call)))


@ROUTES.add("GET /repos/{owner}/{repo}/commits/{sha*}/check-runs", "checks:read")
def runs(call: Call) -> Answer:
    sha, query = call.commit(), call.query
    every = query.get("filter", "latest") == "all"
    found = list(call.repo.runs.get(sha, ())) if every else call.verbs.checks.latest(call.repo, sha)
    found = [run for run in found if query.get("check_name", run.name) == run.name]
    found = [run for run in found if query.get("app_id", str(run.suite.app)) == str(run.suite.app)]
    found = [run for run in found if query.get("status", run.status) == run.status]
    found.reverse()
    return call.listed(found, lambda run: call.verbs.tell.checks.run(call.repo, run), "check_runs")


@ROUTES.add("GET /repos/{owner}/{repo}/commits/{sha*}/check-suites", "checks:read")
def suites(call: Call) -> Answer:
    sha = call.commit()
    found = [suite for suite in call.repo.suites.values() if suite.sha == sha]
    return call.listed(found, lambda suite: call.verbs.tell.checks.suite(call.repo, suite), "check_suites")


@ROUTES.add("POST /repos/{owner}/{repo}/statuses/{sha}", "statuses:write")
def set_status(call: Call) -> Answer:
    values = validation.status(call.body)
    world, sha = call.verbs.world, call.path["sha"]
    if call.repo.git.resolve(sha) != sha:
        raise Refusal(422, f"No commit found for SHA: {sha}")
    if len(call.repo.statuses.get(sha, ())) >= STATUS_CONTEXT_LIMIT:
        raise Refusal(422, "This SHA and context has reached the maximum number of statuses.")
    status = Status(
        id=world.next_id("status"), sha=sha, context=values.get("context", "default"), state=values["state"],
        description=values.get("description"), target_url=values.get("target_url"), by=call.by, at=world.now(),
        app=world.app.id if call.caller.kind == "installation" else None,
    )  # fmt: skip
    call.verbs.checks.set_status(call.repo, status)
    call.verbs.merging.reported(call.repo, sha)
    return Answer(call.verbs.tell.checks.status(call.repo, status), 201)


@ROUTES.add("GET /repos/{owner}/{repo}/commits/{sha*}/status", "statuses:read")
def combined(call: Call) -> Answer:
    sha = call.commit()
    state, newest = call.verbs.checks.combined(call.repo, sha)
    shown = call.listed(newest, lambda each: call.verbs.tell.checks.status(call.repo, each))
    body = {"state": state, "statuses": shown.body, "sha": sha, "total_count": len(newest)}
    return Answer({**body, "repository": call.verbs.tell.plain.repository(call.repo)}, page=shown.page)


@ROUTES.add("GET /repos/{owner}/{repo}/commits/{sha*}/statuses", "statuses:read")
def statuses(call: Call) -> Answer:
    found = list(reversed(call.repo.statuses.get(call.commit(), [])))
    return call.listed(found, lambda each: call.verbs.tell.checks.status(call.repo, each))


def _run(call: Call) -> CheckRun:
    run = call.repo.run(call.number("run"))
    if run is None:
        raise not_found()
    return run


def _apps_only(call: Call) -> None:
    if call.caller.kind != "installation":
        raise Refusal(403, "You must authenticate via a GitHub App.")
