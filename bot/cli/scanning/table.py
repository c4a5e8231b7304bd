"""The scan for people: what share is generated and by whom, how risky it is, who would have been asked, what is missing.

Titles, paths and names are other people's words: they are shown without control characters and never read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.scanning.ground import Ground
from bot.cli.scanning.judge import Judged
from bot.cli.scanning.tally import Tally
from bot.core.approval import TIERS, Tier
from bot.core.detection.spelling import INVISIBLE, UNPRINTABLE
from integrations.git.repository import Repository

COLOURS: dict[Tier, str] = {"low": "green", "medium": "yellow", "high": "red"}
KNOWN_BY = {
    "A": "the forge says so",
    "B": "a tool's mark in the commit",
    "C": "text that its author can edit",
    "D": "a branch name",
    "E": "a mention",
}
MOST_LINES = 6
TOLD = {
    "provenance.uncovered": "provenance: generated files that no document covers",
    "provenance.drifted": "provenance: files changed after they were attested",
    "provenance.unknown": "provenance: documents whose digests cannot be compared",
    "provenance.refused": "provenance: documents that are refused",
    "provenance.unsigned": "provenance: documents that are not signed (signatures are not checked here)",
    "provenance.model": "provenance: a model that the policy does not allow",
    "provenance.licence": "provenance: something retrieved under a licence that is not allowed",
    "origin.violation": "an agent's mark where only a person's may stand",
    "evidence.tests-passed": "evidence: no report of passing tests",
    "evidence.line-coverage": "evidence: no line coverage, or too little",
    "evidence.branch-coverage": "evidence: no branch coverage, or too little",
    "evidence.mutation-score": "evidence: no mutation score, or too low",
    "evidence.scan-errors": "evidence: no scan, or findings of level error",
    "evidence.scan-warnings": "evidence: no scan, or too many warnings",
}
"""What a rule missed, told of many changes at once."""


def safe(words: str) -> str:
    """One line without control or invisible characters."""
    return UNPRINTABLE.sub(" ", INVISIBLE.sub("", words)).strip()


def show(console: Console, repository: Repository, ground: Ground, tally: Tally, gaps: tuple[str, ...]) -> None:
    """The whole report."""
    _heading(console, repository, ground, tally)
    if tally.changes:
        console.print()
        console.print(_origins(tally))
        console.print("[dim]Undeclared is not human: an agent can be told to leave no mark.[/dim]")
    if tally.tiers:
        _tiers(console, tally)
        console.print()
        console.print(_riskiest(tally.shown()))
    _counted(console, "Would have been asked, by changes", tally.asked.most_common())
    _counted(console, "Missing, by changes", ((TOLD.get(rule, rule), count) for rule, count in tally.missing.most_common()))
    _files(console, tally)
    _violations(console, tally)
    _listed(console, "Missing in the repository", [("-", gap) for gap in gaps])
    console.print("\n[dim]Nothing was written or fetched. `--json` tells every change, for programs.[/dim]")


def _heading(console: Console, repository: Repository, ground: Ground, tally: Tally) -> None:
    where = f"branch {repository.branch}" if repository.branch else "detached HEAD"
    kinds = "".join(word for word, holds in ((", bare", repository.bare), (", shallow", repository.shallow)) if holds)
    console.print(Text.assemble((safe(str(repository.root)), "bold"), f"  {safe(where)}{kinds}"))
    if not repository.head:
        console.print("No commits yet: nothing to say.")
        return
    span = f", {tally.oldest} to {tally.newest}" if tally.changes else ""
    console.print(f"{_many(tally.commits, 'commit')} in {_many(tally.changes, 'change')}{span}; at {repository.head[:12]}")
    console.print(Text(f"policy: {ground.policy.source}, mode {ground.policy.mode}"))
    if not tally.changes:
        console.print("No change in this span.")


def _origins(tally: Tally) -> Table:
    table = Table(title="Where the changes come from", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("origin")
    for name in ("changes", "share", "commits"):
        table.add_column(name, justify="right")
    table.add_row("generated", *_share(tally.generated, tally.changes), f"{tally.generated_commits:,}", style="bold")
    for agent, count in tally.agents.most_common():
        table.add_row(Text(f"  {safe(agent)}"), *_share(count, tally.changes), f"{tally.agent_commits[agent]:,}")
    if tally.human:
        table.add_row("declared as human", *_share(tally.human, tally.changes), "")
    table.add_row("undeclared", *_share(tally.undeclared, tally.changes), "")
    return table


def _share(count: int, total: int) -> tuple[str, str]:
    return f"{count:,}", f"{100 * count / total:.1f} %" if total else ""


def _tiers(console: Console, tally: Tally) -> None:
    line = Text("\nTiers of the changes the gate would have held: ", "bold")
    for number, tier in enumerate(reversed(TIERS)):
        line.append(", " if number else "")
        line.append(f"{tally.tiers[tier]:,} {tier}", COLOURS[tier])
    console.print(line)


def _riskiest(shown: list[Judged]) -> Table:
    legend = ", ".join(f"{grade}: {words}" for grade, words in KNOWN_BY.items() if grade in _grades(shown))
    table = Table(title="Riskiest, newest first", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.caption, table.caption_justify = f"How it is known: {legend}" if legend else None, "left"
    for name in ("tier", "merged", "change"):
        table.add_column(name, no_wrap=True)
    table.add_column("title, agent, and why this tier", overflow="fold")
    for judged in shown:
        verdict = judged.verdict
        best = [reason for reason in verdict.reasons if reason.tier == verdict.tier][:2]
        more = len(verdict.reasons) - len(best)
        why = "; ".join(safe(reason.saw) for reason in best) + (f" (+{more} more)" if more > 0 else "")
        agents = ", ".join(verdict.detection.agents) or "no mark"
        table.add_row(
            Text(verdict.tier, COLOURS[verdict.tier]),
            f"{judged.change.tip.committed_at:%Y-%m-%d}",
            judged.words.name or judged.change.tip.commit.sha[:9],
            Text.assemble(
                (safe(judged.words.title), "bold"),
                (f"\n{safe(agents)} ({verdict.detection.best or '-'})", "dim"),
                f"\n{why or 'no rule raises it'}",
            ),
        )
    return table


def _grades(shown: list[Judged]) -> set[str]:
    return {judged.verdict.detection.best or "" for judged in shown}


def _files(console: Console, tally: Tally) -> None:
    if not tally.files_changed and not tally.files:
        return
    share = f"{100 * len(tally.files) / len(tally.present):.1f} %" if tally.present else ""
    console.print(
        Text.assemble(
            ("\nFiles today: ", "bold"),
            f"{len(tally.files):,} of {len(tally.present):,} ({share}) hold code that an agent wrote or "
            f"changed; of {tally.files_changed:,} generated file versions {tally.files_covered:,} came with provenance",
        )
    )


def _violations(console: Console, tally: Tally) -> None:
    found = [(seen.commit[:9], f"{seen.violation.name}: {seen.violation.saw}") for seen in tally.violations]
    more = [("", "")] * (tally.violation_count - len(found))
    _listed(console, "Violations", found + more)


def _counted(console: Console, title: str, counted: Iterable[tuple[str, int]]) -> None:
    _listed(console, title, [(f"{count:,}", words) for words, count in counted])


def _listed(console: Console, title: str, entries: Iterable[tuple[str, str]]) -> None:
    """A title and lines of two columns; a long line goes on below its own beginning."""
    lines = list(entries)
    if not lines:
        return
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", min_width=2, no_wrap=True)
    grid.add_column(overflow="fold")
    for head, words in lines[:MOST_LINES]:
        grid.add_row(Text(head), Text(safe(words)))
    if len(lines) > MOST_LINES:
        grid.add_row("", f"and {len(lines) - MOST_LINES:,} more")
    console.print(Text(f"\n{title}", "bold"))
    console.print(grid)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
