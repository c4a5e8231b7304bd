"""Diffs as real git writes them, read back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.patch import added_content, added_lines, git_blob_id, opening_lines, patch_id

CONTENTS = [
    "a\nb\n",
    "no newline",
    "",
    "one\n\n\nfour\n",
    "tab\there\r\nwindows\r\n",
    "grüße\n\\ not a marker\n+plus\n-minus\n",
]


def git(cwd: Path, *args: str) -> str:
    env = {"GIT_CONFIG_GLOBAL": "/dev/null", "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(cwd)}
    return subprocess.run(["git", *args], cwd=cwd, capture_output=True, check=True, env=env).stdout.decode()


def hunks(diff: str) -> str:
    at = diff.find("@@ ")
    return diff[at:].removesuffix("\n") if at >= 0 else ""


@pytest.mark.parametrize("content", CONTENTS)
def test_an_added_file_is_rebuilt_from_its_patch_to_the_byte(tmp_path: Path, content: str) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "f").write_bytes(content.encode())
    git(tmp_path, "add", "f")
    patch = hunks(git(tmp_path, "diff", "--cached"))
    additions = len(content.splitlines()) if "\r" not in content else content.count("\n")
    rebuilt = added_content(patch, additions)
    assert rebuilt == content.encode()
    assert git_blob_id(rebuilt) == git(tmp_path, "hash-object", "f").strip()


def test_a_patch_that_is_not_all_of_the_file_is_not_believed() -> None:
    assert added_content("@@ -0,0 +1,2 @@\n+a\n+b", 3) is None
    assert added_content("@@ -1,2 +1,2 @@\n a\n-b\n+c", 1) is None


def test_added_lines_are_numbered_in_the_new_file() -> None:
    patch = "@@ -1,3 +1,4 @@\n a\n+b\n c\n+d\n-e\n@@ -20,2 +21,3 @@ def f():\n x\n+y\n z"
    assert added_lines(patch) == (2, 4, 22)


def test_the_opening_is_known_only_from_line_one() -> None:
    assert opening_lines("@@ -0,0 +1,3 @@\n+# generated_by_llm: x\n+b\n+c", 2) == "# generated_by_llm: x\nb"
    assert opening_lines("@@ -9,1 +9,2 @@\n a\n+b") is None


def test_the_same_patch_elsewhere_in_the_file_keeps_its_id() -> None:
    here = [("a.py", "@@ -1,2 +1,3 @@\n a\n+b\n c")]
    moved = [("a.py", "@@ -11,2 +11,3 @@ def g():\n a\n+b\n c")]
    other = [("a.py", "@@ -1,2 +1,3 @@\n a\n+B\n c")]
    assert patch_id(here) == patch_id(moved) != patch_id(other)
    assert patch_id([("a.bin", None)]) == ""


@given(st.text(alphabet="ab +-@\\\n", max_size=60))
def test_no_text_breaks_the_reader(patch: str) -> None:
    added_lines(patch)
    added_content(patch, 1)
    opening_lines(patch)
