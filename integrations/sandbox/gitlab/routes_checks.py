"""Routes about what lets a merge request be merged: approvals and their rules, and external status checks."""

from __future__ import annotations

from integrations.sandbox.gitlab.call import Answer, Call, Routes
from integrations.sandbox.gitlab.parameters import among, number, text
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import unauthorized

ROUTES = Routes()
READ = Access.REPORTER
_ON = "/projects/{id}/merge_requests/{iid}"


@ROUTES.add(f"GET {_ON}/approvals", READ)
def approvals(call: Call) -> Answer:
    return Answer(call.render.mrs.approvals(call.merge_request))


@ROUTES.add(f"POST {_ON}/approve", Access.NONE, sha=text(), approval_password=text())
def approve(call: Call) -> Answer:
    call.verbs.approvals.approve(call.merge_request, call.by, call.given.get("sha"))
    return Answer(call.render.mrs.approvals(call.merge_request), 201)


@ROUTES.add(f"POST {_ON}/unapprove", Access.NONE)
def unapprove(call: Call) -> Answer:
    call.verbs.approvals.unapprove(call.merge_request, call.by)
    return Answer(call.render.mrs.approvals(call.merge_request), 201)


@ROUTES.add(f"GET {_ON}/approval_state", READ, "premium")
def approval_state(call: Call) -> Answer:
    mr = call.merge_request
    rules = [call.render.mrs.rule_state(mr, rule) for rule in call.verbs.approvals.rules(mr)]
    return Answer({"approval_rules_overwritten": False, "rules": rules})


@ROUTES.add(f"GET {_ON}/approval_rules", READ, "premium")
def change_rules(call: Call) -> Answer:
    return call.listed(call.verbs.approvals.rules(call.merge_request), call.render.mrs.approval_rule)


@ROUTES.add("GET /projects/{id}/approval_rules", READ, "premium")
def project_rules(call: Call) -> Answer:
    return call.listed(call.project.approval_rules, call.render.mrs.approval_rule)


@ROUTES.add("GET /projects/{id}/approvals", READ, "premium")
def approval_settings(call: Call) -> Answer:
    settings = call.project.settings
    return Answer(
        {
            "approvals_before_merge": 0,
            "reset_approvals_on_push": settings.reset_approvals_on_push,
            "selective_code_owner_removals": False,
            "disable_overriding_approvers_per_merge_request": not settings.rules_may_be_edited,
            "merge_requests_author_approval": settings.author_may_approve,
            "merge_requests_disable_committers_approval": not settings.committers_may_approve,
            "require_password_to_approve": False,
            "require_reauthentication_to_approve": False,
        }
    )


# external status checks


@ROUTES.add("GET /projects/{id}/external_status_checks", READ, "ultimate")
def external_checks(call: Call) -> Answer:
    """For who administers the project, and 401 for others. Which checks a merge request has, its own list tells them."""
    if call.world.access(call.project, call.by) < Access.MAINTAINER:
        raise unauthorized()
    checks = list(call.project.status_checks.values())
    return call.listed(checks, lambda each: call.render.mrs.status_check(call.project, each))


@ROUTES.add(f"GET {_ON}/status_checks", READ, "ultimate")
def checks(call: Call) -> Answer:
    mr = call.merge_request
    return call.listed(call.verbs.status_checks.applicable(mr), lambda each: call.render.mrs.check_state(mr, each))


@ROUTES.add(
    f"POST {_ON}/status_check_responses", Access.NONE, "ultimate", sha=text(required=True),
    external_status_check_id=number(required=True), status=among("pending", "passed", "failed", required=True),
)  # fmt: skip
def respond(call: Call) -> Answer:
    mr, given = call.merge_request, call.given
    number_of_check = given["external_status_check_id"]
    made = call.verbs.status_checks.respond(mr, number_of_check, given["sha"], given["status"], call.by)
    check = call.project.status_checks[number_of_check]
    told = {"id": check.id, "merge_request": call.render.mrs.short(mr), "sha": made.sha, "status": made.status}
    return Answer({**told, "external_status_check": call.render.mrs.status_check(call.project, check)}, 201)


@ROUTES.add(f"POST {_ON}/status_checks/{{check_id}}/retry", Access.NONE, "ultimate")
def retry(call: Call) -> Answer:
    call.verbs.status_checks.retry(call.merge_request, call.number("check_id"), call.by)
    return Answer(None, 202)
