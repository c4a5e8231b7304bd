"""GraphQL: the queries a gate asks, what they cost, what may not be seen, and GitLab's refusals."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access
from tests.integrations.sandbox.gitlab.conftest import FILES, SHOP
from tests.integrations.sandbox.gitlab.reach import graph, on_change, on_repository


def costs(fake: FakeGitLab, selection: str) -> int:
    score: int = graph(fake, f"{{ queryComplexity {{ score limit }} {selection} }}")["data"]["queryComplexity"]["score"]
    return score


def refused(fake: FakeGitLab, query: str, **variables: Any) -> dict[str, Any]:
    told: dict[str, Any] = graph(fake, query, **variables)["errors"][0]
    return told


def test_one_query_tells_all_of_a_merge_request(gitlab: FakeGitLab, change: int) -> None:
    gitlab.label(SHOP, change, "llm-generated", by="bob")
    gitlab.approve(SHOP, change, by="bob")
    told = on_change(
        gitlab,
        "title description state draft author { id username bot } sourceBranch targetBranch sourceProject { fullPath } "
        "diffHeadSha diffRefs { baseSha headSha startSha } commitCount diffStatsSummary { fileCount additions deletions } "
        "labels { nodes { title } } approvedBy { nodes { username } } committers { nodes { username } }",
    )
    base, head = gitlab.head(SHOP, "main"), gitlab.head(SHOP, "cart")
    assert told.pop("diffRefs") == {"baseSha": base, "headSha": head, "startSha": base}
    assert told.pop("author") == {"id": "gid://gitlab/User/1001", "username": "ann", "bot": False}
    assert told == {
        "title": "Tax",
        "description": "Adds tax",
        "state": "opened",
        "draft": False,
        "sourceBranch": "cart",
        "targetBranch": "main",
        "sourceProject": {"fullPath": SHOP},
        "diffHeadSha": head,
        "commitCount": 1,
        "diffStatsSummary": {"fileCount": 2, "additions": 2, "deletions": 1},
        "labels": {"nodes": [{"title": "llm-generated"}]},
        "approvedBy": {"nodes": [{"username": "bob"}]},
        "committers": {"nodes": [{"username": "ann"}]},
    }


def test_commits_tell_their_accounts_and_first_parent(gitlab: FakeGitLab, change: int) -> None:
    gitlab.push(SHOP, "cart", {"x": "1"}, by="bob", author="Nobody <no@body.example>", message="More\n\nIn words.")
    fields = "sha message title parentSha authorEmail committerName author { username } signature { verificationStatus }"
    newest, oldest = on_change(gitlab, f"commits {{ nodes {{ {fields} }} }}")["commits"]["nodes"]
    assert (newest["message"], newest["title"], newest["parentSha"]) == ("More\n\nIn words.", "More", oldest["sha"])
    assert (newest["author"], oldest["author"], newest["signature"]) == (None, {"username": "ann"}, None)
    gitlab.world.verified.add(newest["sha"])
    again = on_change(gitlab, "commits(first: 1) { nodes { signature { __typename verificationStatus } } }")
    assert again["commits"]["nodes"][0]["signature"] == {"__typename": "GpgSignature", "verificationStatus": "VERIFIED"}


def test_merge_commits_are_told_apart(gitlab: FakeGitLab, change: int) -> None:
    git = gitlab.world.project(SHOP).git
    gitlab.push(SHOP, "main", {"other": "1"}, by="mia")
    ours, theirs = gitlab.head(SHOP, "cart"), gitlab.head(SHOP, "main")
    tree = git.merge_tree(ours, theirs)
    assert tree
    new = gitlab.verbs.merging.commit(gitlab.change(SHOP, change), "refs/heads/cart", gitlab.world.user("ann"))
    made = git.commit_tree(new, tree, (ours, theirs))
    git.set_ref("refs/heads/cart", made)
    gitlab.verbs.pushes.moved(gitlab.world.project(SHOP), {"refs/heads/cart": ours}, gitlab.world.user("ann"))
    told = on_change(gitlab, "commits { nodes { sha } } commitsWithoutMergeCommits { nodes { sha } }")
    assert [each["sha"] for each in told["commits"]["nodes"]] == [made, ours]
    assert [each["sha"] for each in told["commitsWithoutMergeCommits"]["nodes"]] == [ours]


def test_a_posted_status_is_a_job_of_the_head_pipeline(gitlab: FakeGitLab, change: int) -> None:
    assert on_change(gitlab, "headPipeline { id }") == {"headPipeline": None}
    gitlab.run_pipeline(SHOP, change, jobs={"test": "success"})
    gitlab.forge_status(SHOP, gitlab.head(SHOP, "cart"), "llmgate", by="bob", state="failed")
    jobs = "jobs(retried: false) { nodes { id name status detailedStatus { label } } }"
    pipeline = on_change(gitlab, f"headPipeline {{ id status sha source {jobs} }}")["headPipeline"]
    assert (pipeline["status"], pipeline["sha"]) == ("FAILED", gitlab.head(SHOP, "cart"))
    assert [(job["name"], job["status"]) for job in pipeline["jobs"]["nodes"]] == [("llmgate", "FAILED"), ("test", "SUCCESS")]
    assert [job["id"].split("/")[3] for job in pipeline["jobs"]["nodes"]] == ["GenericCommitStatus", "Ci::Build"]


def test_rows_that_were_replaced_are_jobs_too_unless_left_out(gitlab: FakeGitLab, change: int) -> None:
    head = gitlab.head(SHOP, "cart")
    for state in ("failed", "success"):
        gitlab.forge_status(SHOP, head, "llmgate", by="bob", state=state)
    told = on_change(gitlab, "headPipeline { all: jobs { count } now: jobs(retried: false) { nodes { status } } }")
    assert told["headPipeline"] == {"all": {"count": 2}, "now": {"nodes": [{"status": "SUCCESS"}]}}


def test_artifacts_are_told_of_builds_alone(gitlab: FakeGitLab, change: int) -> None:
    gitlab.run_pipeline(SHOP, change, jobs={"test": "success"}, artifacts={"test": b"PK"})
    gitlab.forge_status(SHOP, gitlab.head(SHOP, "cart"), "llmgate", by="bob")
    told = on_change(gitlab, "headPipeline { jobs { nodes { artifacts { nodes { fileType size } } } } }")
    status, build = told["headPipeline"]["jobs"]["nodes"]
    assert status == {"artifacts": None}
    assert build == {"artifacts": {"nodes": [{"fileType": "ARCHIVE", "size": "2"}]}}


def test_blobs_are_read_by_any_ref(gitlab: FakeGitLab, change: int) -> None:
    text = FILES["shop/cart.py"]
    oid = hashlib.sha1(f"blob {len(text)}\0{text}".encode(), usedforsecurity=False).hexdigest()
    blobs = "blobs(paths: $paths, ref: $ref) { nodes { path oid rawSize rawTextBlob mode } }"
    query = f'query Look($paths: [String!]!, $ref: String) {{ project(fullPath: "{SHOP}") {{ repository {{ {blobs} }} }} }}'
    for ref in (None, "main", gitlab.head(SHOP, "main")):
        told = graph(gitlab, query, paths=["shop/cart.py", "none", "shop"], ref=ref)
        nodes = told["data"]["project"]["repository"]["blobs"]["nodes"]
        size = str(len(text))
        assert nodes == [{"path": "shop/cart.py", "oid": oid, "rawSize": size, "rawTextBlob": text, "mode": "100644"}]
    told = graph(gitlab, query, paths=["shop/cart.py"], ref="refs/merge-requests/1/head")
    assert told["data"]["project"]["repository"]["blobs"]["nodes"][0]["rawTextBlob"] == "total = 1\n"
    told = graph(gitlab, query, paths=["shop/cart.py"], ref="refs/notes/ai")
    assert told["data"]["project"]["repository"]["blobs"]["nodes"] == []


def test_a_binary_file_has_no_text(gitlab: FakeGitLab) -> None:
    gitlab.push(SHOP, "main", {"bin": b"\0\1", "latin": b"caf\xe9"}, by="mia")
    nodes = on_repository(gitlab, 'blobs(paths: ["bin", "latin"]) { nodes { rawTextBlob rawBlob } }')["blobs"]["nodes"]
    assert nodes[0]["rawTextBlob"] is None
    assert nodes[1]["rawTextBlob"] == "caf�"


def test_a_tree_tells_what_is_in_it_and_its_last_commit(gitlab: FakeGitLab, change: int) -> None:
    selection = "lastCommit { sha } blobs { nodes { path sha mode } } trees { nodes { path } }"
    told = on_repository(
        gitlab, f'rootRef root: tree {{ {selection} }} shop: tree(path: "shop", ref: "cart") {{ {selection} }}'
    )
    assert told["rootRef"] == "main"
    assert [each["path"] for each in told["root"]["trees"]["nodes"]] == [".llmgate", "shop"]
    assert [each["path"] for each in told["shop"]["blobs"]["nodes"]] == ["shop/cart.py", "shop/tax.py"]
    assert told["shop"]["lastCommit"]["sha"] == gitlab.head(SHOP, "cart")
    assert on_repository(gitlab, 'tree(ref: "refs/notes/ai") { lastCommit { sha } }') == {"tree": None}


def test_open_merge_requests_are_paged_by_cursor(gitlab: FakeGitLab) -> None:
    for number in range(5):
        gitlab.push(SHOP, f"b{number}", {f"f{number}": "1"}, by="ann")
        gitlab.open_change(SHOP, f"b{number}", by="ann")
    gitlab.close_change(SHOP, 3, by="ann")
    page = "mergeRequests(state: opened, first: 2, after: $after, sort: CREATED_ASC)"
    fields = "count pageInfo { hasNextPage endCursor } nodes { iid }"
    query = f'query Open($after: String) {{ project(fullPath: "{SHOP}") {{ {page} {{ {fields} }} }} }}'
    seen: list[str] = []
    after = None
    while True:
        told = graph(gitlab, query, after=after)["data"]["project"]["mergeRequests"]
        seen += [each["iid"] for each in told["nodes"]]
        after = told["pageInfo"]["endCursor"]
        if not told["pageInfo"]["hasNextPage"]:
            break
    assert (seen, told["count"]) == (["1", "2", "4", "5"], 4)


def test_a_page_holds_a_hundred_whatever_is_asked(gitlab: FakeGitLab, change: int) -> None:
    for number in range(105):
        gitlab.verbs.changes.define_label(gitlab.world.project(SHOP), f"l{number:03d}")
    query = '{ project(fullPath: "acme/web/shop") { labels(first: 500) { nodes { title } pageInfo { hasNextPage } } } }'
    told = graph(gitlab, query)["data"]["project"]["labels"]
    assert (len(told["nodes"]), told["pageInfo"]["hasNextPage"]) == (100, True)


def test_a_cursor_of_ones_own_is_refused(gitlab: FakeGitLab, change: int) -> None:
    query = '{ project(fullPath: "acme/web/shop") { mergeRequests(after: "nonsense") { nodes { iid } } } }'
    assert refused(gitlab, query)["message"] == "Please provide a valid cursor"


def test_what_is_hidden_or_missing_is_null_without_an_error(gitlab: FakeGitLab, change: int) -> None:
    gitlab.project("other/secret", files={"a": "1"})
    gitlab.grant("other/secret", gitlab.bot.username, Access.NONE)
    query = '{ a: project(fullPath: "other/secret") { id } b: project(fullPath: "none") { id } group(fullPath: "none") { id } }'
    assert graph(gitlab, query) == {"data": {"a": None, "b": None, "group": None}}
    assert graph(gitlab, '{ project(fullPath: "acme/web/shop") { mergeRequest(iid: "99") { title } } }') == {
        "data": {"project": {"mergeRequest": None}}
    }


def test_a_fork_that_may_not_be_seen_is_told_as_none(gitlab: FakeGitLab) -> None:
    fork = gitlab.fork(SHOP, by="ann").path
    gitlab.push(fork, "idea", {"x": "1"}, by="ann")
    gitlab.open_change(SHOP, "ann:idea", by="ann")
    gitlab.run_pipeline(fork, "idea", jobs={"test": "success"})
    told = on_change(gitlab, "sourceProject { fullPath } headPipeline { id } diffHeadSha")
    assert told == {"sourceProject": None, "headPipeline": None, "diffHeadSha": gitlab.head(fork, "idea")}
    gitlab.grant(fork, gitlab.bot.username, Access.DEVELOPER)
    assert on_change(gitlab, "sourceProject { fullPath }") == {"sourceProject": {"fullPath": fork}}


def test_bots_are_told_as_bots(gitlab: FakeGitLab) -> None:
    gitlab.user("duo-developer", kind="service_account")
    query = '{ currentUser { username bot } users(usernames: ["ann", "duo-developer"]) { nodes { username bot type } } }'
    told = graph(gitlab, query)["data"]
    assert told["currentUser"] == {"username": "llmgate-bot", "bot": True}
    people = {each["username"]: (each["bot"], each["type"]) for each in told["users"]["nodes"]}
    assert people == {"ann": (False, "HUMAN"), "duo-developer": (True, "SERVICE_ACCOUNT")}


def test_a_packages_files_are_told_by_its_id_alone(gitlab: FakeGitLab) -> None:
    made = gitlab.package(SHOP, "llmgate", "1.0", {"evidence/junit.xml": b"<x/>"})
    listing = 'packages(packageName: "llmgate", packageType: GENERIC) { nodes { id version FILES } }'
    query = f'{{ project(fullPath: "{SHOP}") {{ {listing} }} }}'
    node = graph(gitlab, query.replace("FILES", ""))["data"]["project"]["packages"]["nodes"][0]
    assert node == {"id": f"gid://gitlab/Packages::Package/{made.id}", "version": "1.0"}
    told = refused(gitlab, query.replace("FILES", "packageFiles { nodes { id } }"))
    assert told["message"] == "Field 'packageFiles' doesn't exist on type 'Package'"
    fields = "packageFiles { nodes { fileName size fileSha256 } }"
    files = graph(gitlab, f'{{ package(id: "{node["id"]}") {{ {fields} }} }}')["data"]["package"]["packageFiles"]["nodes"]
    digest = hashlib.sha256(b"<x/>").hexdigest()
    assert files == [{"fileName": "evidence%2Fjunit.xml", "size": "4", "fileSha256": digest}]


def test_a_groups_members_are_told_with_their_roles(gitlab: FakeGitLab) -> None:
    gitlab.group("acme/leads", members={"ann": Access.MAINTAINER})
    query = '{ group(fullPath: "acme/leads") { groupMembers(relations: [DIRECT]) { nodes { user { username } accessLevel {'
    told = graph(gitlab, f"{query} integerValue stringValue }} }} }} }} }}")["data"]["group"]["groupMembers"]["nodes"]
    assert told == [{"user": {"username": "ann"}, "accessLevel": {"integerValue": 40, "stringValue": "MAINTAINER"}}]


# what a query costs


@pytest.mark.parametrize(
    ("selection", "cost"),
    [
        ("currentUser { username }", 2),
        ('project(fullPath: "acme/web/shop") { name }', 2),
        ('project(fullPath: "acme/web/shop") { mergeRequest(iid: "1") { title } }', 3),
        ('project(fullPath: "acme/web/shop") { mergeRequest(iid: "1") { diffHeadSha mergedAt } }', 9),
        ('project(fullPath: "acme/web/shop") { mergeRequests(first: 50) { nodes { iid } } }', 5),
        ('project(fullPath: "acme/web/shop") { repository { blobs(paths: ["a", "b"], first: 100) { nodes { oid } } } }', 14),
        ('project(fullPath: "acme/web/shop") { name @skip(if: true) path @include(if: false) }', 1),
        ('a: project(fullPath: "x/y") { name } b: project(fullPath: "x/y") { name }', 4),
    ],
)
def test_a_query_costs_what_gitlab_counts(gitlab: FakeGitLab, change: int, selection: str, cost: int) -> None:
    assert costs(gitlab, selection) == cost + len(("score", "limit"))


def test_a_query_that_costs_too_much_is_refused(gitlab: FakeGitLab) -> None:
    paths = [f"f{number}" for number in range(130)]
    blobs = "blobs(paths: $paths) { nodes { oid } }"
    query = f'query Much($paths: [String!]!) {{ project(fullPath: "{SHOP}") {{ repository {{ {blobs} }} }} }}'
    told = graph(gitlab, query, paths=paths)
    assert told == {"errors": [{"message": "Query has complexity of 270, which exceeds max complexity of 250"}]}


def test_a_query_that_goes_too_deep_is_refused(gitlab: FakeGitLab) -> None:
    inner = "id"
    for _ in range(19):
        inner = f"parent {{ {inner} }}"
    told = refused(gitlab, f'{{ group(fullPath: "acme") {{ {inner} }} }}')
    assert told["message"] == "Query has depth of 21, which exceeds max depth of 20"


def test_a_query_that_is_too_long_is_refused(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    query = "{ currentUser { id } }" + " " * 10_000
    answer = raw.post(raw.base_url.join("/api/graphql"), json={"query": query})
    assert (answer.status_code, answer.json()) == (422, {"errors": [{"message": "Query too large"}]})


def test_an_unknown_field_is_an_error_and_recorded(gitlab: FakeGitLab) -> None:
    told = refused(gitlab, '{ project(fullPath: "acme/web/shop") { secretSauce } }')
    assert told["message"] == "Field 'secretSauce' doesn't exist on type 'Project'"
    assert told["extensions"] == {"code": "undefinedField", "typeName": "Project", "fieldName": "secretSauce"}
    assert len(gitlab.unmodelled) == 1


def test_without_a_query_there_is_nothing_to_answer(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    answer = raw.post(raw.base_url.join("/api/graphql"), json={})
    assert answer.json() == {"errors": [{"message": "No query string was present"}]}


def test_a_planned_fault_meets_the_operation_it_names(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    gitlab.fail_next("graphql:Look", 503)
    at = raw.base_url.join("/api/graphql")
    assert raw.post(at, json={"query": "query Other { __typename }"}).status_code == 200
    assert raw.post(at, json={"query": "query Look { __typename }"}).status_code == 503
    assert raw.post(at, json={"query": "query Look { __typename }"}).status_code == 200
    assert [call.kind for call in gitlab.calls] == ["read"] * 3
