"""`llmgate verify`: an exported approval checked with nothing but the file and a public key."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import typer

from bot.cli.outcome import USAGE, fail
from bot.core.approval import Approval
from bot.core.ids import NUMBER_MARK, ForgeName
from integrations.sigstore.keys import BadKey, read_public_key
from integrations.sigstore.offline import Checked, Expected, Outcome, verify_approval

_CHANGE = re.compile(r"^([\w.-]+(?:/[\w.-]+)+)([#!])(\d+)$")
_FORGES: dict[str, ForgeName] = {mark: forge for forge, mark in NUMBER_MARK.items()}
_COMMIT = re.compile(r"^[0-9a-fA-F]{12,40}$")


@dataclass(frozen=True, slots=True)
class Demands:
    """What the caller demands the approval to be about; empty: not asked."""

    repo: str = ""
    change: str = ""
    commit: str = ""


def run_verify(file: Path, key: Path, demands: Demands, as_json: bool) -> None:
    expected = _expected(demands)
    try:
        content = file.read_bytes()
        public = read_public_key(key.read_bytes(), str(key))
    except OSError as error:
        fail(f"saw {error.filename}: {error.strerror}; wanted a file that can be read", USAGE)
    except BadKey as error:
        fail(str(error), USAGE)
    checked = verify_approval(content, public, expected)
    if as_json:
        typer.echo(json.dumps(_as_json(checked)))
    elif checked.outcome is Outcome.GOOD and checked.approval:
        typer.echo(f"Verified. {_words(checked.approval)}")
    else:
        typer.echo(f"NOT VERIFIED ({checked.outcome.name.lower().replace('_', ' ')}). {checked.message}", err=True)
    raise typer.Exit(int(checked.outcome))


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


def _words(approval: Approval) -> str:
    account = approval.account
    ticked = sum(answer.confirmed for answer in approval.answers)
    return (
        f"{approval.person} (@{account.login}, {account.forge} id {account.id}) approved {approval.change}\n"
        f"  at commit  {approval.head_sha}\n"
        f"  on         {approval.decided_at:%Y-%m-%d %H:%M:%S} UTC\n"
        f"  tier       {approval.tier}, as {', '.join(approval.roles) or 'no role'}, strength {approval.strength}\n"
        f"  checklist  {ticked} of {len(approval.answers)} confirmed\n"
        f"  policy     {approval.policy_digest[:16]}…\n"
        f"  statement  {approval.id}"
    )


def _as_json(checked: Checked) -> dict[str, object]:
    approval = checked.approval
    about = {} if approval is None else {
        "change": approval.change.key,
        "commit": approval.head_sha,
        "person": approval.person,
        "account": approval.account.key,
        "decision": approval.decision,
        "strength": approval.strength,
        "tier": approval.tier,
        "decided_at": approval.decided_at.isoformat(),
        "statement": approval.id,
    }  # fmt: skip
    return {
        "verified": checked.outcome is Outcome.GOOD,
        "outcome": checked.outcome.name.lower(),
        "message": checked.message,
        **about,
    }
