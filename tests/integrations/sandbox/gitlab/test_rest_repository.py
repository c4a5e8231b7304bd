"""REST about people, groups, hooks, git and packages."""

from __future__ import annotations

import hashlib

import httpx
import pytest
from gitlab.exceptions import GitlabGetError, GitlabHttpError

from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access
from tests.integrations.sandbox.gitlab.conftest import FILES, SHOP
from tests.integrations.sandbox.gitlab.hook import GitLabHook
from tests.integrations.sandbox.gitlab.reach import client

PROJECT = "/projects/acme%2Fweb%2Fshop"


def test_users_are_found_by_name_and_number(gitlab: FakeGitLab) -> None:
    kit = client(gitlab)
    found = kit.users.list(username="ann", get_all=True)
    assert [each.name for each in found] == ["Ann"]
    assert kit.users.get(found[0].id).bot is False
    assert kit.users.get(gitlab.bot.id).bot is True


def test_members_come_from_groups_above_and_by_number(gitlab: FakeGitLab) -> None:
    gia = gitlab.user("gia")
    del gitlab.world.project(SHOP).members[gia.id]
    gitlab.group("acme", members={"gia": Access.OWNER})
    project = client(gitlab).projects.get(SHOP)
    ids = [gitlab.world.user(name).id for name in ("gia", "mia")]
    listed = client(gitlab).http_list(f"{PROJECT}/members/all", query_data={"user_ids[]": ids}, get_all=True)
    assert {each["username"]: each["access_level"] for each in listed} == {"gia": 50, "mia": 40}
    assert [each.username for each in project.members.list(get_all=True, query="gia")] == []
    assert project.members_all.get(ids[0]).access_level == 50
    with pytest.raises(GitlabGetError, match="404 Not found"):
        project.members.get(ids[0])


def test_a_groups_members_are_its_own_or_all(gitlab: FakeGitLab) -> None:
    gitlab.group("acme/leads", members={"ann": Access.DEVELOPER})
    gitlab.group("acme", members={"mia": Access.OWNER})
    group = client(gitlab, gitlab.token_for("mia")).groups.get("acme/leads")
    assert {each.username for each in group.members.list(get_all=True)} == {"ann"}
    assert {"ann", "mia"} <= {each.username for each in group.members_all.list(get_all=True)}


def test_hooks_are_for_maintainers_and_never_tell_their_secrets(
    gitlab: FakeGitLab, raw: httpx.Client, hook: GitLabHook
) -> None:
    assert raw.get(f"{PROJECT}/hooks").status_code == 403
    mia = client(gitlab, gitlab.token_for("mia"))
    told = list(mia.http_list(f"{PROJECT}/hooks", get_all=True))
    assert (told[0]["url"], told[0]["merge_requests_events"]) == (hook.url, True)
    assert gitlab.hook_token not in str(told)


def test_what_a_hook_was_sent_can_be_sent_again(gitlab: FakeGitLab, hook: GitLabHook, change: int) -> None:
    gitlab.flush()
    mia, before = client(gitlab, gitlab.token_for("mia")), len(gitlab.deliveries)
    hooks = f"{PROJECT}/hooks/{gitlab.hooks[0].id}/events"
    events = list(mia.http_list(hooks, get_all=True))
    assert {each["trigger"] for each in events} == {"push_hooks", "merge_request_hooks"}
    assert gitlab.hook_token not in str(events)
    mia.http_post(f"{hooks}/{events[0]['id']}/resend")
    gitlab.flush()
    assert len(gitlab.deliveries) == before + 1
    assert mia.http_list(hooks, get_all=True, query_data={"status": "server_failure"}) == []


def test_files_and_blobs_are_read_as_they_are(gitlab: FakeGitLab) -> None:
    project = client(gitlab).projects.get(SHOP)
    text = FILES["shop/cart.py"].encode()
    found = project.files.get("shop/cart.py", ref="main")
    assert (found.decode(), found.content_sha256) == (text, hashlib.sha256(text).hexdigest())
    assert project.files.raw("shop/cart.py", ref="main") == text
    assert project.repository_raw_blob(found.blob_id) == text
    with pytest.raises(GitlabGetError, match="404 File Not Found"):
        project.files.get("none", ref="main")


def test_a_branch_tells_its_tip_and_its_protection(gitlab: FakeGitLab) -> None:
    gitlab.push(SHOP, "feature/one", {"x": "1"}, by="ann")
    gitlab.protect(SHOP, "main")
    project = client(gitlab).projects.get(SHOP)
    told = project.branches.get("feature/one")
    assert (told.commit["id"], told.protected) == (gitlab.head(SHOP, "feature/one"), False)
    assert project.branches.get("main").protected
    assert [each.name for each in project.protectedbranches.list(get_all=True)] == ["main"]
    with pytest.raises(GitlabGetError, match="404 Branch Not Found"):
        project.branches.get("none")


def test_a_commit_tells_its_parents_and_merge_requests(gitlab: FakeGitLab, change: int) -> None:
    commit = client(gitlab).projects.get(SHOP).commits.get(gitlab.head(SHOP, "cart"))
    assert commit.parent_ids == [gitlab.head(SHOP, "main")]
    assert [each["iid"] for each in commit.merge_requests()] == [change]


def test_labels_are_made_once_and_edited(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    project = client(gitlab).projects.get(SHOP)
    project.labels.create({"name": "llm", "color": "#112233", "description": "Generated"})
    again = raw.post(f"{PROJECT}/labels", json={"name": "llm", "color": "#112233"})
    assert (again.status_code, again.json()) == (409, {"message": "Label already exists"})
    project.labels.update("llm", {"color": "#445566"})  # named in the body
    assert raw.put(f"{PROJECT}/labels/llm", json={"description": "Made"}).json()["color"] == "#445566"
    assert project.labels.get("llm").description == "Made"


def test_a_package_file_keeps_its_folder_in_its_name(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    path = f"{PROJECT}/packages/generic/llmgate/1.0/provenance/ann.json"
    assert raw.put(path, content=b"{}").json() == {"message": "201 Created"}
    assert raw.get(path).content == b"{}"
    project = client(gitlab).projects.get(SHOP)
    package = project.packages.list(get_all=True, package_name="llmgate", package_type="generic")[0]
    files = package.package_files.list(get_all=True)
    assert [(each.file_name, each.size) for each in files] == [("provenance%2Fann.json", 2)]
    assert files[0].file_sha256 == hashlib.sha256(b"{}").hexdigest()
    encoded = raw.get(path.replace("provenance/", "provenance%2F"))
    assert encoded.json() == {"error": "file_name is invalid"}


def test_only_developers_publish_packages(gitlab: FakeGitLab) -> None:
    gitlab.user("rae")
    gitlab.grant(SHOP, "rae", Access.REPORTER)
    with pytest.raises(GitlabHttpError, match="403 Forbidden"):
        client(gitlab, gitlab.token_for("rae")).http_put(f"{PROJECT}/packages/generic/llmgate/1.0/a.json", raw=True)


def test_what_the_licence_is_shows_in_metadata_and_settings(gitlab: FakeGitLab) -> None:
    kit = client(gitlab)
    assert kit.http_get("/metadata")["enterprise"] is False  # type: ignore[index]  # typed as a raw response too
    assert not hasattr(kit.projects.get(SHOP), "merge_trains_enabled")
    gitlab.licence = "premium"
    assert kit.projects.get(SHOP).merge_trains_enabled is False


def test_a_fork_tells_what_it_was_forked_from(gitlab: FakeGitLab) -> None:
    made = gitlab.fork(SHOP, by="ann")
    told = client(gitlab, gitlab.token_for("ann")).projects.get(made.path)
    assert told.forked_from_project["path_with_namespace"] == SHOP


def test_projects_are_filtered_by_role(gitlab: FakeGitLab) -> None:
    gitlab.project("other/lib", files={"a": "1"})
    gitlab.grant("other/lib", gitlab.bot.username, Access.REPORTER)
    kit = client(gitlab)
    listed = kit.projects.list(membership=True, min_access_level=30, simple=True, get_all=True)
    assert [each.path_with_namespace for each in listed] == [SHOP]


def test_a_groups_hooks_are_premiums_and_its_owners(gitlab: FakeGitLab, raw: httpx.Client, hook: GitLabHook) -> None:
    gitlab.install(hook.url, "group")
    gitlab.group("acme", members={"mia": Access.OWNER})
    mia = client(gitlab, gitlab.token_for("mia"))
    with pytest.raises(GitlabHttpError, match="404 Not Found"):
        mia.http_list("/groups/acme/hooks", get_all=True)
    gitlab.licence = "premium"
    assert raw.get("/groups/acme/hooks").status_code == 403
    told = list(mia.http_list("/groups/acme/hooks", get_all=True))
    assert [each["url"] for each in told] == [hook.url]
    assert list(mia.http_list(f"/groups/acme/hooks/{told[0]['id']}/events", get_all=True)) == []
