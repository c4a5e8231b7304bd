"""Routes about git: commits, trees, files, blobs and branches."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from integrations.sandbox.git.blame import blamed
from integrations.sandbox.git.machine import GitFailed
from integrations.sandbox.git.objects import TreeEntry
from integrations.sandbox.gitlab.call import Answer, Call, Routes
from integrations.sandbox.gitlab.model import MergeRequest
from integrations.sandbox.gitlab.paging import by_number, by_token
from integrations.sandbox.gitlab.parameters import Unmodelled, among, flag, number, text
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.gitlab.refusal import Refusal, not_found
from integrations.sandbox.gitlab.trees import listing

ROUTES = Routes()
READ = Access.REPORTER
_AT = "/projects/{id}/repository"


@ROUTES.add(f"GET {_AT}/commits/{{sha}}", READ, stats=flag())
def commit(call: Call) -> Answer:
    found = call.project.git.objects.commit(call.commit())
    told = call.render.ci.commit(call.project, found)
    if call.given.get("stats", True) and found.parents:
        files = call.project.git.changes(found.parents[0], found.oid)
        added, removed = sum(each.additions for each in files), sum(each.deletions for each in files)
        told["stats"] = {"additions": added, "deletions": removed, "total": added + removed}
    runs = [each for each in call.project.pipelines if each.sha == found.oid]
    last = call.render.ci.short(runs[-1]) if runs else None
    return Answer({**told, "status": runs[-1].status if runs else None, "project_id": call.project.id, "last_pipeline": last})


@ROUTES.add(f"GET {_AT}/commits/{{sha}}/merge_requests", READ, state=among("opened", "closed", "locked", "merged"))
def merge_requests_of_commit(call: Call) -> Answer:
    sha = call.commit()

    def holds(mr: MergeRequest) -> bool:
        newest = mr.versions[-1]
        return sha == mr.merge_sha or sha in call.project.git.commits_between(newest.start, newest.head)

    found = [each for each in call.project.merge_requests.values() if holds(each)]
    wanted = [each for each in found if call.given.get("state") in (None, each.state)]
    return call.listed(sorted(wanted, key=lambda each: -each.id), call.render.mrs.short)


@ROUTES.add(f"GET {_AT}/commits/{{sha}}/signature", READ)
def signature(call: Call) -> Answer:
    found = call.project.git.objects.commit(call.commit())
    if found.oid not in call.world.verified and not found.signature:
        raise not_found("Signature")
    status = "verified" if found.oid in call.world.verified else "unknown_key"
    return Answer({"signature_type": "PGP", "verification_status": status, "commit_source": "gitaly"})


@ROUTES.add(f"GET {_AT}/branches", READ, search=text(), regex=text(), sort=text())
def branches(call: Call) -> Answer:
    heads = [ref.removeprefix("refs/heads/") for ref in call.project.git.refs if ref.startswith("refs/heads/")]
    found = sorted(name for name in heads if call.given.get("search", "") in name)
    if call.given.get("pagination") == "keyset":
        return call.page(by_token(found, found, call.given), lambda name: _branch(call, name))
    return call.listed(found, lambda name: _branch(call, name))


@ROUTES.add(f"GET {_AT}/branches/{{branch}}", READ)
def branch(call: Call) -> Answer:
    if f"refs/heads/{call.path['branch']}" not in call.project.git.refs:
        raise not_found("Branch")
    return Answer(_branch(call, call.path["branch"]))


def _branch(call: Call, name: str) -> dict[str, Any]:
    project, world, user = call.project, call.world, call.caller.user
    tip = project.git.objects.commit(project.git.refs[f"refs/heads/{name}"])
    rule = world.protection(project, name)
    return {
        "name": name,
        "commit": call.render.ci.commit(project, tip),
        "merged": project.git.contains(project.git.refs[f"refs/heads/{project.default_branch}"], tip.oid),
        "protected": rule is not None,
        "developers_can_push": rule is not None and rule.push_level == Access.DEVELOPER,
        "developers_can_merge": rule is not None and rule.merge_level == Access.DEVELOPER,
        "can_push": user is not None and world.may_push(project, name, user),
        "default": name == project.default_branch,
        "web_url": f"{world.url}/{project.path}/-/tree/{name}",
    }


@ROUTES.add(f"GET {_AT}/tree", READ, path=text(), ref=text(), recursive=flag(), ref_type=among("heads", "tags"))
def tree(call: Call) -> Answer:
    """Folders first, as GitLab lists them; by keyset after the id of the last entry."""
    root = _tree_of(call, call.given.get("ref", "HEAD"))
    path = call.given.get("path", "").strip("/")
    found = call.project.git.objects.at_path(root, path)
    if found is None or found.kind != "tree":
        raise not_found("invalid revision or path")
    entries = listing(call.project.git, found.oid, path, deep=call.given.get("recursive", False))
    entries.sort(key=lambda each: each[1].kind != "tree")
    if call.given.get("pagination") == "keyset":
        return call.page(by_token([each[1].oid for each in entries], entries, call.given), _entry)
    return call.page(by_number(entries, call.given), _entry)


def _entry(found: tuple[str, TreeEntry]) -> dict[str, Any]:
    path, entry = found
    return {"id": entry.oid, "name": entry.name, "type": entry.kind, "path": path, "mode": f"{entry.mode:06o}"}


@ROUTES.add(f"GET {_AT}/blobs/{{oid}}", READ)
def blob(call: Call) -> Answer:
    data = _blob(call, call.path["oid"])
    content = base64.b64encode(data).decode()
    return Answer({"size": len(data), "encoding": "base64", "content": content, "sha": call.path["oid"]})


@ROUTES.add(f"GET {_AT}/blobs/{{oid}}/raw", READ)
def raw_blob(call: Call) -> Answer:
    return Answer(_blob(call, call.path["oid"]), headers={"Content-Type": "text/plain"})


@ROUTES.add(f"GET {_AT}/files/{{path}}", READ, ref=text(required=True))
def file(call: Call) -> Answer:
    commit, entry, data = _file(call)
    return Answer(
        {
            "file_name": entry.name,
            "file_path": call.path["path"],
            "size": len(data),
            "encoding": "base64",
            "content_sha256": hashlib.sha256(data).hexdigest(),
            "ref": call.given["ref"],
            "blob_id": entry.oid,
            "commit_id": commit,
            "last_commit_id": commit,
            "execute_filemode": entry.mode == 0o100755,
            "content": base64.b64encode(data).decode(),
        }
    )


@ROUTES.add(f"GET {_AT}/files/{{path}}/raw", READ, ref=text(), lfs=flag())
def raw_file(call: Call) -> Answer:
    commit, entry, data = _file(call)
    headers = {"X-Gitlab-Blob-Id": entry.oid, "X-Gitlab-Commit-Id": commit, "X-Gitlab-File-Name": entry.name}
    return Answer(data, headers={**headers, "X-Gitlab-Size": str(len(data)), "Content-Type": "text/plain"})


_RANGE = {"range[start]": number(least=1), "range[end]": number(least=1)}


@ROUTES.add(f"GET {_AT}/files/{{path}}/blame", READ, also=_RANGE, ref=text(required=True))
def blame(call: Call) -> Answer:
    """The lines in pieces of one commit each. Of the commit only what git says: no account."""
    commit, _, _ = _file(call)
    first, last = call.given.get("range[start]"), call.given.get("range[end]")
    if (first is None) != (last is None):
        missing = "range[start]" if first is None else "range[end]"
        raise Refusal(400, "", body={"error": f"{missing} is missing"})
    if first is not None and last is not None and first > last:
        raise Refusal(400, "range[start] must be less than or equal to range[end]")
    only = (first, last) if first is not None and last is not None else None
    try:
        pieces = blamed(call.project.git, commit, call.path["path"], only)
    except GitFailed as failed:
        raise Unmodelled(
            400, "", body={"error": f"the sandbox knows no answer for lines that are not there: {failed}"}
        ) from None
    return Answer([{"commit": _blamed(call, piece.commit), "lines": list(piece.lines)} for piece in pieces])


def _blamed(call: Call, oid: str) -> dict[str, Any]:
    told = call.render.ci.commit(call.project, call.project.git.objects.commit(oid))
    people = ("author_name", "author_email", "authored_date", "committer_name", "committer_email", "committed_date")
    return {name: told[name] for name in ("id", "parent_ids", "message", *people)}


def _file(call: Call) -> tuple[str, TreeEntry, bytes]:
    found = call.project.git.resolve(call.given.get("ref", "HEAD"))
    if found is None:
        raise not_found("Commit")
    entry = call.project.git.objects.at_path(call.project.git.objects.commit(found).tree, call.path["path"])
    if entry is None or entry.kind != "blob":
        raise not_found("File")
    return found, entry, _blob(call, entry.oid)


def _blob(call: Call, oid: str) -> bytes:
    found = call.project.git.objects.read(oid) if len(oid) == 40 else None
    if found is None or found.kind != "blob":
        raise not_found("Blob")
    return found.data


def _tree_of(call: Call, ref: str) -> str:
    found = call.project.git.resolve(ref)
    if found is None:
        raise Refusal(404, "404 Tree Not Found")
    return call.project.git.objects.commit(found).tree
