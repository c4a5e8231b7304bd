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

from bot.core.ids import RepoRef
from bot.ports.errors import Refused, Vanished
from integrations.gitlab.client import Client, listed
from integrations.gitlab.paths import project_path
from integrations.gitlab.payloads import Tolerant

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

    def insists(self, carrier: Carrier) -> bool:
        """Whether the settings name it, so that not having it is a fault."""
        return self.carriers != "auto" and carrier in self.carriers


@dataclass(frozen=True, slots=True)
class InForce:
    """The carriers of one project. `external` is the number of the external status check; 0: there is none."""

    status: bool
    external: int
    approval: bool


class ExternalCheck(Tolerant):
    id: int
    name: str = ""
    external_url: str = ""
    hmac: bool = False
    protected_branches: tuple[dict[str, object], ...] = ()


_CHECKS = listed(ExternalCheck)


class Carriers:
    """Finds out once and remembers it for ten minutes. `clock` counts seconds."""

    def __init__(self, showing: Showing, clock: Callable[[], float] = time.monotonic) -> None:
        self.showing = showing
        self._clock = clock
        self._known: dict[str, tuple[float, InForce]] = {}
        self._lock = threading.Lock()

    def of(self, client: Client, repo: RepoRef) -> InForce:
        """What is in force there now."""
        with self._lock:
            found = self._known.get(repo.key)
        if found and self._clock() - found[0] < KEPT_S:
            return found[1]
        external = self._external(client, repo) if self.showing.wants("external") else 0
        made = InForce(self.showing.wants("status"), external, self.showing.wants("approval"))
        with self._lock:
            self._known[repo.key] = (self._clock(), made)
        return made

    def forget(self, repo: RepoRef) -> None:
        """What was known proved wrong: ask again the next time."""
        with self._lock:
            self._known.pop(repo.key, None)

    def _external(self, client: Client, repo: RepoRef) -> int:
        checks = external_checks(client, repo)
        return next((check.id for check in checks or () if check.name == self.showing.check_name), 0)


def external_checks(client: Client, repo: RepoRef) -> tuple[ExternalCheck, ...] | None:
    """The project's external status checks; None where this licence has none, which GitLab says as 403 or 404."""
    try:
        return tuple(client.pages(f"{project_path(repo.path)}/external_status_checks", _CHECKS).items)
    except (Refused, Vanished):
        return None


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
        "whoever has the Developer role may post a status of the same name; Maintainers may switch the setting off",
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
        "nobody can approve as the bot but with its token; Maintainers may change the rule",
    ),
}
