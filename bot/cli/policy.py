"""`llmgate policy check` and `explain`."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.cli.outcome import USAGE, fail
from bot.cli.reference import named_change
from bot.cli.settings import loaded
from bot.core.escalation.model import Chain
from bot.core.explain import explain
from bot.core.forges import FORGES
from bot.core.policy.file import Parsed
from bot.core.policy.join import join
from bot.core.policy.text import parse_policy
from bot.core.policy.values import spelled_minutes
from bot.core.verdict import Verdict


def run_check(file: Path, floor: Path | None) -> None:
    policy = join(_read(floor) if floor else None, _read(file), str(file))
    for problem in policy.problems:
        typer.echo(f"{problem.file}:{problem.line}: saw {problem.saw}; wanted {problem.wanted}; {problem.cure}", err=True)
    if policy.problems:
        raise typer.Exit(1)
    typer.echo(f"{file}: good. Mode {policy.mode}; digest {policy.digest[:16]}…")
    for rules in policy.tiers:
        seats = ", ".join(f"{seat.count} × {seat.role}" for seat in rules.seats) or "nobody"
        typer.echo(f"  {rules.tier:<7} asks {seats}; {len(rules.checklist)} checklist items; strength {rules.strength}")
        typer.echo(f"          unanswered: {_chain(rules.chain)}")


def _chain(chain: Chain) -> str:
    """The steps of a chain with their working times, and what holds them back."""
    if not chain.steps:
        return "nobody is reminded"
    steps = ", ".join(
        f"{step.deed}{f' {step.role}' if step.role else ''} after {spelled_minutes(step.after)}" for step in chain.steps
    )
    night = "; at night as well" if chain.at_night else ""
    most = spelled_minutes(chain.snooze_most)
    return f"{steps}; quiet {spelled_minutes(chain.quiet)}; {chain.snoozes} × snooze of {most} at most{night}"


def _read(file: Path) -> Parsed:
    try:
        return parse_policy(file.read_text(), str(file))
    except (OSError, UnicodeDecodeError) as error:
        fail(f"saw {file}: {error}; wanted a policy in UTF-8 YAML", USAGE)


def run_explain(change: str) -> None:
    gate = loaded()
    try:
        ref = named_change(gate, change)
        with gate.kit.store.look() as unit:
            record = unit.change(ref)
        if record is None or not record.verdict:
            fail(f"saw nothing of {ref} yet; wanted a change the gate has judged; {FORGES[ref.repo.forge].unseen}")
        for line in explain(gate.kit.codec.load(Verdict, record.verdict)):
            typer.echo(line)
    finally:
        gate.close()
