"""The one change that a scan is asked about: `group/sub/project!7`, `acme/shop#7`, or its number alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.cli.scanning.merges import MergeWords
from bot.ports.errors import Refused

_WANTED = re.compile(r"(?P<path>[\w.-]+(?:/[\w.-]+)+(?=[#!]))?(?P<mark>[#!]?)(?P<number>[0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A number as it was asked for. A `#` or no mark is any forge's; a path counts where the message tells one."""

    path: str
    mark: str
    number: int

    def __str__(self) -> str:
        return f"{self.path}{self.mark}{self.number}"

    def names(self, words: MergeWords) -> bool:
        if words.number != self.number or (self.mark == "!" and words.mark != "!"):
            return False
        return not (self.path and words.path) or words.path.lower() == self.path.lower()


def read_wanted(word: str) -> Wanted:
    """Read what was typed. Raises Refused."""
    found = _WANTED.fullmatch(word.strip())
    if found is None:
        raise Refused(f"saw --change {word[:60]!r}; wanted group/project!7, org/repo#7 or a number; type one of these")
    return Wanted(found["path"] or "", found["mark"], int(found["number"]))
