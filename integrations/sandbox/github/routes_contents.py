"""Routes about what is in a repository: files, git objects, refs, commits, and who pushed."""

from __future__ import annotations

import base64

from integrations.sandbox.git.objects import TreeEntry, walk
from integrations.sandbox.github.call import Answer, Call, Routes
from integrations.sandbox.github.refusal import Refusal, not_found
from integrations.sandbox.github.render import Json, when

ROUTES = Routes()
READ = "contents:read"
MAX_CONTENT = 1_000_000
MAX_BLOB = 100_000_000
MAX_TREE = 100_000


@ROUTES.add("GET /repos/{owner}/{repo}", "metadata:read")
def repository(call: Call) -> Answer:
    merging = {"allow_merge_commit": True, "allow_squash_merge": False, "allow_rebase_merge": False, "allow_auto_merge": False}
    return Answer({**call.verbs.tell.plain.repository(call.repo), **merging})


@ROUTES.add("GET /repos/{owner}/{repo}/contents/{path*}", READ)
def contents(call: Call) -> Answer:
    commit = call.repo.git.resolve(call.query.get("ref") or call.repo.default_branch)
    if commit is None:
        raise Refusal(404, f"No commit found for the ref {call.query.get('ref', '')}")
    objects = call.repo.git.objects
    entry = objects.at_path(objects.commit(commit).tree, call.path["path"])
    if entry is None:
        raise not_found()
    if entry.kind == "tree":
        below = call.path["path"].rstrip("/")
        return Answer([_entry(call, f"{below}/{each.name}", each) for each in objects.tree(entry.oid)])
    return Answer({**_entry(call, call.path["path"], entry), **_content(call, entry)})


@ROUTES.add("GET /repos/{owner}/{repo}/git/blobs/{sha}", READ)
def blob(call: Call) -> Answer:
    found = call.repo.git.objects.read(call.path["sha"])
    if found is None or found.kind != "blob":
        raise not_found()
    if len(found.data) > MAX_BLOB:
        raise Refusal(403, "This API returns blobs up to 100 MB in size.")
    told = {"sha": found.oid, "size": len(found.data), "encoding": "base64", "content": _base64(found.data)}
    return Answer({**told, "node_id": f"B_{found.oid}", "url": f"{_api(call)}/git/blobs/{found.oid}"})


@ROUTES.add("GET /repos/{owner}/{repo}/git/trees/{sha*}", READ)
def tree(call: Call) -> Answer:
    objects = call.repo.git.objects
    found = objects.read(call.path["sha"]) if len(call.path["sha"]) == 40 else None
    commit = call.repo.git.resolve(call.path["sha"])
    oid = found.oid if found and found.kind == "tree" else objects.commit(commit).tree if commit else None
    if oid is None:
        raise not_found()
    listed: list[Json] = []
    if call.query.get("recursive"):
        walk(objects, oid, lambda path, entry: listed.append(_tree_entry(call, path, entry)))
    else:
        listed = [_tree_entry(call, entry.name, entry) for entry in objects.tree(oid)]
    truncated = len(listed) > MAX_TREE
    return Answer({"sha": oid, "url": f"{_api(call)}/git/trees/{oid}", "tree": listed[:MAX_TREE], "truncated": truncated})


@ROUTES.add("GET /repos/{owner}/{repo}/git/ref/{ref*}", READ)
def ref(call: Call) -> Answer:
    name = f"refs/{call.path['ref']}"
    if name not in call.repo.git.refs:
        raise not_found()
    return Answer(_ref(call, name))


@ROUTES.add("GET /repos/{owner}/{repo}/git/matching-refs/{ref*}", READ)
def matching_refs(call: Call) -> Answer:
    found = [name for name in sorted(call.repo.git.refs) if name.startswith(f"refs/{call.path['ref']}")]
    return call.listed(found, lambda name: _ref(call, name))


@ROUTES.add("GET /repos/{owner}/{repo}/commits/{sha*}", READ)
def commit(call: Call) -> Answer:
    """One commit, with its files against its first parent."""
    git, render = call.repo.git, call.verbs.tell.pulls
    found = git.objects.commit(call.commit())
    told = render.commit(call.repo, found)
    if found.parents:
        pairs = zip(git.changes(found.parents[0], found.oid), git.patches(found.parents[0], found.oid), strict=True)
        told["files"] = [render.compared(call.repo, found.oid, *pair) for pair in list(pairs)[:300]]
    return Answer(told)


@ROUTES.add("GET /repos/{owner}/{repo}/activity", READ)
def activity(call: Call) -> Answer:
    """Who moved which ref, newest first: the one place that names the pusher."""
    wanted = call.query.get("ref")
    full = wanted if wanted is None or wanted.startswith("refs/") else f"refs/heads/{wanted}"
    found = [push for push in reversed(call.repo.pushes) if full in (None, push.ref)]
    kinds = call.query.get("activity_type")
    return call.listed(
        [push for push in found if kinds in (None, push.kind)],
        lambda push: {
            "id": push.id,
            "node_id": f"PSH_{push.id}",
            "before": push.before,
            "after": push.after,
            "ref": push.ref,
            "timestamp": when(push.at),
            "activity_type": push.kind,
            "actor": call.verbs.tell.plain.account(push.by),
        },
    )


def _api(call: Call) -> str:
    return f"{call.verbs.world.api_url}/repos/{call.repo.full_name}"


def _ref(call: Call, name: str) -> Json:
    oid = call.repo.git.refs[name]
    found = call.repo.git.objects.read(oid)
    kind = found.kind if found else "commit"
    told = {"ref": name, "node_id": f"REF_{name}", "url": f"{_api(call)}/git/{name}"}
    return {**told, "object": {"sha": oid, "type": kind, "url": f"{_api(call)}/git/{kind}s/{oid}"}}


def _tree_entry(call: Call, path: str, entry: TreeEntry) -> Json:
    told: Json = {"path": path, "mode": f"{entry.mode:06o}", "type": entry.kind, "sha": entry.oid}
    if entry.kind == "blob":
        found = call.repo.git.objects.read(entry.oid)
        told["size"] = len(found.data) if found else 0
    return {**told, "url": f"{_api(call)}/git/{entry.kind}s/{entry.oid}"}


def _entry(call: Call, path: str, entry: TreeEntry) -> Json:
    found = call.repo.git.objects.read(entry.oid) if entry.kind == "blob" else None
    told: Json = {"name": entry.name, "path": path, "sha": entry.oid, "size": len(found.data) if found else 0}
    kinds = {"tree": "dir", "commit": "submodule"}
    kind = "symlink" if entry.mode == 0o120000 else kinds.get(entry.kind, "file")
    url = f"{_api(call)}/contents/{path}"
    return {**told, "type": kind, "url": url, "git_url": f"{_api(call)}/git/{entry.kind}s/{entry.oid}", "download_url": None}


def _content(call: Call, entry: TreeEntry) -> Json:
    found = call.repo.git.objects.read(entry.oid)
    data = found.data if found else b""
    if len(data) > MAX_CONTENT:  # the object is told, its bytes are not
        return {"encoding": "none", "content": ""}
    return {"encoding": "base64", "content": _base64(data)}


def _base64(data: bytes) -> str:
    return base64.encodebytes(data).decode()
