"""`llmgate provenance emit`: what it writes is believed by the gate's own reader, and the prompt is nowhere."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.core.patch import git_blob_id
from bot.core.policy.model import SignerRule
from bot.core.provenance.model import ProvenanceDocument
from bot.core.provenance.read import read_document
from bot.core.rules.provenance import EMIT, SIGN
from integrations.sigstore.keys import fingerprint, make_key
from integrations.sigstore.verifier import KeyRing
from tests.cli.emitted import CODE, FOLDER, PROMPT, covered, emit, git, raw, refused, shop, written


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = shop(tmp_path)
    monkeypatch.chdir(root)
    return root


def every_file(root: Path) -> Iterator[bytes]:
    return (file.read_bytes() for file in root.rglob("*") if file.is_file() and file.name != "prompt.txt")


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


def test_the_check_command_takes_what_emit_wrote(repo: Path, tmp_path: Path) -> None:
    make_key(tmp_path / "signing.pem")
    bare = written(emit("login.py"))
    assert checked(bare) == f"{bare}: good. anthropic/claude-opus 4.1, 1 files\n"
    signed = written(emit("login.py", sign=str(tmp_path / "signing.pem")))
    assert "good, in a bundle whose signature was not checked here. anthropic/claude-opus 4.1, 1 files" in checked(signed)
    (repo / signed).write_text('{"mediaType": "x"}')
    assert "saw media type 'x'" in checked(signed, 1)


def checked(path: Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["provenance", "check", str(path)])
    assert result.exit_code == code, result.output
    return result.stderr if code else result.stdout


@pytest.mark.parametrize("cure", [EMIT, SIGN])
def test_the_command_that_a_refusal_names_is_this_one(repo: Path, tmp_path: Path, cure: str) -> None:
    key = tmp_path / "key.pem"
    make_key(key)
    told = cure.strip("`").replace("FILES", "login.py").replace("KEY", str(key)).split()
    assert told[:3] == ["llmgate", "provenance", "emit"]
    options = dict(zip(told[3:-1:2], told[4:-1:2], strict=True))
    result = emit(told[-1], **{name.removeprefix("--"): value for name, value in options.items()})
    assert result.exit_code == 0, result.output
