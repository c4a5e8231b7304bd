"""Opening a repository, in every state that one can be found in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.ports.errors import Refused
from integrations.git.repository import list_files, list_notes, open_repository
from tests.integrations.git.making import make


def test_a_folder_that_is_no_repository_is_refused_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"saw no git repository at .*; wanted .*; give its path"):
        open_repository(tmp_path)


def test_a_path_that_is_not_there_and_a_file_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Refused, match="saw a file at"):
        open_repository(tmp_path / "file")
    with pytest.raises(Refused, match="saw nothing at"):
        open_repository(tmp_path / "gone")


def test_a_folder_inside_leads_to_the_whole_repository(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    head = made.commit("One", "a/b/c.py")
    repository = open_repository(made.root / "a" / "b")
    assert (repository.root, repository.head, repository.branch) == (made.root.resolve(), head, "main")
    assert not repository.bare
    assert not repository.shallow


def test_an_empty_repository_opens_and_has_no_head(tmp_path: Path) -> None:
    repository = open_repository(make(tmp_path / "r").root)
    assert (repository.head, repository.branch) == (None, "main")


def test_a_branch_without_commits_beside_one_with_some_is_refused_and_names_the_other(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    made.commit("One", "a.py")
    made.git("checkout", "-q", "--orphan", "fresh")
    with pytest.raises(Refused, match=r"on branch fresh, which has no commit.*git switch main"):
        open_repository(made.root)


def test_a_detached_head_has_no_branch(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    head = made.commit("One", "a.py")
    made.git("checkout", "-q", "--detach")
    repository = open_repository(made.root)
    assert (repository.head, repository.branch) == (head, "")


def test_a_bare_repository_opens(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    head = made.commit("One", "a.py")
    made.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    repository = open_repository(tmp_path / "bare.git")
    assert (repository.bare, repository.head) == (True, head)


def test_a_shallow_clone_knows_where_it_ends(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    made.commit("One", "a.py")
    edge = made.commit("Two", "a.py")
    made.git("clone", "-q", "--depth=1", made.root.as_uri(), str(tmp_path / "shallow"))
    repository = open_repository(tmp_path / "shallow")
    assert repository.shallow
    assert repository.cut == {edge}


def test_a_repository_of_another_user_is_refused_with_the_command_that_trusts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(tmp_path / "r")
    made.commit("One", "a.py")
    folder = tmp_path / "bin"
    folder.mkdir()
    real = shutil.which("git")
    (folder / "git").write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec "{real}" "$@"\n')
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    with pytest.raises(Refused, match=r"owned by another user.*git config --global --add safe\.directory"):
        open_repository(made.root)


def test_a_machine_without_git_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="saw no `git` in PATH"):
        open_repository(tmp_path)


def test_a_name_that_is_no_utf8_is_listed_with_its_bytes_escaped(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    blob = made.git("hash-object", "-w", "--stdin", stdin=b"x").decode().strip()
    tree = made.git("mktree", "-z", stdin=f"100644 blob {blob}\t".encode() + b"caf\xe9 \n.py\0").decode().strip()
    made.git("update-ref", "refs/heads/main", made.line("commit-tree", tree, "-m", "One"))
    repository = open_repository(made.root)
    assert [entry.path for entry in list_files(repository, "HEAD")] == ["caf\\xe9 \n.py"]


def test_notes_are_found_however_deep_git_spreads_them(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    commit = made.commit("One", "a.py")
    made.git("notes", "--ref=ai", "add", "-m", "note", commit)
    blob = made.line("rev-parse", f"refs/notes/ai:{commit}")
    repository = open_repository(made.root)
    assert list_notes(repository) == {commit: blob}
    tree = made.git("mktree", stdin=f"100644 blob {blob}\t{commit[2:]}\n".encode()).decode().strip()
    top = made.git("mktree", stdin=f"040000 tree {tree}\t{commit[:2]}\n".encode()).decode().strip()
    made.git("update-ref", "refs/notes/ai", made.line("commit-tree", top, "-m", "fanned out"))
    assert list_notes(repository) == {commit: blob}
