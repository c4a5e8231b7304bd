"""All marks that come with the gate, as one table."""

from __future__ import annotations

from bot.core.detection.marks import copilot, editors, standards, terminals, vendors
from bot.core.detection.marks.exempt import REVIEWERS
from bot.core.detection.marks.table import compile_table

BUILTIN = compile_table((*copilot.ROWS, *vendors.ROWS, *editors.ROWS, *terminals.ROWS, *standards.ROWS, *REVIEWERS))
"""The builtin table. A team adds its own rows with `extend.extend(BUILTIN, rows)`."""
