"""Rows for people, aligned and wrapped to the terminal, and for programs as JSON."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import typer

from bot.cli.checkup.row import Level, Row

LABELS = {"saw": "", "wanted": "wanted: ", "cure": "do: "}
COLOURS: Mapping[Level, str] = {"ok": typer.colors.GREEN, "warning": typer.colors.YELLOW, "problem": typer.colors.RED}
MARK, CHECK = 9, 34
SHOWN_REPOS = 4


def part_lines(title: str, rows: Iterable[Row], width: int | None = None) -> list[str]:
    """One part of the report: its title and its rows, no line wider than the terminal (60 columns at least)."""
    columns = max(60, width or shutil.get_terminal_size().columns)
    lines = [typer.style(title, bold=True)]
    for row in rows:
        lines += _row(row, columns)
    return lines


def _row(row: Row, columns: int) -> list[str]:
    named = textwrap.wrap(row.check, CHECK - 2) or [""]
    told = [(row.saw + _about(row.about), "")]
    if row.level != "ok":
        told += [(row.wanted, LABELS["wanted"]), (row.cure, LABELS["cure"])]
    right: list[str] = []
    for words, label in told:
        if words:
            indent = " " * len(label)
            right += textwrap.wrap(
                f"{label}{words}", columns - MARK - CHECK - 2, subsequent_indent=indent, break_on_hyphens=False
            )
    lines = []
    for number in range(max(len(named), len(right))):
        mark = typer.style(f"{row.level:<{MARK}}", fg=COLOURS[row.level]) if number == 0 else " " * MARK
        left = named[number] if number < len(named) else ""
        text = right[number] if number < len(right) else ""
        lines.append(f"  {mark}{left:<{CHECK}}{text}".rstrip())
    return lines


def _about(repos: Sequence[str]) -> str:
    if not repos:
        return ""
    more = f" and {len(repos) - SHOWN_REPOS} more" if len(repos) > SHOWN_REPOS else ""
    return f" [{', '.join(repos[:SHOWN_REPOS])}{more}]"


def summary(rows: Sequence[Row]) -> str:
    """How many of each kind, in a line."""
    counted = Counter(row.level for row in rows)
    plural = {level: "" if counted[level] == 1 else "s" for level in ("problem", "warning")}
    return (
        f"{counted['problem']} problem{plural['problem']}, {counted['warning']} warning{plural['warning']}, {counted['ok']} ok"
    )


def as_json(parts: Mapping[str, Sequence[Row]]) -> str:
    """`{"ok": …, "rows": […]}`, each row with its part."""
    rows = [
        {
            "part": part,
            "check": row.check,
            "level": row.level,
            "saw": row.saw,
            "wanted": row.wanted,
            "cure": row.cure,
            "repositories": list(row.about),
        }
        for part, found in parts.items()
        for row in found
    ]
    return json.dumps({"ok": not any(row["level"] == "problem" for row in rows), "rows": rows}, indent=2, ensure_ascii=False)
