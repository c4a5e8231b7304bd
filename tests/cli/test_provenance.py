"""`llmgate provenance emit`: what it writes is believed by the gate's own reader, and the prompt is nowhere."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.core.detection.paths import file_signals
from bot.core.facts import ChangedFile
from bot.core.patch import git_blob_id
from bot.core.policy.model import SignerRule
from bot.core.provenance.coverage import cover
from bot.core.provenance.model import FoundDocument, ProvenanceDocument
from bot.core.provenance.read import read_document
from integrations.github.attributes import marks
from integrations.sigstore.keys import fingerprint, make_key
from integrations.sigstore.verifier import KeyRing

PROMPT = "Write a login that compares passwords in constant time, zebra"
CODE = "def login() -> bool:\n    return False\n"
FOLDER = Path(".llmgate/provenance")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one generated file, and the present folder; the prompt lies outside."""
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "login.py").write_text(CODE)
    (tmp_path / "prompt.txt").write_text(PROMPT)
    monkeypatch.chdir(root)
    return root


def emit(*arguments: str | Path, prompt: str = "../prompt.txt", stdin: str | None = None, **said: str) -> Result:
    fields = {"model-name": "claude-opus", "model-version": "4.1", "model-provider": "anthropic", "prompt-version": "login@1"}
    options = [*fields.items(), ("user", "ann"), ("agent", "claude-code"), ("prompt-file", prompt)]
    given = {name.replace("_", "-"): value for name, value in said.items()}
    line = [part for name, value in {**dict(options), **given}.items() for part in (f"--{name}", value)]
    return CliRunner().invoke(app, ["provenance", "emit", *line, *map(str, arguments)], input=stdin)


def written(result: Result) -> Path:
    assert result.exit_code == 0, result.output
    return Path(result.stdout.strip())


def refused(result: Result, *says: str) -> None:
    assert result.exit_code in (1, 2), result.output
    assert isinstance(result.exception, SystemExit)
    for words in (*says, "wanted"):
        assert words in result.stderr
    assert "zebra" not in result.output


def every_file(root: Path) -> Iterator[bytes]:
    return (file.read_bytes() for file in root.rglob("*") if file.is_file() and file.name != "prompt.txt")


def raw(root: Path, result: Result) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((root / written(result)).read_bytes())
    return whole


def changed(root: Path, path: str) -> ChangedFile:
    """The file as a forge would tell it: after git has stored it."""
    content = subprocess.run(["git", "-C", str(root), "show", f":{path}"], capture_output=True, check=True).stdout
    sha256, opening = hashlib.sha256(content).hexdigest(), content.decode()
    return ChangedFile(path, "added", 1, 0, blob=git(root, "rev-parse", f":{path}"), sha256=sha256, opening=opening)


def covered(root: Path, result: Result, *paths: str) -> bool:
    git(root, "add", ".")
    name = written(result).as_posix()
    document = read_document((root / name).read_bytes(), name)
    assert isinstance(document, ProvenanceDocument), document
    found = cover([FoundDocument(name, "", document)], [changed(root, path) for path in paths])
    return not (found.uncovered or found.drifted or found.unknown or found.missing)


def test_what_is_emitted_covers_the_files_as_git_stores_them(repo: Path) -> None:
    (repo / "test_login.py").write_text("def test() -> None: ...\n")
    result = emit("login.py", "test_login.py", tool="claude-code@2.0", template="unit@3", descriptor="A login")
    assert covered(repo, result, "login.py", "test_login.py")
    whole = raw(repo, result)
    assert whole["files_generated"][0] == {
        "path": "login.py",
        "hash": f"sha256:{hashlib.sha256(CODE.encode()).hexdigest()}",
        "git_blob": f"gitblob:{git_blob_id(CODE.encode())}",
    }
    assert whole["tooling_chain"] == [{"name": "claude-code", "version": "2.0"}]
    assert written(result).parent == FOLDER


def test_the_prompt_is_nowhere(repo: Path, tmp_path: Path) -> None:
    key = tmp_path / "signing.pem"
    make_key(key)
    for result in (emit("login.py"), emit("login.py", sign=str(key)), emit("login.py", prompt="-", stdin=PROMPT)):
        assert result.exit_code == 0
        assert "zebra" not in result.output
    bare = hashlib.sha256(PROMPT.encode()).hexdigest().encode()
    for content in every_file(tmp_path):
        assert b"zebra" not in content
        assert bare not in content


def test_without_a_key_each_digest_has_its_own_salt(repo: Path) -> None:
    first, second = (raw(repo, emit("login.py"))["prompt_hash"] for _ in range(2))
    assert first != second
    kind, salt, digest = first.split(":")
    assert kind == "sha256-salted"
    assert digest == hashlib.sha256(bytes.fromhex(salt) + PROMPT.encode()).hexdigest()


def test_with_a_key_the_digest_is_the_prompt_s_under_that_key(repo: Path, tmp_path: Path) -> None:
    key = tmp_path / "prompt.key"
    key.write_text("0123456789abcdef0123456789abcdef\n")
    key.chmod(0o600)
    for result in (emit("login.py", prompt_key=str(key)), emit("login.py", prompt="-", stdin=PROMPT, prompt_key=str(key))):
        wanted = hmac.new(b"0123456789abcdef0123456789abcdef", PROMPT.encode(), hashlib.sha256).hexdigest()
        assert raw(repo, result)["prompt_hash"] == f"hmac-sha256:{wanted}"


def test_a_signed_document_is_believed_by_that_key_and_replaces_the_unsigned_one(repo: Path, tmp_path: Path) -> None:
    key = make_key(tmp_path / "signing.pem")
    bare = written(emit("login.py", name="login"))
    signed = written(emit("login.py", name="login", sign=str(tmp_path / "signing.pem")))
    assert (bare.name, signed.name) == ("login.json", "login.sigstore.json")
    assert [one.name for one in (repo / FOLDER).iterdir()] == [signed.name]
    ring = KeyRing([], [key.public_key()])
    rule = SignerRule(key_sha256=fingerprint(key.public_key()))
    found = ring.read_document((repo / signed).read_bytes(), signed.as_posix(), [rule])
    assert (found.attested, found.problem) == ("organisation-key", "")
    assert isinstance(read_document(found.payload, "x"), ProvenanceDocument)


def test_it_works_below_the_root_and_with_names_of_every_kind(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = repo / "src" / "müller & söhne"
    folder.mkdir(parents=True)
    (folder / "a b – ü.py").write_text("x = 1\n")
    monkeypatch.chdir(folder)
    result = emit("a b – ü.py", "../../login.py", prompt="../../../prompt.txt")
    assert covered(repo, result, "src/müller & söhne/a b – ü.py", "login.py")


def test_the_same_files_again_replace_their_document(repo: Path) -> None:
    first = written(emit("login.py"))
    (repo / "login.py").write_text(CODE + "# more\n")
    result = emit(repo / "login.py", "login.py")
    assert written(result) == first
    assert covered(repo, result, "login.py")
    assert len(list((repo / FOLDER).iterdir())) == 1


def test_changed_line_ends_are_told_by_git_s_own_digest_alone(repo: Path) -> None:
    (repo / ".gitattributes").write_text("*.py text eol=lf\n")
    (repo / "login.py").write_bytes(CODE.replace("\n", "\r\n").encode())
    result = emit("login.py")
    assert covered(repo, result, "login.py")
    assert raw(repo, result)["files_generated"] == [{"path": "login.py", "hash": f"gitblob:{git_blob_id(CODE.encode())}"}]


def test_a_file_that_a_filter_replaces_is_refused_and_the_filter_not_run(repo: Path, tmp_path: Path) -> None:
    (repo / ".gitattributes").write_text("*.bin filter=lfs\n")
    git(repo, "config", "filter.lfs.clean", f"touch {tmp_path / 'ran'}; cat")
    (repo / "model.bin").write_text("weights")
    refused(emit("model.bin"), "git's filter `lfs`")
    assert not (tmp_path / "ran").exists()


def test_a_file_outside_or_of_another_repository_is_refused(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text(CODE)
    refused(emit("../other.py"), "is not of the repository")
    inner = repo / "vendored"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / "x.py").write_text(CODE)
    refused(emit("vendored/x.py"), "is not of the repository")
    assert not (repo / FOLDER).exists()


def test_outside_of_any_repository_nothing_is_emitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "login.py").write_text(CODE)
    (tmp_path / "prompt.txt").write_text(PROMPT)
    monkeypatch.chdir(tmp_path)
    refused(emit("login.py", prompt="prompt.txt"), "no git repository")


def test_what_is_no_plain_file_is_refused_by_its_kind(repo: Path) -> None:
    (repo / "link.py").symlink_to("login.py")
    (repo / "folder").mkdir()
    (repo / "two\nlines.py").write_text(CODE)
    refused(emit("missing.py"), "saw nothing at missing.py")
    refused(emit("link.py"), "saw a symbolic link")
    refused(emit("folder"), "another kind of file")
    refused(emit(".git/HEAD"), "git's or llmgate's own")
    refused(emit("two\nlines.py"), "rename the file")


def test_a_prompt_that_cannot_be_read_is_refused(repo: Path, tmp_path: Path) -> None:
    refused(emit("login.py", prompt="none.txt"), "--prompt-file none.txt")
    refused(emit("login.py", prompt="-", stdin="  \n"), "nothing in standard input")
    assert not (repo / FOLDER).exists()


def test_a_key_that_cannot_be_used_is_refused(repo: Path, tmp_path: Path) -> None:
    loose = tmp_path / "loose.pem"
    make_key(loose)
    loose.chmod(0o644)
    short = tmp_path / "short.key"
    short.write_text("abc")
    short.chmod(0o600)
    refused(emit("login.py", sign="none.pem"), "none.pem")
    refused(emit("login.py", sign=str(loose)), "chmod 600")
    refused(emit("login.py", prompt_key=str(loose)), "chmod 600")
    refused(emit("login.py", prompt_key=str(short)), "a key of 3 bytes")
    refused(emit("login.py", prompt_key="none.key"), "--prompt-key none.key")
    assert not (repo / FOLDER).exists()


def test_what_the_gate_would_refuse_is_never_written(repo: Path) -> None:
    refused(emit("login.py", prompt_version="two words"), "at `prompt_version`")
    refused(emit("login.py", model_name=""), "at `model_name`")
    refused(emit("login.py", descriptor="ghp_" + "a1B2" * 9), "a GitHub token", "(not shown)")
    refused(emit("login.py", tool="eslint"), "--tool 'eslint'")
    refused(emit("login.py", name="../x"), "--name '../x'")
    assert not (repo / FOLDER).exists()


def test_another_file_of_that_name_is_not_overwritten(repo: Path) -> None:
    (repo / FOLDER).mkdir(parents=True)
    (repo / FOLDER / "notes.json").write_text('{"mine": true}')
    refused(emit("login.py", name="notes"), "no provenance document")
    assert (repo / FOLDER / "notes.json").read_text() == '{"mine": true}'


def test_a_folder_that_leads_out_of_the_repository_is_refused(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (repo / ".llmgate").symlink_to(tmp_path / "elsewhere")
    refused(emit("login.py"), "wanted a plain folder")
    assert list((tmp_path / "elsewhere").rglob("*.json")) == []


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


def test_the_check_command_takes_what_emit_wrote(repo: Path) -> None:
    path = written(emit("login.py"))
    result = CliRunner().invoke(app, ["provenance", "check", str(path)])
    assert result.exit_code == 0
    assert "anthropic/claude-opus 4.1, 1 files" in result.stdout
