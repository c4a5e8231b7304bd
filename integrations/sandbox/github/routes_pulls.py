"""Routes about pull requests, comparisons and reviews."""

from __future__ import annotations

from typing import cast

from integrations.sandbox.details import EditDetails
from integrations.sandbox.github.call import Answer, Call, Routes
from integrations.sandbox.github.changes import NewPull
from integrations.sandbox.github.model import PullRequest
from integrations.sandbox.github.refusal import Refusal, not_found, unprocessable
from integrations.sandbox.github.validation import Field, checked

ROUTES = Routes()
MAX_FILES = 3_000
MAX_COMMITS = 250
MAX_COMPARED = 300
READ, WRITE = "pull_requests:read", "pull_requests:write"


@ROUTES.add("GET /repos/{owner}/{repo}/pulls", READ)
def pulls(call: Call) -> Answer:
    state = call.query.get("state", "open")
    found = [pull for pull in call.repo.pulls.values() if state in ("all", pull.state)]
    if "head" in call.query:
        owner, colon, branch = call.query["head"].partition(":")
        if colon:  # without an owner GitHub passes over the filter
            found = [each for each in found if (each.head_repo.owner.login, each.head_ref) == (owner, branch)]
    if "base" in call.query:
        found = [each for each in found if each.base_ref == call.query["base"]]
    by_update = call.query.get("sort") == "updated"
    newest_first = call.query.get("direction", "desc") == "desc"
    found.sort(key=lambda each: (each.updated_at if by_update else each.created_at, each.number), reverse=newest_first)
    return call.listed(found, call.verbs.tell.pulls.short)


@ROUTES.add("POST /repos/{owner}/{repo}/pulls", WRITE)
def open_pull(call: Call) -> Answer:
    fields = {name: Field(required=name in ("head", "base")) for name in ("head", "base", "title", "body")}
    values = checked("PullRequest", call.body, {**fields, "draft": Field(bool), "maintainer_can_modify": Field(bool)})
    values.pop("maintainer_can_modify", None)
    return Answer(call.verbs.tell.pulls.full(call.verbs.changes.open(call.repo, cast("NewPull", values), call.by)), 201)


@ROUTES.add("GET /repos/{owner}/{repo}/pulls/{number}", READ)
def pull(call: Call) -> Answer:
    return Answer(call.verbs.tell.pulls.full(call.pull))


@ROUTES.add("PATCH /repos/{owner}/{repo}/pulls/{number}", WRITE)
def edit_pull(call: Call) -> Answer:
    states = Field(among=frozenset({"open", "closed"}))
    fields = {"title": Field(), "body": Field(), "base": Field(), "state": states, "maintainer_can_modify": Field(bool)}
    values = checked("PullRequest", call.body, fields)
    edit = {name: value for name, value in values.items() if name in ("title", "body", "base")}
    call.verbs.changes.edit(call.pull, cast("EditDetails", edit), call.by)
    if values.get("state") == "closed":
        call.verbs.changes.close(call.pull, call.by)
    elif values.get("state") == "open":
        call.verbs.changes.reopen(call.pull, call.by)
    return Answer(call.verbs.tell.pulls.full(call.pull))


@ROUTES.add("GET /repos/{owner}/{repo}/pulls/{number}/files", READ)
def files(call: Call) -> Answer:
    pull = call.pull
    base = pull.repo.git.merge_base(pull.base_sha, pull.head_sha)
    if base is None:
        raise Refusal(422, "Sorry, there was a problem generating this diff. The repository may be missing relevant data.")
    found = pull.repo.git.changes(base, pull.head_sha)[:MAX_FILES]
    patches = pull.repo.git.patches(base, pull.head_sha)
    pairs = list(zip(found, patches, strict=False))
    return call.listed(pairs, lambda pair: call.verbs.tell.pulls.file(pull, *pair))


@ROUTES.add("GET /repos/{owner}/{repo}/pulls/{number}/commits", READ)
def commits(call: Call) -> Answer:
    git = call.repo.git
    base = git.merge_base(call.pull.base_sha, call.pull.head_sha)
    oids = git.commits_between(base, call.pull.head_sha)[:MAX_COMMITS]
    return call.listed(oids, lambda oid: call.verbs.tell.pulls.commit(call.repo, git.objects.commit(oid)))


@ROUTES.add("PUT /repos/{owner}/{repo}/pulls/{number}/merge", "contents:write")
def merge(call: Call) -> Answer:
    fields = {name: Field() for name in ("commit_title", "commit_message", "sha")}
    values = checked("PullRequest", call.body, {**fields, "merge_method": Field(among=frozenset({"merge"}))})
    if call.caller.kind != "user":
        raise unprocessable("The sandbox lets only people merge.")
    made = call.verbs.merging.merge(call.pull, call.by, values.get("sha"))
    return Answer({"sha": made, "merged": True, "message": "Pull Request successfully merged"})


@ROUTES.add("GET /repos/{owner}/{repo}/pulls/{number}/merge", "contents:read")
def is_merged(call: Call) -> Answer:
    if not call.pull.merged:
        raise not_found()
    return Answer(None, 204)


@ROUTES.add("GET /repos/{owner}/{repo}/pulls/{number}/reviews", READ)
def reviews(call: Call) -> Answer:
    return call.listed(call.pull.reviews, lambda each: call.verbs.tell.plain.review(call.pull, each))


@ROUTES.add("POST /repos/{owner}/{repo}/pulls/{number}/reviews", WRITE)
def review(call: Call) -> Answer:
    fields = {"event": Field(required=True), "body": Field(), "commit_id": Field(), "comments": Field(list)}
    values = checked("PullRequestReview", call.body, fields)
    if values.get("commit_id", call.pull.head_sha) not in call.repo.git.commits_between(None, call.pull.head_sha):
        raise Refusal(422, "Unprocessable Entity: commit_id is not part of the pull request")
    made = call.verbs.changes.review(call.pull, values["event"], values.get("body", ""), call.by)
    made.commit = values.get("commit_id", made.commit)
    return Answer(call.verbs.tell.plain.review(call.pull, made))


@ROUTES.add("GET /repos/{owner}/{repo}/commits/{sha*}/pulls", READ)
def pulls_of_commit(call: Call) -> Answer:
    """Open and merged pull requests whose commits include this one."""
    sha, git = call.commit(), call.repo.git

    def holds(pull: PullRequest) -> bool:
        base = git.merge_base(pull.base_sha, pull.head_sha)
        return pull.head_sha == sha or (not pull.merged and sha in git.commits_between(base, pull.head_sha))

    return call.listed([each for each in call.repo.pulls.values() if holds(each)], call.verbs.tell.pulls.short)


@ROUTES.add("GET /repos/{owner}/{repo}/compare/{basehead*}", "contents:read")
def compare(call: Call) -> Answer:
    base_name, dots, head_name = call.path["basehead"].partition("...")
    git = call.repo.git
    base, head = git.resolve(base_name.rpartition(":")[2]), git.resolve(head_name.rpartition(":")[2])
    if not dots or base is None or head is None:
        raise not_found()
    middle = git.merge_base(base, head)
    if middle is None:
        raise Refusal(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = git.commits_between(middle, head), git.commits_between(middle, base)
    render = call.verbs.tell.pulls
    shown = call.listed(ahead, lambda oid: render.commit(call.repo, git.objects.commit(oid)))
    pairs = list(zip(git.changes(middle, head), git.patches(middle, head), strict=True))[:MAX_COMPARED]
    words = {(False, False): "identical", (True, False): "ahead", (False, True): "behind", (True, True): "diverged"}
    page = f"{call.verbs.world.url}/{call.repo.full_name}/compare/{call.path['basehead']}"
    body = {
        "url": f"{call.verbs.world.api_url}/repos/{call.repo.full_name}/compare/{call.path['basehead']}",
        "html_url": page,
        "base_commit": render.commit(call.repo, git.objects.commit(base)),
        "merge_base_commit": render.commit(call.repo, git.objects.commit(middle)),
        "status": words[(bool(ahead), bool(behind))],
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": shown.body,
        "files": [render.compared(call.repo, head, *pair) for pair in pairs] if call.query.get("page", "1") == "1" else [],
    }
    return Answer(body, page=shown.page)
