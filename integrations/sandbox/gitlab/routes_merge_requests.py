"""Routes about merge requests: reading, editing, merging, and their difference."""

from __future__ import annotations

from typing import Any

from integrations.sandbox.gitlab.call import Answer, Call, Routes, record_not_found
from integrations.sandbox.gitlab.changes import Edit, NewMergeRequest
from integrations.sandbox.gitlab.model import MergeRequest, Project, Version
from integrations.sandbox.gitlab.paging import by_number
from integrations.sandbox.gitlab.parameters import among, flag, instant, number, several, text
from integrations.sandbox.gitlab.patches import Patch, patches_of, raw_diff
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.quick_actions import refuse_in
from integrations.sandbox.gitlab.render_merge_request import diff

ROUTES = Routes()
READ, WRITE = Access.REPORTER, Access.DEVELOPER
_STATES = ("opened", "closed", "locked", "merged", "all")
_LABELS = several(text(), commas=True)
_LIST = {
    "state": among(*_STATES),
    "iids": several(number()),
    "order_by": among("created_at", "updated_at", "title", "merged_at"),
    "sort": among("asc", "desc"),
    "labels": _LABELS,
    "created_after": instant(),
    "updated_after": instant(),
    "updated_before": instant(),
    "source_branch": text(),
    "target_branch": text(),
    "author_id": number(),
    "author_username": text(),
    "wip": among("yes", "no"),
    "draft": flag(),
    "search": text(),
    "view": among("simple"),
    "scope": among("created_by_me", "assigned_to_me", "all", "created-by-me", "assigned-to-me"),
    "with_merge_status_recheck": flag(),
}


@ROUTES.add("GET /projects/{id}/merge_requests", READ, also=_LIST)
def merge_requests(call: Call) -> Answer:
    found = [each for each in call.project.merge_requests.values() if _fits(each, call.given)]
    by_update = call.given.get("order_by") == "updated_at"
    found.sort(key=lambda each: (each.updated_at if by_update else each.created_at, each.id))
    if call.given.get("sort", "desc") == "desc":
        found.reverse()
    return call.listed(found, call.render.mrs.short)


def _fits(mr: MergeRequest, given: Any) -> bool:
    after, before = given.get("updated_after"), given.get("updated_before")
    words = f"{mr.title}\n{mr.description}".lower()
    return all(
        (
            given.get("state", "all") in ("all", mr.state),
            given.get("iids") is None or mr.iid in given["iids"],
            set(given.get("labels", ())) <= set(mr.labels),
            given.get("source_branch") in (None, mr.source_branch),
            given.get("target_branch") in (None, mr.target_branch),
            given.get("author_id") in (None, mr.by.id),
            given.get("author_username") in (None, mr.by.username),
            given.get("wip") in (None, "yes" if mr.draft else "no"),
            given.get("draft") in (None, mr.draft),
            given.get("search", "").lower() in words,
            after is None or mr.updated_at >= after,
            before is None or mr.updated_at <= before,
            given.get("created_after") is None or mr.created_at >= given["created_after"],
        )
    )


@ROUTES.add(
    "POST /projects/{id}/merge_requests", Access.NONE, title=text(required=True), source_branch=text(required=True),
    target_branch=text(required=True), description=text(), labels=_LABELS, target_project_id=number(),
)  # fmt: skip
def new_merge_request(call: Call) -> Answer:
    """Asked of the project that the branch is in; `target_project_id` names another to merge into."""
    target: Project = call.world.project(call.given.get("target_project_id", call.project.id))
    source, owner = call.given["source_branch"], call.project.owner
    new: NewMergeRequest = {
        "source": source if target is call.project else f"{owner.username if owner else ''}:{source}",
        "target": call.given["target_branch"],
        "title": call.given["title"],
        "description": refuse_in(call.given.get("description", "")),
        "labels": tuple(call.given.get("labels", ())),
    }
    return Answer(call.render.mrs.full(call.verbs.changes.open(target, new, call.by)), 201)


@ROUTES.add(
    "GET /projects/{id}/merge_requests/{iid}", READ, include_diverged_commits_count=flag(), include_rebase_in_progress=flag(),
    render_html=flag(),
)  # fmt: skip
def merge_request(call: Call) -> Answer:
    return Answer(call.render.mrs.full(call.merge_request))


@ROUTES.add(
    "PUT /projects/{id}/merge_requests/{iid}", Access.NONE, title=text(blank=False), description=text(), target_branch=text(),
    labels=_LABELS, add_labels=_LABELS, remove_labels=_LABELS, state_event=among("close", "reopen"),
)  # fmt: skip
def edit_merge_request(call: Call) -> Answer:
    mr, given = call.merge_request, call.given
    edit: Edit = {}
    for name in ("title", "description", "target_branch"):
        if name in given:
            edit[name] = given[name]
    refuse_in(edit.get("description", ""))
    if edit or not given:
        call.verbs.changes.edit(mr, edit, call.by)
    _relabel(call, mr)
    if given.get("state_event") == "close":
        call.verbs.changes.close(mr, call.by)
    elif given.get("state_event") == "reopen":
        call.verbs.changes.reopen(mr, call.by)
    return Answer(call.render.mrs.full(mr))


def _relabel(call: Call, mr: MergeRequest) -> None:
    """`labels` replaces all; `add_labels` and `remove_labels` change what is there."""
    given = call.given
    if not {"labels", "add_labels", "remove_labels"} & set(given):
        return
    add, remove = list(given.get("add_labels", ())), list(given.get("remove_labels", ()))
    if "labels" in given:
        add += given["labels"]
        remove += [name for name in mr.labels if name not in add]
    call.verbs.changes.relabel(mr, add, remove, call.by)


@ROUTES.add(
    "PUT /projects/{id}/merge_requests/{iid}/merge", Access.NONE, sha=text(), merge_commit_message=text(), squash=flag(),
    should_remove_source_branch=flag(), squash_commit_message=text(),
)  # fmt: skip
def merge(call: Call) -> Answer:
    call.verbs.merging.merge(call.merge_request, call.by, call.given.get("sha"))
    return Answer(call.render.mrs.full(call.merge_request))


@ROUTES.add("GET /projects/{id}/merge_requests/{iid}/commits", READ)
def commits(call: Call) -> Answer:
    """Newest first."""
    newest, git = call.merge_request.versions[-1], call.project.git
    oids = git.commits_between(newest.start, newest.head)[::-1]
    return call.listed(oids, lambda oid: call.render.ci.commit(call.project, git.objects.commit(oid)))


@ROUTES.add("GET /projects/{id}/merge_requests/{iid}/diffs", READ, unidiff=flag())
def diffs(call: Call) -> Answer:
    call.limits.spend_dear(call.caller, "diffs")
    version = call.merge_request.versions[-1]
    whole = patches_of(call.project.git, version.base, version.head)
    page = by_number(whole, call.given)
    return call.page(page, _diff)


def _diff(patch: Patch) -> dict[str, Any]:
    return diff(patch.change, patch.modes, patch.text, patch.cut)


@ROUTES.add("GET /projects/{id}/merge_requests/{iid}/raw_diffs", READ)
def raw_diffs(call: Call) -> Answer:
    """git's own bytes, whole, with full blob ids; nothing in them says of which commit."""
    call.limits.spend_dear(call.caller, "diffs")
    version = call.merge_request.versions[-1]
    headers = {"Content-Type": "text/plain", "Cache-Control": "no-store"}
    return Answer(raw_diff(call.project.git, version.base, version.head), headers=headers)


@ROUTES.add("GET /projects/{id}/merge_requests/{iid}/versions", READ)
def versions(call: Call) -> Answer:
    mr = call.merge_request
    return call.listed(mr.versions[::-1], lambda each: call.render.mrs.version(mr, each))


@ROUTES.add("GET /projects/{id}/merge_requests/{iid}/versions/{version_id}", READ, unidiff=flag())
def version(call: Call) -> Answer:
    mr = call.merge_request
    found: Version | None = next((each for each in mr.versions if each.id == call.number("version_id")), None)
    if found is None:
        raise record_not_found()
    git = call.project.git
    oids = git.commits_between(found.start, found.head)[::-1]
    told = call.render.mrs.version(mr, found)
    return Answer(
        {
            **told,
            "commits": [call.render.ci.commit(call.project, git.objects.commit(oid)) for oid in oids],
            "diffs": [_diff(each) for each in patches_of(git, found.base, found.head)],
        }
    )


@ROUTES.add("GET /projects/{id}/merge_requests/{iid}/pipelines", READ)
def pipelines(call: Call) -> Answer:
    found = [each for each in call.verbs.pipelines.of(call.merge_request) if call.world.visible(each.project, call.caller.user)]
    return call.listed(found, call.render.ci.short)
