"""`llmgate verify` on approvals by passkey: checked offline by the person's own key, which the gate's cannot stand in for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli.layout import REPO, Layout
from bot.cli.main import app
from bot.cli.playground import build_playground
from bot.core import base64url
from bot.core.in_toto import canonical
from integrations.sandbox.clock import FakeClock
from integrations.sigstore.bundle import read_bundle
from integrations.sigstore.keys import load_key
from integrations.sigstore.signer import KeySigner
from tests.authenticator import SoftKey
from tests.cli.test_approvals import environment_of, run
from tests.scenarios.browsers import browsers
from tests.scenarios.signing_desk import Desk, policy

Statement = dict[str, Any]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the export `out` of a change that Bob and Sue approved by passkey, beside the gate's own keys."""
    folder = tmp_path_factory.mktemp("export")
    world = build_playground(Layout(folder / "world"), FakeClock())
    try:
        world.push_policy(policy("passkey"))
        number = world.open_generated().number
        world.settle()
        for new in browsers(world):
            desk = Desk(world, new, number)
            for name in ("bob", "sue"):
                key = SoftKey(id=base64url.encode(f"credential-of-{name}".encode()))
                desk.enrol(name, key)
                assert "Signed" in desk.sign(new().go(desk.ask(name)), key).text
                world.settle()
        done = run(folder, "approvals", "export", f"{REPO}#1", "--out", "out", **environment_of(world))
        assert done.returncode == 0, done.stderr
    finally:
        world.close()
    return folder


def verify(exported: Path, path: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["verify", str(path), "--key", str(exported / "world" / "signing.pem.pub"), *more])


def decision_of(folder: Path, person: str) -> Path:
    found = [file for file in folder.glob("*-decision-*.sigstore.json") if said_in(file)["reviewer"]["person"] == person]
    return found[0]


def said_in(file: Path) -> Statement:
    predicate: Statement = json.loads(read_bundle(file.read_bytes()).payload)["predicate"]
    return predicate


def test_an_export_verifies_with_public_keys_alone(exported: Path) -> None:
    done = verify(exported, exported / "out", "--log-key", str(exported / "world" / "log.pem.pub"))
    assert done.exit_code == 0, done.output
    assert "2 approvals that count" in done.output


def test_one_approval_says_that_the_persons_own_key_signed(exported: Path) -> None:
    done = verify(exported, decision_of(exported / "out", "bob"), "--change", f"{REPO}#1")
    assert done.exit_code == 0, done.output
    assert "passkey: their own key signed this very statement" in done.output


def one_byte(predicate: Statement, _other: Statement) -> None:
    predicate["reason"] = "Reads  ell"


def another_person(predicate: Statement, other: Statement) -> None:
    predicate["reviewer"] = other["reviewer"]


def another_proof(predicate: Statement, other: Statement) -> None:
    predicate["proof"] = other["proof"]


def replayed(predicate: Statement, other: Statement) -> None:
    """Sue's own assertion under a statement that she was not shown."""
    another_person(predicate, other)
    another_proof(predicate, other)


def without(predicate: Statement, _other: Statement) -> None:
    del predicate["proof"]


def no_such_record(predicate: Statement, _other: Statement) -> None:
    predicate["proof"]["record"] = "0" * 64


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (one_byte, "saw a signature over another challenge"),
        (another_person, "saw a passkey of bob; wanted one of sue, who is named as the reviewer"),
        (another_proof, "saw a passkey of sue; wanted one of bob, who is named as the reviewer"),
        (replayed, "saw a signature over another challenge"),
        (without, "saw strength passkey with no proof; wanted passkey proof"),
        (no_such_record, "saw a passkey whose enrolment is record 0000000000000000"),
    ],
)
def test_what_the_gates_own_key_signs_in_a_persons_stead_does_not_verify(
    exported: Path, tmp_path: Path, change: Callable[[Statement, Statement], None], says: str
) -> None:
    folder = tmp_path / "out"
    shutil.copytree(exported / "out", folder)
    file = decision_of(folder, "bob")
    whole = json.loads(read_bundle(file.read_bytes()).payload)
    change(whole["predicate"], said_in(decision_of(folder, "sue")))
    file.write_bytes(KeySigner(load_key(exported / "world" / "signing.pem")).sign(canonical(whole)))
    refused = verify(exported, file)
    assert refused.exit_code == 18
    assert "The person's own signature does not hold" in refused.output
    assert says in refused.output


def test_without_the_record_of_its_enrolment_a_passkey_proves_nothing(exported: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shutil.copytree(exported / "out", folder)
    for file in folder.glob("*-passkey-*"):
        file.unlink()
    refused = verify(exported, decision_of(folder, "bob"))
    assert refused.exit_code == 18
    assert "wanted one of this organisation's records" in refused.output
