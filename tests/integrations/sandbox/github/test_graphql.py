"""GraphQL: the queries a gate asks, and GitHub's errors for what it may not ask."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from githubkit import AppInstallationAuthStrategy, GitHub
from githubkit.exception import GraphQLFailed, PrimaryRateLimitExceeded

from integrations.sandbox.github.fake import FakeGitHub
from tests.integrations.sandbox.github.conftest import FILES, SHOP

Kit = GitHub[AppInstallationAuthStrategy]


def on_repository(client: Kit, selection: str, **variables: Any) -> dict[str, Any]:
    query = f'query Look {{ repository(owner: "acme", name: "shop") {{ {selection} }} }}'
    found: dict[str, Any] = client.graphql(query, variables)["repository"]
    return found


def on_pull(client: Kit, number: int, selection: str) -> dict[str, Any]:
    found: dict[str, Any] = on_repository(client, f"pullRequest(number: {number}) {{ {selection} }}")["pullRequest"]
    return found


def error(raw: httpx.Client, query: str) -> dict[str, Any]:
    answer = raw.post(raw.base_url.join("/api/graphql"), json={"query": query})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()["errors"][0]
    return told


def test_one_query_tells_all_of_a_change(github: FakeGitHub, client: Kit, change: int) -> None:
    github.label(SHOP, change, "llm-generated", by="bob")
    told = on_pull(
        client,
        change,
        "number title state isDraft changedFiles author { __typename login ... on User { databaseId } } "
        "baseRef { target { oid } } labels(first: 5) { nodes { name } } "
        "files(first: 10) { totalCount nodes { path additions deletions changeType } } "
        "commits(first: 10) { totalCount nodes { commit { oid message tree { oid } parents(first: 2) { nodes { oid } } } } }",
    )
    assert (told["title"], told["state"], told["isDraft"], told["changedFiles"]) == ("Tax", "OPEN", False, 2)
    assert told["author"] == {"__typename": "User", "login": "ann", "databaseId": 1001}
    assert told["labels"]["nodes"] == [{"name": "llm-generated"}]
    assert [each["changeType"] for each in told["files"]["nodes"]] == ["MODIFIED", "ADDED"]
    commit = told["commits"]["nodes"][0]["commit"]
    assert (commit["oid"], commit["message"]) == (github.change(SHOP, change).head_sha, "Add tax")
    assert commit["parents"]["nodes"] == [{"oid": told["baseRef"]["target"]["oid"]}]


def test_a_bot_is_told_without_its_suffix(github: FakeGitHub, client: Kit) -> None:
    github.user("helper[bot]", bot=True, id=77)
    github.push(SHOP, "b", {"b": "1"}, by="helper[bot]")
    number = github.open_change(SHOP, "b", by="helper[bot]").number
    told = on_pull(
        client,
        number,
        "author { __typename login ... on Bot { databaseId } } "
        "commits(first: 1) { nodes { commit { author { user { login databaseId } } } } }",
    )
    assert told["author"] == {"__typename": "Bot", "login": "helper", "databaseId": 77}
    assert told["commits"]["nodes"][0]["commit"]["author"]["user"] == {"login": "helper[bot]", "databaseId": 77}


def test_co_authors_are_authors(github: FakeGitHub, client: Kit) -> None:
    message = "Pair\n\nCo-authored-by: Bob <1002+bob@users.noreply.github.com>\nCo-Authored-By: Nobody <no@body.example>"
    github.push(SHOP, "pair", {"p": "1"}, by="ann", message=message)
    number = github.open_change(SHOP, "pair", by="ann").number
    told = on_pull(
        client, number, "commits(first: 1) { nodes { commit { authors(first: 9) { nodes { email user { login } } } } } }"
    )
    authors = told["commits"]["nodes"][0]["commit"]["authors"]["nodes"]
    assert [each["user"] and each["user"]["login"] for each in authors] == ["ann", "bob", None]


def test_a_verified_signature_is_told(github: FakeGitHub, client: Kit, change: int) -> None:
    query = "commits(first: 1) { nodes { commit { signature { isValid } } } }"
    assert on_pull(client, change, query)["commits"]["nodes"][0]["commit"]["signature"] is None
    github.world.verified.add(github.change(SHOP, change).head_sha)
    assert on_pull(client, change, query)["commits"]["nodes"][0]["commit"]["signature"] == {"isValid": True}


def test_files_are_read_by_expression(github: FakeGitHub, client: Kit) -> None:
    told = on_repository(
        client,
        'policy: object(expression: "main:.llmgate/policy.yaml") { ... on Blob { text byteSize isBinary isTruncated } } '
        'none: object(expression: "main:nothing") { oid } '
        'folder: object(expression: "main:shop") { ... on Tree { entries { name type object { ... on Blob { text } } } } }',
    )
    text = FILES[".llmgate/policy.yaml"]
    assert told["policy"] == {"text": text, "byteSize": len(text), "isBinary": False, "isTruncated": False}
    assert told["none"] is None
    assert told["folder"]["entries"] == [{"name": "cart.py", "type": "blob", "object": {"text": "total = 0\n"}}]


def test_a_binary_file_has_no_text_and_a_large_one_is_cut(github: FakeGitHub, client: Kit) -> None:
    github.push(SHOP, "main", {"bin": b"\0\1", "big": "x" * 600_000}, by="ann")
    blob = "{ ... on Blob { text isBinary isTruncated byteSize } }"
    told = on_repository(client, f'bin: object(expression: "main:bin") {blob} big: object(expression: "main:big") {blob}')
    assert (told["bin"]["text"], told["bin"]["isBinary"]) == (None, True)
    assert (len(told["big"]["text"]), told["big"]["isTruncated"], told["big"]["byteSize"]) == (524_288, True, 600_000)


def test_the_own_check_is_found_on_the_head(github: FakeGitHub, client: Kit, change: int) -> None:
    head = github.change(SHOP, change).head_sha
    github.forge_check(SHOP, head, "llmgate", app_id=99)
    client.request("POST", f"/repos/{SHOP}/check-runs", json={"name": "llmgate", "head_sha": head, "external_id": "d1"})
    runs = 'checkRuns(first: 5, filterBy: {checkName: "llmgate"}) { nodes { databaseId status conclusion externalId } }'
    suites = f"checkSuites(first: 5, filterBy: {{appId: {github.app.id}}}) {{ nodes {{ {runs} }} }}"
    told = on_pull(client, change, f"headRef {{ target {{ ... on Commit {{ {suites} }} }} }}")
    found = told["headRef"]["target"]["checkSuites"]["nodes"][0]["checkRuns"]["nodes"]
    assert [(each["status"], each["conclusion"], each["externalId"]) for each in found] == [("QUEUED", None, "d1")]


def test_pages_follow_their_cursor(github: FakeGitHub, client: Kit) -> None:
    for number in range(5):
        github.push(SHOP, f"b{number}", {f"f{number}": "1"}, by="ann")
        github.open_change(SHOP, f"b{number}", by="ann")
    seen: list[int] = []
    after = "null"
    while True:
        fields = "totalCount pageInfo { hasNextPage endCursor } nodes { number }"
        page = f"pullRequests(first: 2, after: {after}, states: [OPEN]) {{ {fields} }}"
        told = on_repository(client, page)["pullRequests"]
        seen += [each["number"] for each in told["nodes"]]
        if not told["pageInfo"]["hasNextPage"]:
            break
        after = f'"{told["pageInfo"]["endCursor"]}"'
    assert (seen, told["totalCount"]) == ([1, 2, 3, 4, 5], 5)


@pytest.mark.parametrize(
    ("selection", "kind"),
    [
        ("pullRequests(first: 101) { totalCount }", "EXCESSIVE_PAGINATION"),
        ("pullRequests { totalCount }", "MISSING_PAGINATION_BOUNDARIES"),
        ('pullRequests(first: 1, after: "nonsense") { totalCount }', "INVALID_CURSOR_ARGUMENTS"),
        ("pullRequest(number: 99) { title }", "NOT_FOUND"),
    ],
)
def test_what_github_would_not_answer_has_a_type(raw: httpx.Client, selection: str, kind: str) -> None:
    assert error(raw, f'query {{ repository(owner: "acme", name: "shop") {{ {selection} }} }}')["type"] == kind


def test_an_invisible_repository_is_not_resolved(github: FakeGitHub, raw: httpx.Client) -> None:
    github.repository("acme/secret", installed=False)
    told = error(raw, '{ repository(owner: "acme", name: "secret") { id } }')
    assert (told["type"], told["message"]) == ("NOT_FOUND", "Could not resolve to a Repository with the name 'acme/secret'.")


def test_an_unknown_field_is_an_error_and_recorded(github: FakeGitHub, raw: httpx.Client) -> None:
    told = error(raw, '{ repository(owner: "acme", name: "shop") { secretSauce } }')
    assert told["message"] == "Field 'secretSauce' doesn't exist on type 'Repository'"
    assert told["extensions"]["code"] == "undefinedField"
    assert len(github.unmodelled) == 1


def test_a_missing_permission_is_forbidden(github: FakeGitHub, change: int) -> None:
    token = github.verbs.tokens.mint({"permissions": {"pull_requests": "read"}})["token"]
    query = '{ repository(owner: "acme", name: "shop") { name object(expression: "main:README.md") { oid } } }'
    headers = {"Authorization": f"token {token}"}
    answer = httpx.post(f"{github.url}/api/graphql", json={"query": query}, headers=headers, trust_env=False).json()
    assert answer["data"]["repository"] == {"name": "shop", "object": None}
    assert answer["errors"][0]["type"] == "FORBIDDEN"


def test_githubkit_understands_the_refusals(github: FakeGitHub, client: Kit) -> None:
    with pytest.raises(GraphQLFailed, match="PullRequest with the number of 99"):
        on_pull(client, 99, "title")
    body = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    github.fail_next("graphql:Look", 200, body=body)
    with pytest.raises(PrimaryRateLimitExceeded):
        on_pull(client, 1, "title")


def test_the_rate_limit_is_told(client: Kit) -> None:
    told = client.graphql("{ rateLimit { cost remaining limit } viewer { login } }")
    assert (told["rateLimit"]["cost"], told["viewer"]["login"]) == (1, "llmgate[bot]")
    assert told["rateLimit"]["remaining"] == told["rateLimit"]["limit"] - 1
