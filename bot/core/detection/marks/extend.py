"""A team's own marker rows, read from plain mappings (a settings file) and joined to the builtin table.

A row that could make every developer an agent is refused: a robot's number, a vendor's or a public mail domain, an empty
pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import get_args

from bot.core.detection.marks.exempt import NON_AI_ACCOUNTS, NON_AI_LOGINS, NON_AI_MAILS, VENDOR_DOMAINS
from bot.core.detection.marks.row import KINDS, PATTERN_KINDS, Confidence, Mark
from bot.core.detection.marks.table import MarkTable, compile_pattern, compile_table
from bot.core.detection.model import Grade
from bot.core.ids import ForgeName

REQUIRED = ("id", "agent", "kind", "match", "grade", "last_checked")
OPTIONAL = ("confidence", "source", "example", "value", "name", "needle", "forge", "names_agent", "assisted", "supporting")
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": KINDS,
    "grade": get_args(Grade),
    "confidence": get_args(Confidence),
    "names_agent": ("no", "may", "must"),
    "forge": get_args(ForgeName),
}
FLAGS = ("assisted", "supporting")


def extend(table: MarkTable, rows: Iterable[Mapping[str, object]]) -> MarkTable:
    """The table with these rows added. ValueError names the row, what is wrong with it, and what to do."""
    return compile_table((*table.rows, *(_read(row, number) for number, row in enumerate(rows, start=1))))


def _read(raw: Mapping[str, object], number: int) -> Mark:
    ident = raw.get("id")
    where = f"mark {ident!r}" if isinstance(ident, str) and ident else f"mark row {number}"
    _check_keys(raw, where)
    values: dict[str, object] = {"confidence": "listed", "source": "team", "example": ""}
    for key, value in raw.items():
        values[key] = _value(key, value, where)
    row = Mark(**values)  # type: ignore[arg-type]  # every key and type was checked above, one by one
    _check_match(row, where)
    for pattern in (row.match if row.kind in PATTERN_KINDS else "", row.value, row.name):
        compile_pattern(row, pattern)
    _check_example(row, where)
    return row


def _check_keys(raw: Mapping[str, object], where: str) -> None:
    allowed = {*REQUIRED, *OPTIONAL} & {field.name for field in fields(Mark)}
    unknown = sorted(str(key) for key in raw if key not in allowed)
    if unknown:
        raise ValueError(f"{where}: unknown key {unknown[0]!r}; use {', '.join((*REQUIRED, *OPTIONAL))}")
    missing = [key for key in REQUIRED if raw.get(key) in (None, "")]
    if missing:
        raise ValueError(f"{where}: {missing[0]!r} is missing; every row needs {', '.join(REQUIRED)}")


def _value(key: str, value: object, where: str) -> object:
    if key == "last_checked":
        return _day(value, where)
    if key in FLAGS:
        if not isinstance(value, bool):
            raise ValueError(f"{where}: {key!r} is {value!r}; write true or false")
        return value
    if key == "match" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"{where}: {key!r} is {value!r}; write a text")
    choices = CHOICES.get(key)
    if choices and value not in choices:
        raise ValueError(f"{where}: {key!r} is {value!r}; choose one of {', '.join(choices)}")
    return value


def _day(value: object, where: str) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"{where}: 'last_checked' is {value!r}; write a day such as 2026-08-31") from None


def _check_match(row: Mark, where: str) -> None:
    if row.kind == "account" and not (row.match.isascii() and row.match.isdigit()):
        raise ValueError(f"{where}: account {row.match!r} is not a number; write the forge's numeric id of the account")
    if row.kind == "account" and int(row.match) in NON_AI_ACCOUNTS and not row.name:
        raise ValueError(
            f"{where}: account {row.match} is {NON_AI_ACCOUNTS[int(row.match)]}, no AI; add a 'name' pattern or drop it"
        )
    if row.kind == "login" and row.match.lower() in NON_AI_LOGINS:
        raise ValueError(f"{where}: {row.match} is a robot and no AI; drop the row")
    if row.kind == "mail" and ("@" not in row.match or row.match.lower() in NON_AI_MAILS):
        raise ValueError(
            f"{where}: {row.match!r} is not an agent's address; write the whole address that the agent commits with"
        )
    if row.kind == "mail-domain" and row.match.lower() in VENDOR_DOMAINS:
        raise ValueError(f"{where}: people commit from {row.match}, too; use kind 'mail' with the agent's whole address")
    if row.kind in PATTERN_KINDS and _matches_nothing_in_particular(row, where):
        raise ValueError(f"{where}: {row.match!r} matches an empty text, hence every change; make the pattern say more")


def _matches_nothing_in_particular(row: Mark, where: str) -> bool:
    try:
        return re.search(row.match, "") is not None
    except re.error as problem:
        raise ValueError(f"{where}: {row.match!r} is not a regular expression ({problem}); mend or quote it") from None


def _check_example(row: Mark, where: str) -> None:
    if not row.example or row.kind not in PATTERN_KINDS:
        return
    if not compile_pattern(row, row.match).search(row.example):
        raise ValueError(f"{where}: the example {row.example!r} is not matched by {row.match!r}; mend one of them")
    if row.needle.lower() not in row.example.lower():
        raise ValueError(f"{where}: the needle {row.needle!r} is not in the example {row.example!r}; mend one of them")
