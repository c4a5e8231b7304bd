"""`llmgate verify`: exported records checked with nothing but the files and the keys that one trusts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from bot.cli.outcome import USAGE, fail
from bot.cli.verification.files import read_beside, read_export
from bot.cli.verification.told import approval_words, as_json, print_table
from bot.cli.verification.trust import Anchors, read_keys, read_trusted
from bot.core.approval import Approval
from bot.core.ids import NUMBER_MARK, ForgeName
from bot.core.messages.words import counted
from bot.handlers.ledger.judging import LOG, ORIGIN, PERSON, SIGNATURE, Judged, Trusted, judge
from integrations.sigstore.keys import fingerprint
from integrations.sigstore.offline import Checked, Expected, Outcome, check_subject, verify_approval
from integrations.sigstore.signatures import PublicKey

_CHANGE = re.compile(r"^([\w.-]+(?:/[\w.-]+)+)([#!])(\d+)$")
_FORGES: dict[str, ForgeName] = {mark: forge for forge, mark in NUMBER_MARK.items()}
_COMMIT = re.compile(r"^[0-9a-fA-F]{12,40}$")
_OUTCOMES = {PERSON: Outcome.NOT_THEIRS, LOG: Outcome.NOT_IN_LOG, ORIGIN: Outcome.NO_ORIGIN}


@dataclass(frozen=True, slots=True)
class Demands:
    """What the caller demands the approval to be about; empty: not asked."""

    repo: str = ""
    change: str = ""
    commit: str = ""


def run_verify(path: Path, anchors: Anchors, demands: Demands, json_wanted: bool) -> None:
    """Exit 0 only if everything holds."""
    expected = _expected(demands)
    if not anchors.keys and not anchors.ca_roots:
        fail("saw no key to check with; wanted the organisation's public key with --key, or --ca-root", USAGE)
    keys = read_keys(anchors)
    trusted = read_trusted(anchors, keys)
    try:
        if path.is_dir():
            _verify_folder(path, trusted, expected, json_wanted)
        else:
            _verify_file(path, trusted, keys, (expected, json_wanted))
    except OSError as error:
        fail(f"saw {error.filename}: {error.strerror}; wanted a file that can be read", USAGE)


def _verify_file(file: Path, trusted: Trusted, keys: list[PublicKey], asked: tuple[Expected, bool]) -> NoReturn:
    expected, json_wanted = asked
    judged = judge(read_beside(file), trusted)[0]
    checked = _checked(judged, file.read_bytes(), keys, expected)
    if json_wanted:
        about = {"outcome": checked.outcome.name.lower(), "message": checked.message}
        typer.echo(json.dumps({**as_json(judged), "verified": checked.outcome is Outcome.GOOD, **about}))
    elif checked.outcome is Outcome.GOOD and checked.approval:
        typer.echo(f"Verified. {approval_words(checked.approval, judged)}")
    else:
        typer.echo(f"NOT VERIFIED ({checked.outcome.name.lower().replace('_', ' ')}). {checked.message}", err=True)
    raise typer.Exit(int(checked.outcome))


def _checked(judged: Judged, content: bytes, keys: list[PublicKey], expected: Expected) -> Checked:
    """The first thing that does not hold, from the signature inwards."""
    if judged.fault == SIGNATURE and keys:
        return verify_approval(content, _key_for(content, keys), expected)
    if judged.fault == SIGNATURE:
        return Checked(Outcome.WRONG_KEY, f"Not signed by this organisation: {judged.problem}.")
    if judged.approval is None:
        what = f"a record of another kind, {judged.record.kind}" if judged.record else judged.problem
        return Checked(Outcome.NO_STATEMENT, f"Signed, but no approval: {what}.")
    about = check_subject(judged.approval, expected)
    if about.outcome is not Outcome.GOOD:
        return about
    if judged.problem:
        outcome = _OUTCOMES[judged.fault]
        return Checked(outcome, f"{_SAID[outcome]}: {judged.problem}.", judged.approval)
    return _standing(judged.approval)


_SAID = {
    Outcome.NOT_THEIRS: "The person's own signature does not hold",
    Outcome.NOT_IN_LOG: "Not shown to be in the log",
    Outcome.NO_ORIGIN: "Not shown where it was carried on from",
}


def _standing(approval: Approval) -> Checked:
    if approval.voided is not None:
        return Checked(Outcome.VOIDED, f"True once, and voided since: {approval.voided}.", approval)
    return Checked(Outcome.GOOD, "Verified.", approval)


def _key_for(content: bytes, keys: list[PublicKey]) -> PublicKey:
    """The key that the bundle names, where it was given."""
    return next((key for key in keys if fingerprint(key).encode() in content), keys[0])


def _verify_folder(folder: Path, trusted: Trusted, expected: Expected, json_wanted: bool) -> NoReturn:
    """Every record of an export. With demands, an approval that meets them and still counts has to be among them."""
    if not trusted.log_keys:
        fail("saw no key of the log; wanted --log-key, the line that the organisation publishes as llmgate-log.pem.pub", USAGE)
    files = read_export(folder)
    if not files:
        fail(f"saw no bundle in {folder}; wanted a folder that `llmgate approvals export` wrote", USAGE)
    rows = judge(files, trusted)
    bad = [row for row in rows if row.problem]
    counting = [row for row in rows if row.approval and not row.problem and _counts(row.approval, expected)]
    good = not bad and bool(counting)
    if json_wanted:
        typer.echo(json.dumps({"verified": good, "records": [as_json(row) for row in rows]}, indent=1))
    else:
        print_table(rows, Console(soft_wrap=False))
        _sum_up(len(rows), len(bad), len(counting))
    raise typer.Exit(0 if good else 1)


def _counts(approval: Approval, expected: Expected) -> bool:
    return approval.voided is None and check_subject(approval, expected).outcome is Outcome.GOOD


def _sum_up(total: int, bad: int, counting: int) -> None:
    if bad:
        typer.echo(f"NOT VERIFIED: {counted(bad, 'record')} of {total} do not hold.", err=True)
    elif not counting:
        typer.echo("NOT VERIFIED: every record holds, and none of them is an approval of this that counts.", err=True)
    else:
        typer.echo(f"Verified: {counted(total, 'record')}, {counted(counting, 'approval')} that count.")


def _expected(demands: Demands) -> Expected:
    repo, number, forge = demands.repo, None, None
    if demands.change:
        match = _CHANGE.match(demands.change)
        if not match or (repo and repo != match[1]):
            fail(f"saw --change {demands.change!r}; wanted org/repo#number or group/project!number, and no other --repo", USAGE)
        repo, number, forge = match[1], int(match[3]), _FORGES[match[2]]
    if demands.commit and not _COMMIT.match(demands.commit):
        fail(f"saw --commit {demands.commit!r}; wanted 12 to 40 hex digits of a commit id", USAGE)
    return Expected(repo, number, demands.commit, forge)
