"""A look at a change: what it shows, how many calls it takes, and what it says it could not see."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import replace

import pytest

from bot.core.facts import Gap
from bot.core.ids import ChangeRef, ForgeAccount
from bot.core.patch import git_blob_id
from bot.ports.errors import Unavailable, Vanished
from bot.ports.forge import Hint
from integrations.sandbox.faults import Fault
from tests.integrations.github.conftest import HOST, REPO, SHOP, Scene

ANN = ForgeAccount("github", HOST, 2001, "ann", "human")
LOOK, FILES = "POST /graphql Change", f"GET /repos/{SHOP}/pulls/1/files"


def pushed(scene: Scene, files: dict[str, str | bytes | None]) -> ChangeRef:
    scene.github.push(SHOP, "feature", files, by="ann")
    return scene.change()


def test_the_first_look_shows_everything_in_two_calls_at_once(scene: Scene) -> None:
    ref = pushed(scene, {"src/new.py": "print('hi')\n", "src/old.py": "one = 1\ntwo = 3\n"})
    scene.github.label(SHOP, 1, "llm-generated", by="ann")
    reading = scene.forge.fetch_change(ref, None)
    assert scene.asked() == [FILES, LOOK]
    assert reading.reads == 2
    change = reading.change
    assert (change.ref, change.title, change.state, change.author) == (ref, "A change", "open", ANN)
    assert (change.head_ref, change.base_ref, change.head_repo, change.labels) == ("feature", "main", SHOP, ("llm-generated",))
    assert change.head_sha == reading.head.head_sha == scene.github.change(SHOP, 1).head_sha
    assert reading.policy.text == "version: 1\n"
    assert reading.policy.commit == reading.head.base_sha == change.base_sha
    assert (reading.owners_text, reading.owners_path) == ("* @bo\n", ".github/CODEOWNERS")
    assert (reading.check.id, reading.check.state) == (None, None)
    assert reading.head.gaps == ()
    added = next(file for file in reading.head.files if file.path == "src/new.py")
    assert added.sha256 == hashlib.sha256(b"print('hi')\n").hexdigest()
    assert (added.status, added.opening, added.blob) == ("added", "print('hi')", git_blob_id(b"print('hi')\n"))
    changed = next(file for file in reading.head.files if file.path == "src/old.py")
    assert (changed.status, changed.additions, changed.deletions, changed.sha256) == ("modified", 1, 1, None)


def test_nothing_moved_is_one_call_and_the_same_facts(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    first = scene.forge.fetch_change(ref, None)
    scene.asked()
    for hint in (None, Hint(), Hint(first.head.head_sha, "main")):
        again = scene.forge.fetch_change(ref, first.head, hint)
        assert again.head is first.head
        assert again.reads == 1
        assert scene.asked() == [LOOK]


def test_an_announced_push_is_two_calls_at_once(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    first = scene.forge.fetch_change(ref, None)
    head = scene.github.push(SHOP, "feature", {"b.py": "b\n"}, by="ann")
    scene.asked()
    again = scene.forge.fetch_change(ref, first.head, Hint(head))
    assert scene.asked() == [FILES, LOOK]
    assert again.head.head_sha == head
    assert {file.path for file in again.head.files} == {"a.py", "b.py"}


def test_an_unannounced_push_or_a_moved_base_is_noticed_all_the_same(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    first = scene.forge.fetch_change(ref, None)
    scene.github.push(SHOP, "feature", {"b.py": "b\n"}, by="ann")
    second = scene.forge.fetch_change(ref, first.head)
    assert len(second.head.files) == 2
    scene.github.push(SHOP, "main", {".llmgate/policy.yaml": "version: 2\n"}, by="bo")
    scene.asked()
    third = scene.forge.fetch_change(ref, second.head, Hint(second.head.head_sha))
    assert third.policy.text == "version: 2\n"
    assert third.head.base_sha != second.head.base_sha
    assert scene.asked() == [FILES, LOOK]
    assert third.reads == 2


def test_what_had_a_gap_is_read_again_even_if_nothing_moved(scene: Scene) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    whole = scene.forge.fetch_change(ref, None).head
    holed = replace(whole, files=(), gaps=(Gap("files", "some", "all"),))
    assert scene.forge.fetch_change(ref, holed).head == whole


def test_commits_carry_the_accounts_that_github_ties_to_them(scene: Scene) -> None:
    helper = "198982749+helper[bot]@users.noreply.github.com"
    message = f"Add a\n\nCo-authored-by: Bo <bo@example.com>\nCo-authored-by: helper <{helper}>\n"
    scene.github.push(SHOP, "feature", {"a.py": "a\n"}, by="ann", message=message)
    scene.github.push(SHOP, "feature", {"b.py": "b\n"}, by="ann", author="Nobody <nobody@nowhere.example>")
    first, second = scene.forge.fetch_change(scene.change(), None).head.commits
    assert first.message.startswith("Add a\n\nCo-authored-by: Bo")
    assert first.author.account == ANN
    assert [(account.id, account.kind) for account in first.co_author_accounts] == [(2002, "human"), (198_982_749, "bot")]
    assert second.author.account is None
    assert (second.author.name, second.author.email) == ("Nobody", "nobody@nowhere.example")
    assert second.parents == (first.sha,)


def test_a_bots_change_names_the_app(scene: Scene) -> None:
    scene.github.push(SHOP, "feature", {"a.py": "a\n"}, by="helper[bot]")
    change = scene.forge.fetch_change(scene.change(by="helper[bot]"), None).change
    assert change.author == ForgeAccount("github", HOST, 198_982_749, "helper[bot]", "bot")
    assert change.via_app == "helper"


def test_a_fork_is_read_through_the_base_repository(scene: Scene) -> None:
    scene.github.fork(SHOP, "bo")
    scene.github.push("bo/shop", "patch-1", {"a.py": "a\n", ".llmgate/policy.yaml": "version: 99\n"}, by="bo")
    reading = scene.forge.fetch_change(scene.change("bo:patch-1", by="bo"), None)
    assert reading.change.head_repo == "bo/shop"
    assert reading.policy.text == "version: 1\n"
    assert {file.path for file in reading.head.files} == {"a.py", ".llmgate/policy.yaml"}


def test_names_and_titles_may_hold_anything(scene: Scene) -> None:
    title = "\u202e<!channel> `rm` \x1b[31m 🛒 é"
    scene.github.push(SHOP, "feature", {"gen/größe \u202e'\"<b>.py": "x\n", "tab\tline\nbreak.py": "y\n"}, by="ann")
    number = scene.github.open_change(SHOP, "feature", by="ann", base="main", title=title).number
    reading = scene.forge.fetch_change(ChangeRef(REPO, number), None)
    assert reading.change.title == title
    assert {(file.path, file.marked) for file in reading.head.files} == {
        ("gen/größe \u202e'\"<b>.py", True),
        ("tab\tline\nbreak.py", False),
    }


def grow(scene: Scene, branch: str, commits: int) -> None:
    """Many commits on a new branch at once: one push each would take the test's whole time."""
    git = scene.github.world.repo(SHOP).git
    who = "Ann <ann@example.com> 1772528400 +0000"
    commit = f"commit refs/heads/{branch}\ncommitter {who}\ndata 1\nx\n"
    start, rest = (
        f"{commit}from refs/heads/main\n",
        "".join(f"M 644 inline n\ndata {len(str(n))}\n{n}\n\n{commit}" for n in range(commits - 1)),
    )
    stream = f"{start}{rest}M 644 inline n\ndata 4\nlast\n\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=git.path, input=stream.encode(), check=True)
    git.reload()


def test_more_than_a_hundred_commits_are_paged(scene: Scene) -> None:
    grow(scene, "feature", 130)
    reading = scene.forge.fetch_change(scene.change(), None)
    assert (len(reading.head.commits), reading.reads, reading.head.gaps) == (130, 3, ())
    assert len({commit.sha for commit in reading.head.commits}) == 130


def test_more_than_250_commits_are_a_gap_and_the_head_is_still_known(scene: Scene) -> None:
    grow(scene, "feature", 260)
    reading = scene.forge.fetch_change(scene.change(), None)
    assert reading.change.head_sha == scene.github.head(SHOP, "feature")
    assert len(reading.head.head_tree) == 40
    assert [(gap.what, gap.saw) for gap in reading.head.gaps] == [("commits", "260 commits, of which GitHub lists 250")]


def test_files_are_paged_in_parallel_and_three_thousand_are_a_gap(scene: Scene) -> None:
    ref = pushed(scene, {f"f/{number}.py": "x\n" for number in range(250)})
    reading = scene.forge.fetch_change(ref, None)
    assert (len(reading.head.files), reading.reads, reading.head.gaps) == (250, 4, ())
    scene.github.push(SHOP, "feature", {f"g/{number}.py": "x\n" for number in range(2800)}, by="ann")
    head = scene.forge.fetch_change(ref, None).head
    assert len(head.files) == 3000
    assert [(gap.what, gap.saw) for gap in head.gaps] == [("files", "3050 changed files, of which GitHub lists 3000")]


def test_documents_and_reports_of_the_change_come_with_it_and_inherited_ones_do_not(scene: Scene) -> None:
    scene.github.push(SHOP, "main", {".llmgate/evidence/junit.xml": "<old/>", ".llmgate/provenance/old.json": "{}"}, by="bo")
    document = json.dumps({"files_generated": [{"path": "a.py", "hash": "sha256:" + hashlib.sha256(b"a\n").hexdigest()}]})
    files = {"a.py": "a\n", ".llmgate/provenance/new.json": document, ".llmgate/evidence/lcov.info": "TN:\n"}
    reading = scene.forge.fetch_change(pushed(scene, dict(files)), None)
    assert [(found.path, found.content) for found in reading.head.documents] == [
        (".llmgate/provenance/new.json", document.encode())
    ]
    assert [(found.path, found.content) for found in reading.head.reports] == [(".llmgate/evidence/lcov.info", b"TN:\n")]
    assert reading.reads == 2, "the patches show added files whole"


def test_altered_reports_and_binary_ones_are_read_exactly(scene: Scene) -> None:
    scene.github.push(SHOP, "main", {".llmgate/evidence/junit.xml": "<old/>\n<more/>\n"}, by="bo")
    binary = bytes(range(256)) * 3
    ref = pushed(scene, {".llmgate/evidence/junit.xml": "<new/>\n<more/>\n", ".llmgate/evidence/b.bin": binary})
    reading = scene.forge.fetch_change(ref, None)
    assert {report.path: report.content for report in reading.head.reports} == {
        ".llmgate/evidence/junit.xml": b"<new/>\n<more/>\n",
        ".llmgate/evidence/b.bin": binary,
    }
    assert reading.reads == 4
    assert scene.forge.fetch_change(ref, None).reads == 2, "what was read once is kept by its object id"


def test_a_document_that_names_an_altered_file_by_sha256_has_it_read(scene: Scene) -> None:
    document = json.dumps({"files_generated": [{"path": "src/old.py", "hash": "sha256:" + "0" * 64}]})
    ref = pushed(scene, {"src/old.py": "one = 1\ntwo = 4\n", ".llmgate/provenance/d.json": document})
    reading = scene.forge.fetch_change(ref, None)
    file = next(found for found in reading.head.files if found.path == "src/old.py")
    assert file.sha256 == hashlib.sha256(b"one = 1\ntwo = 4\n").hexdigest()
    assert reading.reads == 3


def test_too_many_documents_are_a_gap(scene: Scene) -> None:
    reading = scene.forge.fetch_change(pushed(scene, {f".llmgate/provenance/{n}.json": f"{n}" for n in range(201)}), None)
    assert [(gap.what, gap.saw) for gap in reading.head.gaps] == [("provenance", "201 files under .llmgate/provenance/")]


def test_a_policy_that_github_does_not_show_whole_is_a_gap_and_not_an_absence(scene: Scene) -> None:
    scene.github.push(SHOP, "main", {".llmgate/policy.yaml": b"\0binary", ".github/CODEOWNERS": "x" * 600_000}, by="bo")
    reading = scene.forge.fetch_change(pushed(scene, {"a.py": "a\n"}), None)
    assert reading.policy.text is None
    assert [(gap.what, gap.saw) for gap in reading.head.gaps] == [
        ("policy", ".llmgate/policy.yaml at the base is binary"),
        ("owners", ".github/CODEOWNERS at the base is too large to be shown (600000 bytes)"),
    ]


def test_no_policy_and_no_owners_are_simply_none(scene: Scene) -> None:
    gone = {".llmgate/policy.yaml": None, ".github/CODEOWNERS": None, "CODEOWNERS": None}
    scene.github.push(SHOP, "main", gone, by="bo")
    reading = scene.forge.fetch_change(pushed(scene, {"a.py": "a\n"}), None)
    assert (reading.policy.text, reading.owners_text, reading.owners_path, reading.head.gaps) == (None, "", "", ())


def test_notes_of_git_ai_come_with_their_commits(scene: Scene) -> None:
    sha = scene.github.push(SHOP, "feature", {"a.py": "a\n"}, by="ann")
    fanned = scene.github.push(SHOP, "feature", {"b.py": "b\n"}, by="ann")
    scene.github.push(SHOP, "refs/notes/ai", {sha: "src\n---\n{}", f"{fanned[:2]}/{fanned[2:]}": "b\n"}, by="ann")
    reading = scene.forge.fetch_change(scene.change(), None)
    assert [commit.note for commit in reading.head.commits] == ["src\n---\n{}", "b\n"]
    assert reading.reads == 3


def test_a_change_that_is_not_there_has_vanished(scene: Scene) -> None:
    with pytest.raises(Vanished, match="acme/shop"):
        scene.forge.fetch_change(ChangeRef(REPO, 99), None)


@pytest.mark.parametrize("broken", ["graphql:Change", "GET /repos/*/files"])
def test_either_half_failing_fails_the_look(scene: Scene, broken: str) -> None:
    ref = pushed(scene, {"a.py": "a\n"})
    scene.github.faults.plan(Fault(broken, 502, 1))
    with pytest.raises(Unavailable):
        scene.forge.fetch_change(ref, None)
    assert scene.forge.fetch_change(ref, None).reads == 2
