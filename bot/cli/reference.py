"""The change that a person named on the command line."""

from __future__ import annotations

from bot.cli.outcome import USAGE, fail
from bot.core.commands import Misunderstood, Places, read_reference
from bot.core.ids import ChangeRef
from bot.main import Gate


def named_change(gate: Gate, word: str) -> ChangeRef:
    """As `org/repo#7`, `group/project!7` or a URL. Ends the command where it is none."""
    with gate.kit.store.look() as unit:
        known = {record.ref.repo for record in unit.open_changes()}
    found = read_reference(word, Places.among(gate.kit.forges, known))
    if isinstance(found, Misunderstood):
        fail(found.because, USAGE)
    return found
