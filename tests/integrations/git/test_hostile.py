"""A hostile repository executes nothing while it is read, and reading it writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.ports.errors import Refused
from integrations.git.blobs import reading
from integrations.git.history import read_history, touched_paths
from integrations.git.repository import find_files, list_files, list_notes, open_repository
from tests.integrations.git.making import Made, make

TRAPS = (
    "core.fsmonitor", "core.pager", "pager.log", "pager.diff", "diff.external", "diff.evil.command", "diff.evil.textconv",
    "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "gpg.program", "gpg.ssh.program", "gpg.x509.program",
    "core.sshCommand", "core.gitProxy", "core.editor", "core.askPass", "credential.helper", "sequence.editor",
    "interactive.diffFilter", "core.alternateRefsCommand", "uploadpack.packObjectsHook", "remote.origin.uploadpack",
    "trace2.eventTarget", "man.evil.cmd", "browser.evil.cmd",
)  # fmt: skip
ALIASES = ("log", "rev-parse", "ls-tree", "cat-file", "diff-tree", "grep")
HOOKS = ("post-index-change", "fsmonitor-watchman", "reference-transaction", "pre-auto-gc", "post-checkout")


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a file behind, the one sign of its having run."""
    script = tmp_path / "trap"
    script.write_text(f"#!/bin/sh\ntouch '{tmp_path}/SPRUNG'\ncat >/dev/null\nexit 0\n")
    script.chmod(0o755)
    return script


def hostile(root: Path, trap: Path) -> Made:
    made = make(root)
    made.write(".gitattributes", "* diff=evil filter=evil\n")
    made.commit("One", "a.py")
    made.commit("Two", "a.py", "b.py")
    made.git("notes", "--ref=ai", "add", "-m", "note")
    made.git("checkout", "-q", "-b", "side", "HEAD~1")
    made.commit("Side", "s.py")
    made.git("checkout", "-q", "main")
    made.merge("side", "Merge branch 'side'")
    signed = made.git("cat-file", "commit", "HEAD").replace(
        b"\n\n", b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n", 1
    )
    made.git("update-ref", "HEAD", made.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=signed).decode().strip())
    for key in TRAPS:
        made.git("config", key, str(trap))
    for name in ALIASES:
        made.git("config", f"alias.{name}", f"!{trap}")
    made.git("config", "log.showSignature", "true")
    for name in HOOKS:
        (made.root / ".git/hooks").mkdir(exist_ok=True)
        (made.root / ".git/hooks" / name).write_text(trap.read_text())
        (made.root / ".git/hooks" / name).chmod(0o755)
    return made


def read_everything(root: Path) -> int:
    repository = open_repository(root)
    found = list(read_history(repository))
    touched_paths(repository, [one.commit.sha for change in found for one in (change.tip, *change.brought)])
    list_notes(repository)
    find_files(repository, "line", 10)
    with reading(repository.git) as blobs:
        for entry in list_files(repository, "HEAD"):
            blobs.read(entry.blob)
    return len(found)


def state(root: Path) -> dict[str, tuple[int, int]]:
    return {str(path.relative_to(root)): (path.stat().st_mtime_ns, path.stat().st_size) for path in sorted(root.rglob("*"))}


def test_no_program_that_a_repository_names_is_run(tmp_path: Path, trap: Path) -> None:
    made = hostile(tmp_path / "r", trap)
    (tmp_path / "SPRUNG").unlink(missing_ok=True)  # making the repository may have run some
    assert read_everything(made.root) == 3
    assert not (tmp_path / "SPRUNG").exists()


def test_the_same_repository_does_run_its_programs_for_a_careless_reader(tmp_path: Path, trap: Path) -> None:
    """So that the test above can fail: the traps are live."""
    made = hostile(tmp_path / "r", trap)
    (tmp_path / "SPRUNG").unlink(missing_ok=True)
    made.git("log", "-1", "--format=%H")  # log.showSignature runs gpg.program
    assert (tmp_path / "SPRUNG").exists()


def test_reading_writes_nothing_into_the_repository(tmp_path: Path) -> None:
    made = make(tmp_path / "r")
    for number in range(3):
        made.commit(f"Commit {number}", "a.py")
    (made.root / "a.py").touch()  # a stale index entry, which `git status` would write down
    before = state(made.root)
    read_everything(made.root)
    assert state(made.root) == before


def test_variables_of_the_surroundings_do_not_lead_to_another_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = make(tmp_path / "here"), make(tmp_path / "there")
    here.commit("Here", "a.py")
    there.commit("There", "a.py")
    monkeypatch.setenv("GIT_DIR", str(there.root / ".git"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/bin/false")
    assert [change.tip.commit.message for change in read_history(open_repository(here.root))] == ["Here"]


def test_a_partial_clone_is_refused_and_nothing_is_fetched_or_run(tmp_path: Path, trap: Path) -> None:
    made = make(tmp_path / "r")
    for number in range(3):
        made.commit(f"Commit {number}", "a.py")
    made.git("config", "uploadpack.allowFilter", "true")
    made.git("clone", "-q", "--no-checkout", "--filter=blob:none", made.root.as_uri(), str(tmp_path / "partial"))
    partial = Made(tmp_path / "partial")
    partial.git("config", "remote.origin.uploadpack", str(trap))
    partial.git("config", "protocol.file.allow", "always")
    partial.git("config", "protocol.ext.allow", "always")
    before = state(partial.root)
    with pytest.raises(Refused, match="a partial clone; wanted the whole history"):
        read_everything(partial.root)
    assert not (tmp_path / "SPRUNG").exists()
    assert state(partial.root) == before
