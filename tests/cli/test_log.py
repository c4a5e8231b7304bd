"""`llmgate log …` as its operator, an auditor and a witness elsewhere run it: what it prints, and how it ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.hands import Hands
from bot.cli.layout import AUDIT_CHANNEL, LOG_ORIGIN, Layout, Neighbours, settings_of
from bot.cli.main import app
from bot.cli.playground import Playground, build_playground
from bot.core.tlog.check import Included, check_inclusion
from bot.core.tlog.note import format_vkey, parse_note
from bot.ports.records import StoredRecord
from integrations.sandbox.clock import FakeClock
from integrations.tlog.keys import check_signature, load_key, make_key
from tests.scenarios.archive import Administrator

WITNESS = "eye.example/witness"


@dataclass(frozen=True)
class Desk:
    """A gate with two approvals in its log, and a witness whom it knows."""

    world: Playground
    environment: Mapping[str, str]
    folder: Path

    def run(self, *words: str) -> Result:
        result = CliRunner().invoke(app, ["log", *words], env=dict(self.environment))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    @property
    def vkey(self) -> str:
        assert self.world.gate.log
        return format_vkey(self.world.gate.log.log.signer.key)

    def witness(self, *more: str, state: str = "state", vkey: str = "") -> Result:
        folder = self.folder
        where = ("--log", f"{self.world.served.url}/log", "--vkey", vkey or self.vkey)
        return self.run("witness", *where, "--key", str(folder / "witness.pem"), "--state", str(folder / state), *more)

    def records(self) -> tuple[StoredRecord, ...]:
        with self.world.gate.kit.store.look() as unit:
            return unit.records_from(0, 100)

    def approve(self, name: str) -> None:
        assert Hands(self.world, name).approve(1).taken

    def tick(self) -> str:
        """The head that was signed, as a note."""
        self.world.clock.advance(timedelta(hours=1))
        self.world.gate.carry_log_on()
        self.world.settle()
        assert self.world.gate.log
        newest = self.world.gate.log.log.newest()
        assert newest
        return newest.note


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    key = make_key(tmp_path / "witness.pem", WITNESS)
    layout = Layout(tmp_path / "world", sqlite_url, log={"witnesses": [format_vkey(key.witness_vkey)]})
    world = build_playground(layout, FakeClock())
    around = Neighbours(list(world.stages.values()), world.slack, world.members, f"http://localhost:{world.served.port}")
    environment = {f"LLMGATE_{part.upper()}": json.dumps(values) for part, values in settings_of(layout, around).items()}
    world.open_generated()
    world.settle()
    made = Desk(world, environment, tmp_path)
    made.approve("sam")
    yield made
    world.close()


# verify


def test_an_untouched_log_holds_and_the_exit_code_is_0(desk: Desk) -> None:
    desk.tick()
    result = desk.run("verify")
    assert result.exit_code == 0, result.output
    assert (
        result.stdout == f"The log holds. Looked at {len(desk.records())} records, 1 signed head, 1 note from outside (git).\n"
    )


def test_a_checkpoint_copied_out_of_the_channel_is_compared_too(desk: Desk) -> None:
    desk.tick()
    (message,) = desk.world.slack.messages(AUDIT_CHANNEL)
    kept = desk.folder / "kept.txt"
    kept.write_text(f"\n{message.blocks[1]['text']['text']}\n")
    result = desk.run("verify", "--anchor", str(kept))
    assert result.exit_code == 0, result.output
    assert "2 notes from outside (git, file)" in result.stdout


def test_a_removed_record_ends_with_1_and_is_named(desk: Desk) -> None:
    desk.tick()
    Administrator(desk.world.layout.database_url).run("DELETE FROM records WHERE position = 0")
    result = desk.run("verify")
    assert result.exit_code == 1
    assert result.stdout.startswith("THE LOG DOES NOT HOLD.")
    assert "✗ removed: saw no entry 0 that was signed for" in result.stdout
    assert "it means: somebody removed it from the database" in result.stdout


def test_programs_get_the_same_as_json(desk: Desk) -> None:
    desk.tick()
    Administrator(desk.world.layout.database_url).run("DELETE FROM records WHERE position = 0")
    told = json.loads(desk.run("verify", "--json").stdout)
    assert (told["good"], told["size"], told["checkpoints"], told["outside"]) == (False, len(desk.records()) + 1, 1, {"git": 1})
    assert [(row["fault"], row["index"]) for row in told["found"]] == [("removed", 0)]


def test_an_anchor_that_cannot_be_read_proves_nothing_and_ends_with_3(desk: Desk) -> None:
    desk.tick()
    held = desk.world.layout.folder / "log-anchor.git"
    held.rename(desk.folder / "away.git")
    result = desk.run("verify")
    assert result.exit_code == 3
    assert "unproved: saw no answer from the anchor git" in result.stdout


def test_a_kept_checkpoint_that_is_none_is_told(desk: Desk) -> None:
    (desk.folder / "kept.txt").write_text("see you at lunch\n")
    result = desk.run("verify", "--anchor", str(desk.folder / "kept.txt"))
    assert result.exit_code == 1
    assert "✗ anchor" in result.stdout


def test_a_file_that_is_not_there_ends_with_2(desk: Desk) -> None:
    assert desk.run("verify", "--anchor", str(desk.folder / "nothing")).exit_code == 2


def test_without_a_key_there_is_no_head_to_compare(desk: Desk) -> None:
    (desk.world.layout.folder / "log.pem").rename(desk.folder / "log.pem")
    result = desk.run("verify")
    assert result.exit_code == 2
    assert "run `llmgate init`" in result.stderr


# prove


def test_a_record_is_proved_to_whoever_has_the_key(desk: Desk) -> None:
    for record in desk.records():
        result = desk.run("prove", record.id)
        assert result.exit_code == 0, result.output
        assert included(desk, result.stdout, record.bundle)


def test_every_record_about_a_change_goes_to_a_folder_with_its_proof(desk: Desk) -> None:
    result = desk.run("prove", "acme/shop#1", "--out", str(desk.folder / "out"))
    assert result.exit_code == 0, result.output
    bundles = sorted((desk.folder / "out").glob("*.sigstore.json"))
    assert bundles
    for bundle in bundles:
        assert included(desk, bundle.with_name(f"{bundle.name}.tlog-proof").read_text(), bundle.read_bytes())


def test_a_record_that_is_not_there_cannot_be_proved(desk: Desk) -> None:
    result = desk.run("prove", "0" * 64)
    assert result.exit_code == 1
    assert "saw no record 000000000000" in result.stderr


# checkpoint


def test_a_head_now_is_printed_and_anchored(desk: Desk) -> None:
    result = desk.run("checkpoint")
    assert result.exit_code == 0, result.output
    assert parse_note(result.stdout).text.startswith(f"{LOG_ORIGIN}\n{len(desk.records())}\n")
    assert "git: " in result.stderr
    assert "chat: on its way" in result.stderr


def test_a_log_that_lost_what_it_signed_is_not_signed_again(desk: Desk) -> None:
    desk.tick()
    Administrator(desk.world.layout.database_url).run("DELETE FROM records", "UPDATE log_head SET size = 0")
    result = desk.run("checkpoint")
    assert result.exit_code == 1
    assert "nothing was signed" in result.stderr


# witness


def test_a_witness_signs_what_grew_and_the_log_takes_it(desk: Desk) -> None:
    first = desk.tick()
    assert desk.witness("--post").exit_code == 0
    desk.approve("bob")
    second = desk.tick()
    result = desk.witness("--post")
    assert result.exit_code == 0, result.output
    assert f"— {WITNESS} " in result.stdout
    assert "grew from" in result.stderr
    assert desk.world.gate.log
    newest = desk.world.gate.log.log.newest()
    assert newest
    assert newest.note == second + result.stdout, "the line stands under the head from now on"
    assert parse_note((desk.folder / "state").read_text()).text == parse_note(second).text != parse_note(first).text
    with desk.world.gate.kit.store.look() as unit:
        assert (newest.size, WITNESS) in [(one.size, one.reference) for one in unit.anchors() if one.place == "witness"]


def test_a_witness_tells_a_rollback_and_keeps_what_it_saw(desk: Desk) -> None:
    desk.tick()
    size = len(desk.records())
    desk.approve("bob")
    desk.tick()
    assert desk.witness().exit_code == 0
    before = (desk.folder / "state").read_bytes()
    Administrator(desk.world.layout.database_url).cut(size)
    result = desk.witness()
    assert (result.exit_code, result.stdout) == (1, "")
    assert "NOT COSIGNED. ROLLED BACK" in result.stderr
    assert (desk.folder / "state").read_bytes() == before


def test_a_witness_tells_a_fork_though_the_logs_own_key_signed_it(desk: Desk) -> None:
    desk.tick()
    assert desk.witness().exit_code == 0
    before = (desk.folder / "state").read_bytes()
    administrator = Administrator(desk.world.layout.database_url)
    desk.approve("bob")
    administrator.swap(0, 1)
    administrator.make_tiles_anew()
    administrator.forget_checkpoints()
    desk.tick()
    result = desk.witness("--post")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "NOT COSIGNED. FORKED" in result.stderr
    assert (desk.folder / "state").read_bytes() == before


def test_a_witness_believes_no_other_key_than_it_was_given(desk: Desk) -> None:
    desk.tick()
    other = make_key(desk.folder / "other.pem", LOG_ORIGIN)
    result = desk.witness(vkey=format_vkey(other.vkey))
    assert result.exit_code == 1
    assert "without a good signature" in result.stderr
    assert not (desk.folder / "state").exists()


def test_a_witness_whom_the_log_does_not_know_is_not_taken(desk: Desk) -> None:
    desk.tick()
    for name in ("witness.pem", "witness.pem.pub"):
        (desk.folder / name).unlink()
    result = desk.witness("--post")
    assert result.exit_code == 3
    assert "no signature of a known witness" in result.stderr
    assert load_key(desk.folder / "witness.pem", "x").vkey.name == "x", "it made itself a key"


def test_a_log_that_does_not_answer_is_no_fault_of_its_records(desk: Desk) -> None:
    words = ("--vkey", desk.vkey, "--key", str(desk.folder / "witness.pem"), "--state", str(desk.folder / "state"))
    assert desk.run("witness", "--log", "http://127.0.0.1:1/log", *words).exit_code == 3


def included(desk: Desk, proof: str, bundle: bytes) -> bool:
    assert desk.world.gate.log
    keys = (desk.world.gate.log.log.signer.key,)
    return isinstance(check_inclusion(proof, hashlib.sha256(bundle).digest(), keys, check_signature), Included)
