"""A line of the bench's tables, and how a long run says where it is."""

from __future__ import annotations

import sys
from typing import NamedTuple


class Row(NamedTuple):
    """What was measured and what was wanted; `aim` is empty for a note. `limit` is what most of the time goes to."""

    what: str
    measured: str
    aim: str = ""
    limit: str = ""


def said(what: str) -> None:
    print(f"  … {what}", file=sys.stderr, flush=True)  # noqa: T201 - progress of a long run
