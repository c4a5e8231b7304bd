"""`llmgate verify` on the folder of a whole export: everything holds, or what does not is named."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import POLICY, REPO, Layout
from bot.cli.playground import BRANCH, Playground, build_playground
from bot.cli.specimen import login_change
from integrations.sandbox.clock import FakeClock
from integrations.sigstore.keys import make_key
from tests.cli.test_approvals import environment_of, run

RULES = POLICY + "tiers:\n  high:\n    carry_over: true\noverride:\n  roles: [security]\n"


def story(world: Playground) -> None:
    """Two approvals, a clean rebase that takes them along, a push that voids them."""
    world.push_policy(RULES)
    world.settle()
    specimen = login_change(world.clock.now())
    world.open_generated(specimen=specimen)
    world.settle()
    for name in ("bob", "sue"):
        assert Hands(world, name).approve(1).taken
    world.forge.push(world.repo, "main", {"notes.md": "elsewhere\n"}, by="sam", message="Elsewhere")
    world.forge.push(world.repo, BRANCH, specimen.files, by="ann", message=specimen.message, onto="main")
    world.settle()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an export, `out`, beside the keys of the organisation and of its log."""
    folder = tmp_path_factory.mktemp("export")
    world = build_playground(Layout(folder / "world"), FakeClock())
    try:
        story(world)
        done = run(folder, "approvals", "export", f"{REPO}#1", "--out", "out", **environment_of(world))
        assert done.returncode == 0, done.stderr
        assert "Wrote 4 signed decisions about acme/shop#1 to out/, and 3 records beside" in done.stdout
        assert "summary.sigstore.json" in done.stdout
        shutil.copy(folder / "world" / "log.pem.pub", folder / "log.vkey")
    finally:
        world.close()
    return folder


def verify(folder: Path, *more: str, out: str = "out") -> tuple[int, str]:
    keys = ("--key", "world/signing.pem.pub", "--log-key", "log.vkey")
    done = run(folder, "verify", out, *(more or keys))
    return done.returncode, done.stdout + done.stderr


def test_a_whole_export_verifies_with_two_public_keys(exported: Path) -> None:
    code, said = verify(exported)
    assert code == 0, said
    assert "Verified: 7 records, 2 approvals that count." in said
    assert "no longer counts: carried on to" in " ".join(said.split())


def test_demands_are_met_by_an_approval_that_counts(exported: Path) -> None:
    keys = ("--key", "world/signing.pem.pub", "--log-key", "log.vkey")
    assert verify(exported, *keys, "--change", "acme/shop#1")[0] == 0
    code, said = verify(exported, *keys, "--change", "acme/shop#2")
    assert (code, "none of them is an approval of this that counts" in said) == (1, True)


def test_a_folder_is_not_verified_without_the_log(exported: Path) -> None:
    code, said = verify(exported, "--key", "world/signing.pem.pub")
    assert (code, "saw no key of the log; wanted --log-key" in said) == (2, True)


def test_nothing_is_verified_without_a_key(exported: Path) -> None:
    code, said = verify(exported, "--log-key", "log.vkey")
    assert (code, "saw no key to check with" in said) == (2, True)


def test_keys_that_an_export_brings_itself_are_not_believed(exported: Path, tmp_path: Path) -> None:
    make_key(tmp_path / "other.pem")
    code, said = verify(exported, "--key", str(tmp_path / "other.pem.pub"), "--log-key", "log.vkey")
    assert code == 1
    assert "7 records of 7 do not hold" in said


def altered(path: Path) -> None:
    """One byte of what was signed."""
    whole = json.loads(path.read_text())
    payload = base64.b64decode(whole["dsseEnvelope"]["payload"]).replace(b'"bob"', b'"eve"', 1)
    whole["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()
    path.write_text(json.dumps(whole))


def first(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


def drop(folder: Path, pattern: str) -> None:
    first(folder, pattern).unlink()


def swap_proofs(folder: Path) -> None:
    one, two = sorted(folder.glob("*-decision-*.tlog-proof"))[:2]
    content = one.read_text()
    one.write_text(two.read_text())
    two.write_text(content)


BREAKS: dict[str, tuple[Callable[[Path], None], str]] = {
    "an altered statement": (lambda out: altered(first(out, "*-decision-*.json")), "does not match"),
    "a missing proof": (lambda out: drop(out, "*-decision-*.tlog-proof"), "saw no proof that it is in the log"),
    "another record's proof": (swap_proofs, "other bytes, another number or another path"),
    "an origin left out": (lambda out: drop(out, "*-decision-*.json"), "is not on record or does not verify"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_an_export_does_not_verify_with(what: str, exported: Path, tmp_path: Path) -> None:
    break_it, says = BREAKS[what]
    shutil.copytree(exported, tmp_path / "copy")
    break_it(tmp_path / "copy" / "out")
    code, said = verify(tmp_path / "copy")
    assert code == 1
    assert says in " ".join(said.split())


def test_one_file_says_that_it_was_voided_since(exported: Path) -> None:
    """The records beside it are looked at: an approval of the old head is true, and over."""
    old = first(exported / "out", "*-decision-*.json")
    done = run(exported, "verify", str(old), "--key", "world/signing.pem.pub")
    assert done.returncode == 21
    assert "True once, and voided since: carried on to" in done.stderr


def test_one_file_is_shown_to_be_in_the_log_where_its_key_is_given(exported: Path) -> None:
    new = sorted((exported / "out").glob("*-decision-*.json"))[-1]
    keys = ("--key", "world/signing.pem.pub", "--log-key", "log.vkey")
    done = run(exported, "verify", str(new), *keys)
    assert done.returncode == 0, done.stderr
    assert "of the log" in done.stdout
    assert "carried    from" in done.stdout
