"""What `llmgate verify` says: about one approval in words, about a folder in a table, and both as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.core.approval import Approval, Strength
from bot.core.records import Record
from bot.handlers.ledger.judging import Judged

PROVES: Mapping[Strength, str] = {
    "witnessed": "llmgate signs that the chat or the forge said so",
    "reauthenticated": "llmgate signs that they had just signed in",
    "passkey": "their own key signed this very statement",
    "keyless": "their own identity signed this very statement",
}
DID: Mapping[str, str] = {"approved": "approved", "changes-requested": "asked for changes to", "dismissed": "took back about"}


def approval_words(approval: Approval, judged: Judged) -> str:
    """One approval, in lines."""
    account = approval.account
    ticked = sum(answer.confirmed for answer in approval.answers)
    place = f"entry {judged.index} of the log" if judged.index is not None else "not asked: give --log-key"
    carried = (
        f"\n  carried    from {approval.carried_from[:16]}…, whose difference is the same" if approval.carried_from else ""
    )
    return (
        f"{approval.person} (@{account.login}, {account.forge} id {account.id}) {DID[approval.decision]} {approval.change}\n"
        f"  at commit  {approval.head_sha}\n"
        f"  on         {approval.decided_at:%Y-%m-%d %H:%M:%S} UTC\n"
        f"  tier       {approval.tier}, as {', '.join(approval.roles) or 'no role'}\n"
        f"  strength   {approval.strength}: {PROVES[approval.strength]}{carried}\n"
        f"  checklist  {ticked} of {len(approval.answers)} confirmed\n"
        f"  policy     {approval.policy_digest[:16]}…\n"
        f"  log        {place}\n"
        f"  statement  {approval.id}"
    )


def as_json(judged: Judged) -> dict[str, object]:
    """For programs: the same, with what is only known of an approval left out elsewhere."""
    approval = judged.approval
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
        "carried_from": approval.carried_from,
        "voided": approval.voided,
    }  # fmt: skip
    return {"file": judged.name, "verified": not judged.problem, "problem": judged.problem, "log_index": judged.index, **about}


def print_table(rows: Sequence[Judged], console: Console) -> None:
    """Every record of an export in the order of the log, then in full what does not hold."""
    table = Table(box=None, pad_edge=False, show_edge=False)
    for heading in ("", "log", "what", "at", "who and why"):
        table.add_column(heading, no_wrap=heading != "who and why", overflow="fold")
    ordered = sorted(rows, key=lambda row: (row.index is None, row.index or 0, row.name))
    for row in ordered:
        mark = "✗" if row.problem else "✓"
        table.add_row(mark, "–" if row.index is None else str(row.index), *(Text(cell) for cell in _cells(row)))
    console.print(table)
    for row in ordered:
        if row.problem:
            typer.echo(f"✗ {row.name}: {row.problem}")


def _cells(row: Judged) -> tuple[str, str, str]:
    if row.approval is not None:
        approval = row.approval
        ended = f"; no longer counts: {approval.voided}" if approval.voided is not None else ""
        said = f"{approval.person}, {approval.strength}, tier {approval.tier}{ended}"
        return f"{approval.decision} {approval.head_sha[:12]}", f"{approval.decided_at:%Y-%m-%d %H:%M}", said
    return _record_cells(row.record) if row.record else ("?", "", row.name)


def _record_cells(record: Record) -> tuple[str, str, str]:
    """What it says, but for what it is about, which is the same for most of an export."""
    shown = {"person": 40, "account": 80, "login": 40, "label": 40, "reason": 80, "because": 80, "review": 80, "sha256": 12}
    said = ", ".join(str(record.details[key])[:most] for key, most in shown.items() if key in record.details)
    return record.kind, f"{record.at:%Y-%m-%d %H:%M}", said or record.about
