"""Pull requests, contents and people over REST, read with the real client and with plain HTTP."""

from __future__ import annotations

import base64
from typing import Any

import httpx
from githubkit import AppInstallationAuthStrategy, GitHub

from integrations.sandbox.github.fake import FakeGitHub
from tests.integrations.sandbox.github.conftest import FILES, SHOP

Kit = GitHub[AppInstallationAuthStrategy]


def test_a_change_is_shown_with_its_counts(client: Kit, change: int) -> None:
    pull = client.request("GET", f"/repos/{SHOP}/pulls/{change}").json()
    assert (pull["commits"], pull["changed_files"], pull["additions"], pull["deletions"]) == (1, 2, 2, 1)
    assert (pull["user"]["login"], pull["head"]["ref"], pull["base"]["ref"], pull["mergeable"]) == ("ann", "cart", "main", True)


def test_files_come_with_patch_and_blob(client: Kit, change: int) -> None:
    files = client.request("GET", f"/repos/{SHOP}/pulls/{change}/files").json()
    assert [(each["filename"], each["status"]) for each in files] == [("shop/cart.py", "modified"), ("shop/tax.py", "added")]
    assert files[1]["patch"] == "@@ -0,0 +1 @@\n+rate = 19"
    blob = client.request("GET", f"/repos/{SHOP}/git/blobs/{files[1]['sha']}").json()
    assert base64.b64decode(blob["content"]) == b"rate = 19\n"


def test_a_commit_is_tied_to_an_account_by_its_address(github: FakeGitHub, client: Kit) -> None:
    who = "Stranger <nobody@elsewhere.example>"
    github.push(SHOP, "f", {"a": "1"}, by="bob", author="Ann A <ann@acme.example>", committer=who)
    number = github.open_change(SHOP, "f", by="bob").number
    commit = client.request("GET", f"/repos/{SHOP}/pulls/{number}/commits").json()[0]
    assert (commit["author"]["login"], commit["committer"]) == ("ann", None)
    assert commit["commit"]["committer"]["email"] == "nobody@elsewhere.example"


def test_lists_page_through_the_link_header(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    for number in range(5):
        github.comment(SHOP, change, f"word {number}", by="bob")
    answer = raw.get(f"/repos/{SHOP}/issues/{change}/comments", params={"per_page": 2})
    assert [each["body"] for each in answer.json()] == ["word 0", "word 1"]
    assert set(answer.links) == {"next", "last"}
    last = raw.get(answer.links["last"]["url"])
    assert [each["body"] for each in last.json()] == ["word 4"]
    assert set(last.links) == {"prev", "first"}


def test_githubkit_pages_to_the_end(github: FakeGitHub, client: Kit, change: int) -> None:
    for number in range(7):
        github.comment(SHOP, change, f"word {number}", by="bob")
    issues = client.rest.issues
    found: Any = client.rest.paginate(issues.list_comments, owner="acme", repo="shop", issue_number=change, per_page=3)
    assert [each.body for each in found] == [f"word {number}" for number in range(7)]


def test_no_page_holds_more_than_a_hundred(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    for number in range(101):
        github.comment(SHOP, change, str(number), by="bob")
    assert len(raw.get(f"/repos/{SHOP}/issues/{change}/comments", params={"per_page": 500}).json()) == 100


def test_an_unchanged_answer_is_304_and_free(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    path = f"/repos/{SHOP}/pulls/{change}"
    first = raw.get(path)
    again = raw.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-used"] == first.headers["x-ratelimit-used"]
    github.edit(SHOP, change, by="ann", title="Other")
    assert raw.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_changes_are_found_by_state_head_and_base(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    github.push(SHOP, "other", {"b": "1"}, by="bob")
    second = github.open_change(SHOP, "other", by="bob").number

    def numbers(**query: str) -> list[int]:
        return [each["number"] for each in raw.get(f"/repos/{SHOP}/pulls", params=query).json()]

    assert numbers() == [second, change]
    assert numbers(head="acme:cart") == [change]
    assert numbers(base="release") == []
    github.close_change(SHOP, second, by="bob")
    assert (numbers(), numbers(state="closed"), numbers(state="all")) == ([change], [second], [second, change])


def test_two_changes_may_share_a_head_commit(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    github.push(SHOP, "release", {}, by="ann", message="Cut")
    second = github.open_change(SHOP, "cart", by="bob", base="release").number
    head = github.change(SHOP, change).head_sha
    found = raw.get(f"/repos/{SHOP}/commits/{head}/pulls").json()
    assert [each["number"] for each in found] == [change, second]
    assert {each["head"]["sha"] for each in found} == {head}


def test_contents_are_read_at_a_ref(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    main = raw.get(f"/repos/{SHOP}/contents/.llmgate/policy.yaml").json()
    assert base64.b64decode(main["content"]).decode() == FILES[".llmgate/policy.yaml"]
    at_head = raw.get(f"/repos/{SHOP}/contents/shop/cart.py", params={"ref": "cart"}).json()
    assert base64.b64decode(at_head["content"]) == b"total = 1\n"
    listed = raw.get(f"/repos/{SHOP}/contents/shop", params={"ref": "cart"}).json()
    assert [(each["name"], each["type"]) for each in listed] == [("cart.py", "file"), ("tax.py", "file")]
    assert raw.get(f"/repos/{SHOP}/contents/nothing").status_code == 404


def test_a_tree_is_read_whole(github: FakeGitHub, raw: httpx.Client) -> None:
    tree = raw.get(f"/repos/{SHOP}/git/trees/main", params={"recursive": "1"}).json()
    assert [each["path"] for each in tree["tree"] if each["type"] == "blob"] == sorted(FILES)
    assert tree["truncated"] is False


def test_a_comparison_knows_both_sides(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    github.push(SHOP, "main", {"README.md": "# New\n"}, by="bob")
    answer = raw.get(f"/repos/{SHOP}/compare/main...cart").json()
    assert (answer["status"], answer["ahead_by"], answer["behind_by"]) == ("diverged", 1, 1)
    assert [each["filename"] for each in answer["files"]] == ["shop/cart.py", "shop/tax.py"]


def test_the_base_moves_along_with_its_branch(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    moved = github.push(SHOP, "main", {"README.md": "# New\n"}, by="bob")
    assert raw.get(f"/repos/{SHOP}/pulls/{change}").json()["base"]["sha"] == moved


def test_a_fork_opens_a_change_here(github: FakeGitHub, raw: httpx.Client) -> None:
    github.user("mallory")
    github.fork(SHOP, "mallory")
    github.push("mallory/shop", "evil", {"shop/cart.py": "total = -1\n"}, by="mallory")
    number = github.open_change(SHOP, "mallory:evil", by="mallory").number
    pull = raw.get(f"/repos/{SHOP}/pulls/{number}").json()
    assert (pull["head"]["repo"]["full_name"], pull["head"]["repo"]["fork"], pull["changed_files"]) == ("mallory/shop", True, 1)
    before = pull["head"]["sha"]
    after = github.push("mallory/shop", "evil", {"shop/cart.py": "total = -2\n"}, by="mallory")
    assert raw.get(f"/repos/{SHOP}/pulls/{number}").json()["head"]["sha"] == after != before


def test_the_activity_names_the_pusher_not_the_committer(github: FakeGitHub, raw: httpx.Client, change: int) -> None:
    github.push(SHOP, "cart", {"c": "1"}, by="bob", author="ann")
    newest = raw.get(f"/repos/{SHOP}/activity", params={"ref": "cart"}).json()[0]
    assert (newest["actor"]["login"], newest["activity_type"]) == ("bob", "push")


def test_team_members_include_those_of_teams_below(github: FakeGitHub, raw: httpx.Client) -> None:
    github.team("acme/engineering", ["ann"])
    github.team("acme/security", ["bob"], parent="engineering")
    path = "/orgs/acme/teams/{}/members"
    assert [each["login"] for each in raw.get(path.format("engineering")).json()] == ["ann", "bob"]
    assert [each["login"] for each in raw.get(path.format("security")).json()] == ["bob"]
    assert raw.get(path.format("nobody")).status_code == 404


def test_what_a_person_may_do_is_told(github: FakeGitHub, raw: httpx.Client) -> None:
    github.grant(SHOP, "bob", "read")
    github.grant(SHOP, "ann", "maintain")
    told = {who: raw.get(f"/repos/{SHOP}/collaborators/{who}/permission").json() for who in ("ann", "bob")}
    assert [(each["permission"], each["role_name"]) for each in told.values()] == [("write", "maintain"), ("read", "read")]
    pushing = raw.get(f"/repos/{SHOP}/collaborators", params={"permission": "push"}).json()
    assert [each["login"] for each in pushing] == ["ann"]


def test_a_branch_says_how_it_is_protected(github: FakeGitHub, raw: httpx.Client) -> None:
    assert raw.get(f"/repos/{SHOP}/branches/main/protection").json()["message"] == "Branch not protected"
    github.protect(SHOP, "main", required_checks=[("llmgate", github.app.id)], reviews=1, enforce_admins=True, ruleset=True)
    told = raw.get(f"/repos/{SHOP}/branches/main/protection").json()
    assert told["required_status_checks"]["checks"] == [{"context": "llmgate", "app_id": github.app.id}]
    assert told["enforce_admins"]["enabled"] is True
    rule = raw.get(f"/repos/{SHOP}/rules/branches/main").json()[0]
    assert rule["parameters"]["required_status_checks"] == [{"context": "llmgate", "integration_id": github.app.id}]
