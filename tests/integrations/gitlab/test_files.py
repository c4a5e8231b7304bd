"""The files of a merge request: whole, of one head, and said to be missing where they are not."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from bot.core.facts import Gap
from bot.core.ids import ChangeRef
from bot.core.patch import git_blob_id
from integrations.gitlab import files as files_module
from integrations.gitlab.client import Client
from tests.integrations.gitlab.conftest import DIFF, LOOK, PATHS, REPO, SHOP, TEXTS, Scene

NEW = git_blob_id(b"\0new")


def run_git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    line = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.com", *arguments]
    return subprocess.run(line, cwd=folder, input=stdin, capture_output=True, check=True).stdout.decode().strip()


def commit_of_tree(folder: Path, entries: list[tuple[str, str, str, bytes]]) -> str:
    """A commit on main whose tree holds what no ordinary push makes: mode, kind, object and name each."""
    rows = b"".join(f"{mode} {kind} {oid}\t".encode() + name + b"\0" for mode, kind, oid, name in entries)
    tree = run_git(folder, "mktree", "-z", "--missing", stdin=rows)
    return run_git(folder, "commit-tree", tree, "-p", "refs/heads/main", "-m", "Strange")


def test_every_kind_of_change_is_told_with_its_object_at_head(scene: Scene) -> None:
    ref = scene.pushed({"src/new.py": "x = 1\n", "src/old.py": None, "README.md": "# Shop!\n", "data.bin": b"\0\1"})
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
    ref = scene.pushed({"src/old.py": None, "src/kept.py": "one = 1\ntwo = 2\n"})
    [file] = scene.forge.fetch_change(ref, None).head.files
    assert (file.status, file.path, file.previous_path) == ("renamed", "src/kept.py", "src/old.py")
    assert file.blob == git_blob_id(b"one = 1\ntwo = 2\n")


def test_a_patch_that_gitlab_would_fold_is_read_whole(scene: Scene) -> None:
    content = "".join(f"value_{n} = {n}\n" for n in range(40_000))
    ref = scene.pushed({"src/big.py": content})
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
    ref = scene.pushed({f"{n}.py": "x\n" for n in range(5)})
    reading = scene.forge.fetch_change(ref, None)
    assert reading.head.gaps == (Gap("files", "5 changed files", "at most 3 files; split the change"),)
    assert scene.asked() == [DIFF, LOOK]


def test_a_diff_beyond_all_bounds_is_a_gap_and_not_read_to_its_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "DIFF_LIMIT", 100)
    ref = scene.pushed({"a.py": "x = 1\n" * 100})
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
    ref = scene.pushed({"a.py": "a\n"})
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
    ref = scene.pushed({"a.py": "a\n"})
    late(scene, ref, monkeypatch, 2)
    scene.push({"b.py": "b\n"})
    reading = scene.forge.fetch_change(ref, None)
    assert [gap.what for gap in reading.head.gaps] == ["files"]
    assert scene.forge.fetch_change(ref, reading.head).head.gaps == (), "a hole is looked into again"


# what a change brings along


def test_documents_the_change_adds_cost_nothing_more(scene: Scene) -> None:
    ref = scene.pushed({".llmgate/provenance/a.json": '{"a": 1}\n', ".llmgate/evidence/junit.xml": "<testsuite/>\n"})
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


def test_a_report_of_more_than_five_megabytes_is_named_and_not_taken(scene: Scene) -> None:
    content = b"<testsuite/>\n" * 500_000
    reading = scene.forge.fetch_change(scene.pushed({".llmgate/evidence/junit.xml": content}), None)
    [file] = reading.head.files
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert reading.head.reports == ()
    assert [gap.saw for gap in reading.head.gaps] == [f".llmgate/evidence/junit.xml is {len(content)} bytes long"]


def test_a_file_that_a_document_names_by_sha256_is_read_for_its_digest(scene: Scene) -> None:
    content = "one = 1\ntwo = 4\n"
    document = {"files_generated": [{"path": "src/old.py", "hash": f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"}]}
    ref = scene.pushed({"src/old.py": content, ".llmgate/provenance/a.json": json.dumps(document)})
    files = {file.path: file for file in scene.forge.fetch_change(ref, None).head.files}
    assert files["src/old.py"].sha256 == hashlib.sha256(content.encode()).hexdigest()


@pytest.mark.parametrize(
    "name", ['quo"te.py', "back\\slash.py", "new\nline.py", "ümlaut/ß.py", " b/x y.py", "-x.py", "tab\t.py"]
)
def test_a_strange_name_is_held_against_the_head_like_any_other(scene: Scene, name: str) -> None:
    ref = scene.pushed({name: "x\n"})
    [file] = scene.forge.fetch_change(ref, None).head.files
    assert (file.path, file.blob, file.sha256) == (name, git_blob_id(b"x\n"), hashlib.sha256(b"x\n").hexdigest())


def test_a_name_that_is_no_utf8_is_a_gap(scene: Scene) -> None:
    git = scene.gitlab.world.project(SHOP).git
    head = commit_of_tree(git.path, [("100644", "blob", git_blob_id(b"# Shop\n"), b"caf\xe9.py")])
    git.set_ref("refs/heads/feature", head)
    reading = scene.forge.fetch_change(scene.change(), None)
    assert [gap.what for gap in reading.head.gaps] == ["files"]
    assert "caf\ufffd.py" in reading.head.gaps[0].saw


def test_a_link_is_its_target_and_a_submodule_has_no_object_here(scene: Scene) -> None:
    git = scene.gitlab.world.project(SHOP).git
    link = run_git(git.path, "hash-object", "-w", "--stdin", stdin=b"README.md")
    entries = [("120000", "blob", link, b"link"), ("160000", "commit", "1" * 40, b"lib")]
    git.set_ref("refs/heads/feature", commit_of_tree(git.path, entries))
    reading = scene.forge.fetch_change(scene.change(), None)
    files = {file.path: file for file in reading.head.files if file.status == "added"}
    assert (files["link"].blob, files["lib"].blob) == (link, None)
    assert reading.head.gaps == ()
