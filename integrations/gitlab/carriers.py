"""What carries the verdict to a merge request, by licence and settings, and what each carrier is worth.

status     a commit status in the head pipeline: any licence. It binds where pipelines must succeed; whoever may push
           (Developer) may post a status of the same name
external   an external status check: Ultimate. It binds where status checks must succeed; any Developer may answer it
approval   the bot's own approval: binds where an approval rule (Premium) asks for the bot's
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.core.ids import ChangeRef
from bot.ports.answers import Tolerant, listed
from bot.ports.errors import Refused, Vanished
from integrations.gitlab.client import Client
from integrations.gitlab.paths import change_path

Carrier = Literal["status", "external", "approval"]
KEPT_S = 600.0
"""How long what was found in a project is believed: licences and settings change by the month."""


@dataclass(frozen=True, slots=True)
class Showing:
    """How the verdict is shown. `auto`: the status, and the external check where there is one; `approve` adds the approval."""

    check_name: str = "llmgate"
    carriers: Literal["auto"] | tuple[Carrier, ...] = "auto"
    approve: bool = False

    def wants(self, carrier: Carrier) -> bool:
        """Whether the settings ask for it, where it can be had."""
        if carrier == "approval" and self.approve:
            return True
        return carrier != "approval" if self.carriers == "auto" else carrier in self.carriers


class ExternalCheck(Tolerant):
    id: int
    name: str = ""


_CHECKS = listed(ExternalCheck)


class Carriers:
    """Finds out once and remembers it for ten minutes. `clock` counts seconds.

    Only Maintainers see a project's external status checks, so those that are asked of a merge request are looked at. Where
    GitLab refuses that (401, 403 or 404: the licence has none), no other merge request of the project is asked about.
    """

    def __init__(self, showing: Showing, clock: Callable[[], float] = time.monotonic) -> None:
        self.showing = showing
        self._clock = clock
        self._known: dict[str, tuple[float, int]] = {}
        """The check's number by merge request, and 0 by project where the licence has none."""
        self._lock = threading.Lock()

    def external_of(self, client: Client, change: ChangeRef) -> int:
        """The number of the external status check that is asked of the merge request; 0: none, or the settings want none.

        None is not remembered of one merge request: into another branch it may be asked.
        """
        if not self.showing.wants("external"):
            return 0
        known = self._recall(change.repo.key, change.key)
        if known is not None:
            return known
        try:
            checks = client.pages(f"{change_path(change)}/status_checks", _CHECKS).items
        except (Refused, Vanished):
            return self._learn(change.repo.key, 0)
        found = next((check.id for check in checks if check.name == self.showing.check_name), 0)
        return self._learn(change.key, found) if found else 0

    def forget(self, change: ChangeRef) -> None:
        """What was known proved wrong: ask again the next time."""
        with self._lock:
            self._known.pop(change.key, None)

    def _recall(self, *keys: str) -> int | None:
        now = self._clock()
        with self._lock:
            found = [self._known[key] for key in keys if key in self._known]
        return next((number for at, number in found if now - at < KEPT_S), None)

    def _learn(self, key: str, number: int) -> int:
        now = self._clock()
        with self._lock:
            self._known = {one: told for one, told in self._known.items() if now - told[0] < KEPT_S}
            self._known[key] = (now, number)
        return number


@dataclass(frozen=True, slots=True)
class Worth:
    """A row of the table that README and `llmgate doctor` are made from."""

    carrier: Carrier
    licence: str
    binds: str
    bypass: str


WORTH: Mapping[Carrier, Worth] = {
    "status": Worth(
        "status",
        "Free, Premium, Ultimate",
        "the project setting *Pipelines must succeed*",
        "whoever has the Developer role may post a status of the same name; a new pipeline counts until the gate's status is "
        "in it, and one of a merge request that holds as many jobs as GitLab allows never takes it; Maintainers may switch the "
        "setting off",
    ),
    "external": Worth(
        "external",
        "Ultimate",
        "an external status check of this name, and the project setting *Status checks must succeed*",
        "whoever has the Developer role may answer the check through the API; Maintainers may switch the setting off",
    ),
    "approval": Worth(
        "approval",
        "Premium, Ultimate",
        "an approval rule whose only eligible approver is the bot, not to be edited in merge requests",
        "nobody can approve as the bot but with its token; where a push keeps approvals, the bot's counts for what was pushed "
        "until the gate takes it back; Maintainers may change the rule",
    ),
}
