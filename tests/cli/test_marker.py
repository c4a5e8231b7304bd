"""`llmgate provenance emit --mark`: a marker in the file where it is safe, in git's attributes where it is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.attributes import marks
from bot.core.detection.paths import file_signals
from tests.cli.emitted import CODE, changed, covered, emit, git, shop, written


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = shop(tmp_path)
    monkeypatch.chdir(root)
    return root


HEADER = "generated_by_llm: claude-code"


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.py", "x = 1\n", f"# {HEADER}\nx = 1\n"),
        ("run.sh", "#!/bin/sh\nls\n", f"#!/bin/sh\n# {HEADER}\nls\n"),
        (
            "c.py",
            "#!/usr/bin/python\n# -*- coding: utf-8 -*-\nx\n",
            f"#!/usr/bin/python\n# -*- coding: utf-8 -*-\n# {HEADER}\nx\n",
        ),
        ("only.sh", "#!/bin/sh", f"#!/bin/sh\n# {HEADER}\n"),
        ("a.ts", "let x\r\n", f"// {HEADER}\r\nlet x\r\n"),
        ("q.sql", "select 1;", f"-- {HEADER}\nselect 1;"),
        ("Dockerfile", "# syntax=docker/dockerfile:1\nFROM a\n", f"# syntax=docker/dockerfile:1\n# {HEADER}\nFROM a\n"),
        ("done.py", "# @generated_by_llm\nx\n", "# @generated_by_llm\nx\n"),
    ],
)
def test_the_marker_is_set_where_it_changes_nothing_else(repo: Path, name: str, before: str, after: str) -> None:
    (repo / name).write_bytes(before.encode())
    (repo / name).chmod(0o755)
    result = emit(name, mark="header")
    assert covered(repo, result, name)
    assert (repo / name).read_bytes() == after.encode()
    assert (repo / name).stat().st_mode & 0o777 == 0o755
    assert [signal.carrier for signal in file_signals(changed(repo, name))] == ["header"]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("data.json", b"{}", "no comment style"),
        ("empty.py", b"", "empty"),
        ("latin.py", b"x = '\xe9'\n", "not UTF-8"),
        ("other.py", b"# coding: latin-1\n", "another encoding|other than UTF-8"),
        ("mark.py", b"\xef\xbb\xbfx = 1\n", "byte order mark"),
    ],
)
def test_a_file_that_cannot_be_marked_safely_is_left_and_named(repo: Path, name: str, content: bytes, why: str) -> None:
    (repo / name).write_bytes(content)
    result = emit(name, mark="header")
    assert result.exit_code == 0
    assert (repo / name).read_bytes() == content
    assert f"not marked: {name} (" in result.stderr
    assert any(words in result.stderr for words in why.split("|"))


def test_an_agent_whose_name_would_unsay_the_marker_is_left_out_of_it(repo: Path) -> None:
    written(emit("login.py", mark="header", agent="no-code"))
    assert (repo / "login.py").read_text() == f"# generated_by_llm\n{CODE}"


def test_attributes_mark_what_takes_no_comment(repo: Path) -> None:
    (repo / "a b [1].json").write_text("{}")
    (repo / ".gitattributes").write_text("*.py text")
    for _ in range(2):
        written(emit("a b [1].json", mark="attributes"))
    text = (repo / ".gitattributes").read_text()
    assert text == "*.py text\n/a?b??1?.json llmgate-generated\n"
    said = git(repo, "check-attr", "llmgate-generated", "--", "a b [1].json", "login.py").splitlines()
    assert [line.rsplit(" ", 1)[1] for line in said] == ["set", "unspecified"]
    assert marks(text)("a b [1].json")
