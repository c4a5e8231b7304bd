"""The month's changes: when each is opened, by whom, at which tier, and what is wrong with it at first."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cli.specimen import AGENT_TRAILER, LOGIN, PROVENANCE, TESTS, Specimen, document, evidence
from bot.core.approval import Tier

FOLDERS: dict[Tier, str] = {"low": "tools", "medium": "core", "high": "auth"}
SHARES: tuple[tuple[Tier, float], ...] = (("low", 0.5), ("medium", 0.3), ("high", 0.2))
POLICY = """version: 1
roles:
  security:
    team: acme/security
  leads:
    people: [rev01, rev02]
risk:
  core:
    tier: medium
    paths: [core/]
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """`red`: opened without evidence, which the author brings later. `again`: pushed to once more while it waits."""

    number: int
    at: datetime
    author: str
    tier: Tier
    red: bool
    again: bool


def plans(count: int, start: datetime, days: int, authors: Sequence[str], chance: random.Random) -> list[Plan]:
    """Spread over the working days, between 07:00 and 20:00 UTC."""
    found = []
    open_days = [start + timedelta(days=day) for day in range(days) if (start + timedelta(days=day)).weekday() < 5]
    for number in range(1, count + 1):
        day = chance.choice(open_days[: max(1, len(open_days) - 2)])
        at = day.replace(hour=7, minute=0) + timedelta(minutes=chance.uniform(0, 13 * 60))
        tier = chance.choices([tier for tier, _ in SHARES], [share for _, share in SHARES])[0]
        author, red, again = chance.choice(authors), chance.random() < 0.15, chance.random() < 0.08
        found.append(Plan(number, max(at, start), author, tier, red, again))
    return sorted(found, key=lambda plan: (plan.at, plan.number))


def specimen(plan: Plan, at: datetime, revision: int = 1, proved: bool = True) -> Specimen:
    """The change's files at a revision; without what CI showed where `proved` is false."""
    path = f"{FOLDERS[plan.tier]}/made_{plan.number}.py"
    code = (LOGIN + f"\n# {plan.number}, revision {revision}\n").encode()
    generated = {path: code, f"tests/test_made_{plan.number}.py": TESTS.encode()}
    files = {**generated, f"{PROVENANCE}/made_{plan.number}.json": document(generated, at, user=plan.author)}
    shown = evidence(path, code) if proved else {}
    return Specimen({**files, **shown}, f"Make number {plan.number} ({revision})\n\n{AGENT_TRAILER}\n")


def owners(names: Sequence[str]) -> str:
    """Everything belongs to everybody who reviews, in four lots."""
    lots = [names[start::4] for start in range(4)]
    lines = [f"* {' '.join('@' + name for name in lots[0])}"]
    lines += [
        f"/{folder}/ {' '.join('@' + name for name in lot)}" for folder, lot in zip(FOLDERS.values(), lots[1:], strict=True)
    ]
    return "\n".join(lines) + "\n"
