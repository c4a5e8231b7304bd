"""Routes about who may do what: teams, collaborators, branch protection."""

from __future__ import annotations

from integrations.sandbox.github.call import Answer, Call, Routes
from integrations.sandbox.github.model import Account, Protection
from integrations.sandbox.github.refusal import Refusal
from integrations.sandbox.github.render import Json

ROUTES = Routes()
_PERMISSIONS = ("pull", "triage", "push", "maintain", "admin")
_HELD = {"none": 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}


@ROUTES.add("GET /orgs/{org}/teams/{slug}", "members:read")
def team(call: Call) -> Answer:
    found = call.verbs.world.team(call.path["org"], call.path["slug"])
    parent = {"slug": found.parent} if found.parent else None
    return Answer({"id": found.id, "slug": found.slug, "name": found.slug, "privacy": "closed", "parent": parent})


@ROUTES.add("GET /orgs/{org}/teams/{slug}/members", "members:read")
def members(call: Call) -> Answer:
    """Members of the teams below are members of this one."""
    found = call.verbs.world.team_members(call.verbs.world.team(call.path["org"], call.path["slug"]))
    return call.listed(found, call.verbs.tell.plain.account)


@ROUTES.add("GET /users/{login}", "metadata:read")
def user(call: Call) -> Answer:
    account = call.verbs.world.account(call.path["login"])
    return Answer(call.verbs.tell.plain.profile(account))


@ROUTES.add("GET /user/{id}", "metadata:read")
def user_by_id(call: Call) -> Answer:
    return Answer(call.verbs.tell.plain.profile(call.verbs.world.account_by_id(call.number("id"))))


@ROUTES.add("GET /repos/{owner}/{repo}/collaborators", "metadata:read")
def collaborators(call: Call) -> Answer:
    people = [each for each in call.verbs.world.accounts.values() if call.verbs.world.may(call.repo, each, "read")]
    wanted = call.query.get("permission")
    held = [(each, _permissions(call, each)) for each in people]
    found = [(each, has) for each, has in held if wanted is None or has.get(wanted)]
    return call.listed(found, lambda pair: _collaborator(call, *pair))


@ROUTES.add("GET /repos/{owner}/{repo}/collaborators/{login}/permission", "metadata:read")
def permission(call: Call) -> Answer:
    account = call.verbs.world.accounts.get(call.path["login"].lower())
    if account is None:
        raise Refusal(404, f"{call.path['login']} is not a user")
    role = call.verbs.world.permission(call.repo, account)
    legacy = {"triage": "read", "maintain": "write"}.get(role, role)
    told = _collaborator(call, account, _permissions(call, account))
    return Answer({"permission": legacy, "role_name": role, "user": told})


@ROUTES.add("GET /repos/{owner}/{repo}/branches/{branch*}/protection", "administration:read")
def protection(call: Call) -> Answer:
    found = _protection(call)
    if found is None:
        raise Refusal(404, "Branch not protected")
    told: Json = {"url": "", "enforce_admins": {"url": "", "enabled": found.enforce_admins}}
    if found.checks:
        told["required_status_checks"] = {
            "strict": found.strict,
            "contexts": [context for context, _ in found.checks],
            "checks": [{"context": context, "app_id": app} for context, app in found.checks],
        }
    if found.reviews:
        told["required_pull_request_reviews"] = {"required_approving_review_count": found.reviews}
    return Answer({**told, "allow_force_pushes": {"enabled": False}, "allow_deletions": {"enabled": False}})


@ROUTES.add("GET /repos/{owner}/{repo}/rules/branches/{branch*}", "metadata:read")
def rules(call: Call) -> Answer:
    """What rulesets say of the branch. Classic protection does not appear here; the merge queue does."""
    found = _protection(call)
    named = {"ruleset_source_type": "Repository", "ruleset_source": call.repo.full_name, "ruleset_id": call.repo.id}
    told: list[Json] = []
    if found and found.ruleset and found.checks:
        checks = [{"context": context, **({"integration_id": app} if app is not None else {})} for context, app in found.checks]
        parameters = {"strict_required_status_checks_policy": found.strict, "required_status_checks": checks}
        told.append({"type": "required_status_checks", **named, "parameters": parameters})
    if found and found.queue:
        told.append({"type": "merge_queue", **named, "parameters": {"merge_method": "MERGE"}})
    return call.listed(told, lambda each: each)


@ROUTES.add("GET /repos/{owner}/{repo}/branches/{branch*}", "contents:read")
def branch(call: Call) -> Answer:
    oid = call.repo.git.branch(call.path["branch"])
    if oid is None:
        raise Refusal(404, "Branch not found")
    commit = call.verbs.tell.pulls.commit(call.repo, call.repo.git.objects.commit(oid))
    return Answer({"name": call.path["branch"], "commit": commit, "protected": call.path["branch"] in call.repo.protections})


def _protection(call: Call) -> Protection | None:
    if call.repo.git.branch(call.path["branch"]) is None:
        raise Refusal(404, "Branch not found")
    return call.repo.protections.get(call.path["branch"])


def _permissions(call: Call, account: Account) -> dict[str, bool]:
    held = _HELD[call.verbs.world.permission(call.repo, account)]
    return {name: held >= rank for rank, name in enumerate(_PERMISSIONS, 1)}


def _collaborator(call: Call, account: Account, permissions: dict[str, bool]) -> Json:
    role = call.verbs.world.permission(call.repo, account)
    return {**call.verbs.tell.plain.account(account), "permissions": permissions, "role_name": role}
