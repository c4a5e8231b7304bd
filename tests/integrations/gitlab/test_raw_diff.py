"""git's raw diff, read back: what real git writes about real repositories, and what a hostile file puts into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.gitlab.raw_diff import NotADiff, RawFile, read_raw_diff
from tests.integrations.git.making import Made, make


@pytest.fixture
def repo(tmp_path: Path) -> Made:
    """A first commit with a few files to change."""
    made = make(tmp_path / "shop")
    made.write("kept.py", "".join(f"line {n}\n" for n in range(40)))
    made.write("old name.py", "".join(f"word {n}\n" for n in range(40)))
    made.write("gone.py", "one\ntwo\n")
    made.write("data.bin", b"\0\1\2")
    made.write("run.sh", "#!/bin/sh\n")
    made.commit("first")
    return made


def diff(repo: Made, *options: str) -> bytes:
    """All of the working tree against the first commit, as GitLab asks for it."""
    repo.git("add", "-A")
    return repo.git("diff", "--cached", "--full-index", *options, "HEAD")


def read(repo: Made, *options: str) -> dict[str, RawFile]:
    return {file.path: file for file in read_raw_diff(diff(repo, *options))}


def test_every_kind_of_change_is_read_with_its_ids_and_counts(repo: Made) -> None:
    repo.write("kept.py", "".join(f"line {n}\n" for n in range(40) if n != 7) + "more\n")
    repo.write("new/file.py", "a = 1\nb = 2\n")
    (repo.root / "gone.py").unlink()
    files = read(repo)
    assert [(f.path, f.status, f.additions, f.deletions) for f in files.values()] == [
        ("gone.py", "removed", 0, 2),
        ("kept.py", "modified", 1, 1),
        ("new/file.py", "added", 2, 0),
    ]
    assert files["kept.py"].oid == repo.line("hash-object", "kept.py")
    assert files["new/file.py"].oid == repo.line("hash-object", "new/file.py")
    assert files["new/file.py"].content == b"a = 1\nb = 2\n"
    assert files["gone.py"].oid == ""
    assert (files["kept.py"].patch or "").startswith("@@ -5,7 +5,6 @@")


def test_a_rename_and_a_copy_carry_both_names(repo: Made) -> None:
    (repo.root / "old name.py").rename(repo.root / "new name.py")
    repo.write("kept.py", "".join(f"line {n}\n" for n in range(41)))
    repo.write("copy.py", "".join(f"line {n}\n" for n in range(40)))
    files = read(repo, "-M", "-C")
    assert (files["new name.py"].status, files["new name.py"].previous) == ("renamed", "old name.py")
    assert files["new name.py"].oid == "", "a pure rename names no object: it is asked for"
    assert (files["copy.py"].status, files["copy.py"].previous) == ("copied", "kept.py")


def test_a_rename_with_edits_keeps_its_object_id(repo: Made) -> None:
    (repo.root / "old name.py").rename(repo.root / "new name.py")
    repo.write("new name.py", "".join(f"word {n}\n" for n in range(39)))
    file = read(repo, "-M")["new name.py"]
    assert (file.status, file.deletions, file.oid) == ("renamed", 1, repo.line("hash-object", "new name.py"))


def test_a_change_of_mode_alone_is_a_change(repo: Made) -> None:
    (repo.root / "run.sh").chmod(0o755)
    file = read(repo)["run.sh"]
    assert (file.status, file.mode, file.additions, file.patch) == ("changed", "100755", 0, None)


@pytest.mark.parametrize("content", [b"\0\1\3", b""], ids=["altered", "emptied"])
def test_a_binary_file_has_its_ids_and_no_patch(repo: Made, content: bytes) -> None:
    repo.write("data.bin", content)
    file = read(repo)["data.bin"]
    assert (file.oid, file.patch) == (repo.line("hash-object", "data.bin"), None)


def test_a_binary_patch_is_passed_over_whole(repo: Made) -> None:
    repo.write("data.bin", bytes(range(256)) * 9)
    repo.write("zz.py", "x\n")
    assert [f.path for f in read_raw_diff(diff(repo, "--binary"))] == ["data.bin", "zz.py"]


def test_an_empty_new_file_is_there(repo: Made) -> None:
    repo.write("empty.py", "")
    file = read(repo)["empty.py"]
    assert (file.status, file.oid, file.additions) == ("added", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", 0)


def test_a_file_made_a_symbolic_link_is_one_change_of_its_path(repo: Made) -> None:
    (repo.root / "gone.py").unlink()
    (repo.root / "gone.py").symlink_to("kept.py")
    found = read_raw_diff(diff(repo))
    assert [(f.path, f.status, f.mode, f.additions, f.deletions) for f in found] == [("gone.py", "changed", "120000", 1, 2)]


def test_a_submodule_is_told_by_its_mode(repo: Made) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},lib")
    found = read_raw_diff(repo.git("diff", "--cached", "--full-index", "HEAD"))
    assert [(f.path, f.mode, f.oid) for f in found] == [("lib", "160000", "1" * 40)]


@pytest.mark.parametrize(
    "name", ['quo"te.py', "back\\slash.py", "tab\there.py", "new\nline.py", "ümlaut.py", "a b/a b.py", " b/x"]
)
def test_a_strange_name_comes_back_as_it_is(repo: Made, name: str) -> None:
    repo.write(name, "x\n")
    repo.write(f"{name}.empty", "")
    files = read(repo)
    assert {name, f"{name}.empty"} <= set(files)
    assert files[name].readable


def test_a_name_that_is_no_utf8_is_told_apart(repo: Made) -> None:
    (repo.root / "caf\udce9.py").write_bytes(b"x\n")
    [file] = read_raw_diff(diff(repo))
    assert (file.path, file.readable) == ("caf\ufffd.py", False)


def test_content_in_another_encoding_is_known_by_its_digest(repo: Made) -> None:
    repo.write("latin.py", "caf\xe9\r\n".encode("latin-1"))
    file = read(repo)["latin.py"]
    assert file.content == b"caf\xe9\r\n"


def test_a_missing_last_newline_is_part_of_the_content(repo: Made) -> None:
    repo.write("end.py", "a\nb")
    assert read(repo)["end.py"].content == b"a\nb"


HOSTILE = """\
diff --git a/innocent.py b/innocent.py
new file mode 100644
index 0000000000000000000000000000000000000000..e69de29bb2d1d6434b8b29ae775ad8c2e48c5391
--- a/innocent.py
+++ b/innocent.py
@@ -1,1 +1,1 @@
-- a/x
++ b/x
\\ No newline at end of file
Binary files a/x and b/y differ
"""


def test_content_that_looks_like_a_diff_stays_content(repo: Made) -> None:
    repo.write("trap.patch", HOSTILE)
    repo.write("kept.py", HOSTILE)
    repo.write("zz.py", "x\n")
    files = read(repo)
    assert list(files) == ["kept.py", "trap.patch", "zz.py"]
    assert files["trap.patch"].content == HOSTILE.encode()
    assert files["trap.patch"].additions == HOSTILE.count("\n")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=st.binary(max_size=60), new=st.binary(max_size=60))
def test_any_two_contents_give_their_ids_and_gits_own_counts(repo: Made, old: bytes, new: bytes) -> None:
    repo.write("kept.py", old)
    repo.commit("before")
    repo.write("kept.py", new)
    found = read_raw_diff(diff(repo))
    counted = repo.git("diff", "--cached", "--numstat", "HEAD").split(b"\t")
    assert [(f.path, f.oid) for f in found] == ([("kept.py", repo.line("hash-object", "kept.py"))] if old != new else [])
    if found and counted[0] != b"-":
        assert (found[0].additions, found[0].deletions) == (int(counted[0]), int(counted[1]))


@pytest.mark.parametrize(
    ("raw", "saw"),
    [
        (b"Sorry\n", "line 1 is not the start of a file"),
        (b"diff --git a/x b/x\nindex 12..34\n", "line 2 is not the start of a file"),
        (b"diff --git a/x b/y\n", "names that can be read"),
        (b"diff --git a/x b/x\n--- a/x\n", "line 3 is not the new file's name"),
        (b"diff --git a/x b/x\n--- a/x\n+++ b/x\n", "line 4 is not a hunk"),
        (b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n+b\n", "where the hunk goes on"),
        (b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n*b\n", "line 6 is not a line of a hunk"),
        (b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n-b\n+c\n", "line 6 is beyond its hunk's end"),
        (b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n+hidden\n", "line 7 is not the start of a file"),
    ],
)
def test_what_git_would_not_write_is_refused_with_its_line(raw: bytes, saw: str) -> None:
    with pytest.raises(NotADiff, match=saw):
        read_raw_diff(raw)


def test_a_patch_longer_than_a_megabyte_is_counted_and_not_kept(repo: Made) -> None:
    repo.write("long.txt", "0123456789\n" * 100_000)
    file = read(repo)["long.txt"]
    assert (file.additions, file.patch) == (100_000, None)
    assert file.content is not None
