"""Routes about pipelines, jobs and what they leave, commit statuses, and merge trains."""

from __future__ import annotations

from integrations.sandbox.gitlab.call import Answer, Call, Routes, record_not_found
from integrations.sandbox.gitlab.model import Job, Pipeline
from integrations.sandbox.gitlab.parameters import among, flag, instant, number, several, text
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import Refusal, not_found
from integrations.sandbox.gitlab.statuses import NewStatus

ROUTES = Routes()
READ = Access.REPORTER
_SCOPES = several(among("created", "pending", "running", "failed", "success", "canceled", "skipped", "manual"), commas=True)
_STATES = ("pending", "running", "success", "failed", "canceled", "skipped")
_SORT = among("asc", "desc")


@ROUTES.add(
    "GET /projects/{id}/pipelines", READ, ref=text(), sha=text(), status=among("created", *_STATES), source=text(),
    updated_after=instant(), order_by=among("id", "status", "ref", "updated_at", "user_id"), sort=_SORT, scope=text(),
    username=text(),
)  # fmt: skip
def pipelines(call: Call) -> Answer:
    given = call.given
    found = [
        each
        for each in call.project.pipelines
        if given.get("ref") in (None, each.ref)
        and given.get("sha") in (None, each.sha)
        and given.get("status") in (None, each.status)
        and given.get("source") in (None, each.source)
        and (given.get("updated_after") is None or each.at >= given["updated_after"])
    ]
    found.sort(key=lambda each: each.id, reverse=given.get("sort", "desc") == "desc")
    return call.listed(found, call.render.ci.short)


@ROUTES.add("GET /projects/{id}/pipelines/{pipeline_id}", READ)
def pipeline(call: Call) -> Answer:
    return Answer(call.render.ci.full(_pipeline(call)))


@ROUTES.add("GET /projects/{id}/pipelines/{pipeline_id}/jobs", READ, scope=_SCOPES, include_retried=flag())
def pipeline_jobs(call: Call) -> Answer:
    """The project's own CI alone: a status posted from outside is no job here."""
    found, wanted = _pipeline(call), call.given.get("scope")
    jobs = [job for job in found.jobs if not job.external and (call.given.get("include_retried") or not job.retried)]
    jobs = [job for job in jobs if wanted is None or job.status in wanted]
    return call.listed(sorted(jobs, key=lambda job: -job.id), lambda job: call.render.ci.job(found, job))


@ROUTES.add("GET /projects/{id}/jobs/{job_id}", READ)
def job(call: Call) -> Answer:
    return Answer(call.render.ci.job(*_job(call)))


@ROUTES.add("GET /projects/{id}/jobs/{job_id}/artifacts", READ)
def artifacts(call: Call) -> Answer:
    _, found = _job(call)
    if found.artifacts is None:
        raise not_found()
    headers = {"Content-Disposition": 'attachment; filename="artifacts.zip"', "Content-Type": "application/zip"}
    return Answer(found.artifacts, headers=headers)


def _pipeline(call: Call) -> Pipeline:
    known = next((each for each in call.project.pipelines if each.id == call.number("pipeline_id")), None)
    if known is None:
        raise record_not_found()
    return known


def _job(call: Call) -> tuple[Pipeline, Job]:
    number_of_job = call.number("job_id")
    for each in call.project.pipelines:
        for found in each.jobs:
            if found.id == number_of_job and not found.external:
                return each, found
    raise record_not_found()


# commit statuses


@ROUTES.add(
    "GET /projects/{id}/repository/commits/{sha}/statuses", READ, ref=text(), stage=text(), name=text(), all=flag(),
    pipeline_id=number(), order_by=among("id", "pipeline_id"), sort=_SORT,
)  # fmt: skip
def statuses(call: Call) -> Answer:
    """Jobs of the project's own CI are among them. Rows that newer ones replaced come only with `all`."""
    sha, given = call.commit(), call.given
    rows = [
        (each, row)
        for each in call.project.pipelines
        for row in each.jobs
        if each.sha == sha
        and (given.get("all") or not row.retried)
        and given.get("pipeline_id") in (None, each.id)
        and given.get("ref") in (None, row.ref or each.ref)
        and given.get("stage") in (None, row.stage)
        and given.get("name") in (None, row.name)
    ]
    by_pipeline = given.get("order_by") == "pipeline_id"
    rows.sort(key=lambda row: (row[0].id if by_pipeline else 0, row[1].id), reverse=given.get("sort") == "desc")
    return call.listed(rows, lambda row: call.render.ci.status(*row))


@ROUTES.add(
    "POST /projects/{id}/statuses/{sha}", Access.NONE, state=among(*_STATES, required=True), ref=text(), name=text(),
    context=text(), target_url=text(), description=text(), coverage=text(), pipeline_id=number(),
)  # fmt: skip
def post_status(call: Call) -> Answer:
    new: NewStatus = {"state": call.given["state"]}
    for name in ("name", "context", "ref", "target_url", "description", "pipeline_id"):
        if name in call.given:
            new[name] = call.given[name]
    made = call.verbs.statuses.post(call.project, call.path["sha"], new, call.by)
    holder = next(each for each in call.project.pipelines if made in each.jobs)
    return Answer(call.render.ci.status(holder, made), 201)


# merge trains


@ROUTES.add("GET /projects/{id}/merge_trains", READ, "premium", scope=among("active", "complete"), sort=_SORT)
def trains(call: Call) -> Answer:
    return _cars(call, None)


@ROUTES.add("GET /projects/{id}/merge_trains/{branch}", READ, "premium", scope=among("active", "complete"), sort=_SORT)
def train(call: Call) -> Answer:
    if call.project.git.branch(call.path["branch"]) is None:
        raise not_found("Branch")
    return _cars(call, call.path["branch"])


@ROUTES.add("GET /projects/{id}/merge_trains/merge_requests/{iid}", READ, "premium")
def car(call: Call) -> Answer:
    found = call.verbs.trains.car(call.merge_request)
    if found is None:
        raise not_found()
    return Answer(call.render.mrs.car(found))


@ROUTES.add("POST /projects/{id}/merge_trains/merge_requests/{iid}", Access.NONE, "premium", sha=text(), auto_merge=flag())
def add_car(call: Call) -> Answer:
    mr = call.merge_request
    if call.given.get("sha") not in (None, mr.sha):
        raise Refusal(409, "SHA does not match HEAD of source branch")
    call.verbs.trains.add(mr, call.by)
    cars = call.verbs.trains.active(call.project, mr.target_branch)
    return Answer([call.render.mrs.car(each) for each in cars], 201)


def _cars(call: Call, branch: str | None) -> Answer:
    """Newest first unless asked otherwise."""
    done = {"active": (False,), "complete": (True,)}.get(call.given.get("scope", ""), (True, False))
    found = [each for each in call.project.cars if branch in (None, each.target_branch)]
    found = [each for each in found if (each.status in ("merged", "skip_merged")) in done]
    found.sort(key=lambda each: each.id, reverse=call.given.get("sort", "desc") == "desc")
    return call.listed(found, call.render.mrs.car)
