"""A look at a merge request: what it shows, how many calls it takes, and what it says it could not see."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from bot.core.facts import Gap
from bot.core.ids import ChangeRef, ForgeAccount
from bot.core.patch import git_blob_id
from bot.ports.errors import RateLimited, Unavailable, Vanished
from bot.ports.forge import Hint
from integrations.gitlab import files as files_module
from integrations.gitlab import history
from integrations.gitlab.client import Client
from integrations.sandbox.gitlab.people import Access
from tests.integrations.gitlab.conftest import HOST, REPO, SHOP, Scene

ANN = ForgeAccount("gitlab", HOST, 2001, "ann", "human")
LOOK, DIFF, PATHS, TEXTS = (
    "POST /graphql Change",
    "GET /merge_requests/1/raw_diffs",
    "POST /graphql Paths",
    "POST /graphql Texts",
)

NEW = git_blob_id(b"\0new")


def pushed(scene: Scene, files: dict[str, str | bytes | None]) -> ChangeRef:
    scene.push(files)
    return scene.change()


# what it costs


def test_the_first_look_shows_everything_in_three_calls(scene: Scene) -> None:
    ref = pushed(scene, {"src/new.py": "print('hi')\n", "src/old.py": "one = 1\ntwo = 3\n"})
    scene.gitlab.label(SHOP, 1, "llm-generated", by="ann")
    reading = scene.forge.fetch_change(ref, None)
    assert scene.asked() == [DIFF, LOOK, PATHS]
    assert reading.reads == 3
    change = reading.change
    assert (change.ref, change.title, change.state, change.author) == (ref, "A change", "open", ANN)
    assert (change.head_ref, change.base_ref, change.head_repo, change.labels) == ("feature", "main", SHOP, ("llm-generated",))
    assert change.head_sha == reading.head.head_sha == scene.gitlab.head(SHOP, "feature")
    assert reading.policy.text == "version: 1\n"
    assert reading.policy.commit == reading.head.base_sha == change.base_sha == scene.gitlab.head(SHOP, "main")
    assert (reading.owners_path, reading.owners_text) == ("docs/CODEOWNERS", "* @bo\n")
    assert reading.head.gaps == ()


def test_a_look_where_nothing_moved_is_one_call_and_the_same_facts(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    first = scene.forge.fetch_change(ref, None)
    scene.asked()
    again = scene.forge.fetch_change(ref, first.head)
    assert scene.asked() == [LOOK]
    assert (again.reads, again.head is first.head) == (1, True)


def test_a_push_to_the_same_files_is_two_calls_side_by_side(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n", "b.py": "b\n"})
    first = scene.forge.fetch_change(ref, None)
    scene.asked()
    sha = scene.push({"a.py": "other\n"})
    again = scene.forge.fetch_change(ref, first.head, Hint(sha))
    assert scene.asked() == [DIFF, LOOK]
    assert again.reads == 2
    assert again.head.head_sha == sha
    assert {file.path: file.blob for file in again.head.files} == {"a.py": git_blob_id(b"other\n"), "b.py": git_blob_id(b"b\n")}


def test_a_push_to_other_files_asks_for_those_in_one_call_more(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    first = scene.forge.fetch_change(ref, None)
    scene.asked()
    again = scene.forge.fetch_change(ref, first.head, Hint(scene.push({"b.py": "b\n"})))
    assert scene.asked() == [DIFF, LOOK, PATHS]
    assert again.reads == 3


def test_a_head_that_moved_unannounced_is_found_and_read(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    first = scene.forge.fetch_change(ref, None)
    scene.asked()
    sha = scene.push({"a.py": "other\n"})
    again = scene.forge.fetch_change(ref, first.head)
    assert scene.asked() == [DIFF, LOOK, LOOK]
    assert (again.head.head_sha, again.reads) == (sha, 3)


def test_a_base_that_moved_keeps_the_files_and_reads_the_policy_anew_in_one_call(scene: Scene) -> None:
    ref = pushed(scene, {"gen/a.py": "a\n", "made/b.py": "b\n"})
    first = scene.forge.fetch_change(ref, None)
    assert [file.marked for file in first.head.files] == [True, False]
    scene.asked()
    sha = scene.push({".llmgate/policy.yaml": "version: 1\n\n", ".gitattributes": "made/** llmgate-generated\n"}, "main")
    again = scene.forge.fetch_change(ref, first.head)
    assert scene.asked() == [LOOK]
    assert (again.head.base_sha, again.change.base_sha, again.policy.text) == (sha, sha, "version: 1\n\n")
    assert [file.marked for file in again.head.files] == [False, True]


def test_another_target_branch_costs_one_call_the_first_time_only(scene: Scene) -> None:
    scene.gitlab.push(SHOP, "stable", {".llmgate/policy.yaml": "version: 1\n# stable\n"}, by="ann", onto="main")
    scene.gitlab.push(SHOP, "feature", {"a.py": "a\n"}, by="ann", onto="stable")
    ref = scene.change(base="stable")
    first = scene.forge.fetch_change(ref, None)
    assert "POST /graphql Base" in scene.asked()
    assert first.policy.text == "version: 1\n# stable\n"
    again = scene.forge.fetch_change(ref, first.head)
    assert (scene.asked(), again.reads) == ([LOOK], 1)
    assert again.policy.text == first.policy.text


def test_a_target_branch_known_from_the_event_costs_nothing(scene: Scene) -> None:
    scene.gitlab.push(SHOP, "stable", {"x": "x"}, by="ann", onto="main")
    scene.gitlab.push(SHOP, "feature", {"a.py": "a\n"}, by="ann", onto="stable")
    reading = scene.forge.fetch_change(scene.change(base="stable"), None, Hint("", "stable"))
    assert (scene.asked(), reading.reads) == ([DIFF, LOOK, PATHS], 3)


def test_a_tag_named_as_the_base_branch_does_not_bring_a_policy(scene: Scene) -> None:
    lax = scene.gitlab.push(SHOP, "lax", {".llmgate/policy.yaml": "version: 1\nmode: observe\n"}, by="ann", onto="main")
    scene.gitlab.world.project(SHOP).git.set_ref("refs/tags/main", lax)
    ref = pushed(scene, {"a.py": "a\n"})
    assert scene.forge.fetch_change(ref, None, Hint("", "main")).policy.text == "version: 1\n"
    assert scene.forge.fetch_change(ref, None).policy.text == "version: 1\n"


def test_eighty_paths_are_held_against_the_head_in_each_call(scene: Scene) -> None:
    ref = pushed(scene, {f"src/{n:03}.py": f"n = {n}\n" for n in range(200)})
    reading = scene.forge.fetch_change(ref, None)
    assert scene.asked() == [DIFF, LOOK, PATHS, PATHS, PATHS]
    assert (len(reading.head.files), reading.reads) == (200, 5)


# files


def test_every_kind_of_change_is_told_with_its_object_at_head(scene: Scene) -> None:
    ref = pushed(scene, {"src/new.py": "x = 1\n", "src/old.py": None, "README.md": "# Shop!\n", "data.bin": b"\0\1"})
    files = {file.path: file for file in scene.forge.fetch_change(ref, None).head.files}
    assert {path: (f.status, f.additions, f.deletions) for path, f in files.items()} == {
        "src/new.py": ("added", 1, 0),
        "src/old.py": ("removed", 0, 2),
        "README.md": ("modified", 1, 1),
        "data.bin": ("added", 0, 0),
    }
    assert files["src/old.py"].blob is None
    assert files["data.bin"].blob == git_blob_id(b"\0\1")
    assert files["src/new.py"].sha256 == hashlib.sha256(b"x = 1\n").hexdigest()
    assert files["README.md"].sha256 is None


def test_a_renamed_file_has_both_names_and_its_object(scene: Scene) -> None:
    ref = pushed(scene, {"src/old.py": None, "src/kept.py": "one = 1\ntwo = 2\n"})
    [file] = scene.forge.fetch_change(ref, None).head.files
    assert (file.status, file.path, file.previous_path) == ("renamed", "src/kept.py", "src/old.py")
    assert file.blob == git_blob_id(b"one = 1\ntwo = 2\n")


def test_a_patch_that_gitlab_would_fold_is_read_whole(scene: Scene) -> None:
    content = "".join(f"value_{n} = {n}\n" for n in range(40_000))
    ref = pushed(scene, {"src/big.py": content})
    [file] = scene.forge.fetch_change(ref, None).head.files
    assert (file.additions, file.sha256) == (40_000, hashlib.sha256(content.encode()).hexdigest())


def test_a_fork_is_read_through_the_project_it_goes_to(scene: Scene) -> None:
    scene.gitlab.user("cy", id=2004, emails=["cy@example.com"])
    fork = scene.gitlab.fork(SHOP, by="cy")
    scene.gitlab.push(fork.path, "feature", {"a.py": "a\n"}, by="cy")
    ref = ChangeRef(REPO, scene.gitlab.open_change(SHOP, "cy:feature", by="cy", title="From afar").iid)
    reading = scene.forge.fetch_change(ref, None)
    assert [file.path for file in reading.head.files] == ["a.py"]
    assert reading.change.head_repo in (fork.path, "")


def test_too_many_files_are_a_gap_and_not_all_asked_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.gitlab.reading.FILES_LIMIT", 3)
    ref = pushed(scene, {f"{n}.py": "x\n" for n in range(5)})
    reading = scene.forge.fetch_change(ref, None)
    assert reading.head.gaps == (Gap("files", "5 changed files", "at most 3 files; split the change"),)
    assert scene.asked() == [DIFF, LOOK]


def test_a_diff_beyond_all_bounds_is_a_gap_and_not_read_to_its_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "DIFF_LIMIT", 100)
    ref = pushed(scene, {"a.py": "x = 1\n" * 100})
    reading = scene.forge.fetch_change(ref, None)
    assert [gap.what for gap in reading.head.gaps] == ["files"]
    assert reading.head.files == ()


# races


def late(scene: Scene, ref: ChangeRef, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The next diffs arrive as they are now, however late."""
    now, left = files_module.list_files(scene.client, ref), [None] * times

    def listing(client: Client, asked: ChangeRef) -> files_module.FileList:
        return now if left and left.pop() is None else files_module.list_files(client, asked)

    monkeypatch.setattr("integrations.gitlab.reading.list_files", listing)


@pytest.mark.parametrize(
    "change",
    [{"b.py": "b\n"}, {"a.py": "c\n"}, {"a.py": None, "b.py": "b\n"}, {"a.py": None}],
    ids=["another file", "the same counts", "another path", "no file"],
)
def test_a_diff_of_an_older_head_is_found_out_and_read_again(
    scene: Scene, change: dict[str, str | bytes | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    late(scene, ref, monkeypatch, 1)
    sha = scene.push(change)
    scene.asked()
    reading = scene.forge.fetch_change(ref, None)
    assert reading.head.head_sha == sha
    wanted = {path: str(content) for path, content in {"a.py": "a\n", **change}.items() if content is not None}
    assert {file.path: file.blob for file in reading.head.files} == {
        path: git_blob_id(content.encode()) for path, content in wanted.items()
    }
    assert reading.head.gaps == ()
    asked = scene.asked()
    assert asked.count(DIFF) == 1
    assert asked.count(LOOK) == 2


def test_a_diff_that_never_agrees_with_its_head_is_a_gap(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    late(scene, ref, monkeypatch, 2)
    scene.push({"b.py": "b\n"})
    reading = scene.forge.fetch_change(ref, None)
    assert [gap.what for gap in reading.head.gaps] == ["files"]
    assert scene.forge.fetch_change(ref, reading.head).head.gaps == (), "a hole is looked into again"


# commits


def test_commits_are_told_oldest_first_with_accounts_and_addresses(scene: Scene) -> None:
    scene.gitlab.push(SHOP, "feature", {"a.py": "a\n"}, by="ann", author="Ann <ann@example.com>", message="First")
    scene.gitlab.push(SHOP, "feature", {"b.py": "b\n"}, by="ann", author="Eve <eve@nowhere.test>", message="Second\n\nBody\n")
    commits = scene.forge.fetch_change(scene.change(), None).head.commits
    assert [commit.message.strip() for commit in commits] == ["First", "Second\n\nBody"]
    assert (commits[0].author.account, commits[0].author.email) == (ANN, "ann@example.com")
    assert (commits[1].author.account, commits[1].author.name) == (None, "Eve")
    assert commits[1].parents == (commits[0].sha,)


def test_a_committer_known_by_nothing_else_is_the_account_that_is_left(scene: Scene) -> None:
    scene.gitlab.push(
        SHOP, "feature", {"a.py": "a\n"}, by="ann", author="Ann <ann@example.com>", committer="Bo <bo@example.com>"
    )
    [commit] = scene.forge.fetch_change(scene.change(), None).head.commits
    assert commit.committer.account == ForgeAccount("gitlab", HOST, 2002, "bo", "human")


def test_two_unknown_committers_are_tied_to_nobody(scene: Scene) -> None:
    for path, who in (("a.py", "Bo <bo@example.com>"), ("b.py", "Eve <eve@nowhere.test>")):
        scene.gitlab.push(SHOP, "feature", {path: "x\n"}, by="ann", author="Ann <ann@example.com>", committer=who)
    commits = scene.forge.fetch_change(scene.change(), None).head.commits
    assert [commit.committer.account for commit in commits] == [None, None]


def test_a_service_account_is_a_bot(scene: Scene) -> None:
    scene.gitlab.grant(SHOP, "duo-developer", Access.DEVELOPER)
    scene.gitlab.push(SHOP, "feature", {"a.py": "a\n"}, by="duo-developer", author="Duo <duo@example.com>")
    reading = scene.forge.fetch_change(scene.change(by="duo-developer"), None)
    duo = ForgeAccount("gitlab", HOST, 2003, "duo-developer", "bot")
    assert (reading.change.author, reading.head.commits[0].author.account) == (duo, duo)


def test_whom_it_is_assigned_to_is_told(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    scene.gitlab.assign(SHOP, 1, "ann", "duo-developer")
    assert [account.login for account in scene.forge.fetch_change(ref, None).change.assignees] == ["ann", "duo-developer"]


def test_more_than_a_hundred_commits_are_read_page_by_page(scene: Scene) -> None:
    for n in range(130):
        scene.push({"a.py": f"{n}\n"})
    ref = scene.change()
    reading = scene.forge.fetch_change(ref, None)
    assert len(reading.head.commits) == 130
    assert all(len(commit.parents) == 1 for commit in reading.head.commits)
    assert "POST /graphql MoreCommits" in scene.asked()
    assert reading.head.gaps == ()


def test_more_commits_than_are_read_are_a_gap(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "COMMITS_LIMIT", 100)
    for n in range(101):
        scene.push({"a.py": f"{n}\n"})
    [gap] = scene.forge.fetch_change(scene.change(), None).head.gaps
    assert (gap.what, gap.saw) == ("commits", "101 commits or more, of which 100 were read")


def test_notes_about_models_are_read_where_there_are_any(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    head = scene.gitlab.head(SHOP, "feature")
    note = scene.gitlab.push(SHOP, "scratch", {head: "agent: some-model\n", "README.md": None}, by="ann")
    scene.gitlab.world.project(SHOP).git.set_ref("refs/notes/ai", note)
    scene.asked()
    reading = scene.forge.fetch_change(ref, None)
    assert [commit.note for commit in reading.head.commits] == ["agent: some-model\n"]
    assert scene.asked() == [DIFF, LOOK, PATHS, TEXTS]


# what a change brings along


def test_documents_the_change_adds_cost_nothing_more(scene: Scene) -> None:
    ref = pushed(scene, {".llmgate/provenance/a.json": '{"a": 1}\n', ".llmgate/evidence/junit.xml": "<testsuite/>\n"})
    reading = scene.forge.fetch_change(ref, None)
    assert [(d.path, d.content) for d in reading.head.documents] == [(".llmgate/provenance/a.json", b'{"a": 1}\n')]
    assert [report.content for report in reading.head.reports] == [b"<testsuite/>\n"]
    assert reading.reads == 3


def test_documents_the_change_alters_are_read_in_one_call(scene: Scene) -> None:
    scene.push({".llmgate/provenance/a.json": '{"a": 1}\n', ".llmgate/evidence/b.bin": b"\0old"}, "main")
    scene.gitlab.push(
        SHOP,
        "feature",
        {".llmgate/provenance/a.json": '{"a": 1}\n{"b": 2}\n', ".llmgate/evidence/b.bin": b"\0new"},
        by="ann",
        onto="main",
    )
    reading = scene.forge.fetch_change(scene.change(), None)
    assert [document.content for document in reading.head.documents] == [b'{"a": 1}\n{"b": 2}\n']
    assert [report.content for report in reading.head.reports] == [b"\0new"]
    asked = scene.asked()
    raw = f"GET /repository/blobs/{NEW}/raw"
    assert asked == [DIFF, raw, LOOK, PATHS, TEXTS]
    assert len(asked) == reading.reads == 5


def test_a_file_that_a_document_names_by_sha256_is_read_for_its_digest(scene: Scene) -> None:
    content = "one = 1\ntwo = 4\n"
    document = {"files_generated": [{"path": "src/old.py", "hash": f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"}]}
    ref = pushed(scene, {"src/old.py": content, ".llmgate/provenance/a.json": json.dumps(document)})
    files = {file.path: file for file in scene.forge.fetch_change(ref, None).head.files}
    assert files["src/old.py"].sha256 == hashlib.sha256(content.encode()).hexdigest()


# the check, and what the base lacks


def test_the_newest_status_of_the_gates_name_is_its_check(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    head = scene.gitlab.head(SHOP, "feature")
    assert scene.forge.fetch_change(ref, None).check.state is None
    path = f"/projects/{SHOP.replace('/', '%2F')}/statuses/{head}"
    scene.client.send("POST", path, {"state": "pending", "name": "llmgate"})
    waiting = scene.forge.fetch_change(ref, None).check
    assert waiting.state == "waiting"
    scene.client.send("POST", path, {"state": "success", "name": "llmgate", "description": "Not deciding: nothing generated"})
    neutral = scene.forge.fetch_change(ref, None).check
    assert neutral.state == "neutral"
    scene.gitlab.forge_status(SHOP, head, "llmgate", by="bo")
    forged = scene.forge.fetch_change(ref, None).check
    assert (forged.state, forged.id != neutral.id) == ("allowed", True)


def test_a_job_that_is_called_like_the_gate_is_not_its_check(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    scene.gitlab.run_pipeline(SHOP, 1, jobs={"llmgate": "success"})
    assert scene.forge.fetch_change(ref, None).check.state is None


def test_a_policy_that_is_no_text_is_a_gap_until_it_is_mended(scene: Scene) -> None:
    scene.push({".llmgate/policy.yaml": b"\0\1"}, "main")
    ref = pushed(scene, {"a.py": "a\n"})
    first = scene.forge.fetch_change(ref, None)
    assert first.policy.text is None
    assert [gap.what for gap in first.head.gaps] == ["policy"]
    scene.push({".llmgate/policy.yaml": "version: 1\n"}, "main")
    assert scene.forge.fetch_change(ref, first.head).head.gaps == ()


def test_a_base_without_policy_and_owners_says_so(scene: Scene) -> None:
    scene.push(dict.fromkeys((".llmgate/policy.yaml", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")), "main")
    reading = scene.forge.fetch_change(pushed(scene, {"a.py": "a\n"}), None)
    assert (reading.policy.text, reading.owners_text, reading.owners_path, reading.head.gaps) == (None, "", "", ())


def test_the_state_and_the_draft_are_told(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    scene.gitlab.set_draft(SHOP, 1, True, by="ann")
    reading = scene.forge.fetch_change(ref, None)
    assert reading.change.draft
    scene.gitlab.close_change(SHOP, 1, by="ann")
    assert scene.forge.fetch_change(ref, reading.head).change.state == "closed"


# failures


def test_what_is_not_there_has_vanished(scene: Scene) -> None:
    for ref in (ChangeRef(REPO, 77), ChangeRef(replace(REPO, path="acme/none"), 1)):
        with pytest.raises(Vanished, match="knows no merge request"):
            scene.forge.fetch_change(ref, None)


def test_a_limit_is_told_with_the_time_to_wait(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    scene.gitlab.fail_next("graphql:Change", 429, headers={"Retry-After": "9"})
    with pytest.raises(RateLimited) as caught:
        scene.forge.fetch_change(ref, None)
    assert caught.value.retry_after_s == 9


@pytest.mark.parametrize("what", ["graphql:Change", "GET */raw_diffs", "graphql:Paths"])
def test_a_failing_part_fails_the_look(scene: Scene, what: str) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    scene.gitlab.fail_next(what, 502)
    with pytest.raises(Unavailable):
        scene.forge.fetch_change(ref, None)


def test_an_older_gitlab_is_read_by_its_list_and_folded_patches_are_gaps(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a = 1\n", "src/old.py": "one = 1\n", "big.py": "x = 1\n" * 60_000})
    scene.gitlab.fail_next("GET */raw_diffs", 404)
    reading = scene.forge.fetch_change(ref, None)
    files = {file.path: file for file in reading.head.files}
    assert (files["a.py"].blob, files["a.py"].sha256) == (git_blob_id(b"a = 1\n"), hashlib.sha256(b"a = 1\n").hexdigest())
    assert (files["src/old.py"].status, files["src/old.py"].deletions) == ("modified", 1)
    assert (files["big.py"].patch, files["big.py"].additions) == (None, 60_000)
    [gap] = reading.head.gaps
    assert (gap.what, gap.saw) == ("patch", "patches that GitLab leaves out: big.py")
