"""What the application asks of a forge, and what a forge answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.core.actions import ForgeAction
from bot.core.evidence.model import RawReport
from bot.core.facts import Change, ChangedFile, Commit, Gap
from bot.core.ids import ChangeRef, ForgeAccount, RepoRef
from bot.core.provenance.model import RawDocument
from bot.core.routing.touched import TouchedLines
from bot.ports.login import AccountState


@dataclass(frozen=True, slots=True)
class HeadFacts:
    """All that cannot change while head and merge base stay where they are: kept, and not read again."""

    head_sha: str
    base_sha: str
    """Tip of the base branch when this was read: the merge base follows from both."""
    merge_base: str | None
    head_tree: str
    commits: tuple[Commit, ...]
    files: tuple[ChangedFile, ...]
    documents: tuple[RawDocument, ...]
    reports: tuple[RawReport, ...]
    gaps: tuple[Gap, ...] = ()
    attached: str = ""
    """Names what was attached to the head besides its tree, which may come later: other than what is known, read again."""
    place: str = ""
    """Where the check of this head counts, and how that stood, in the forge's own words; empty where it never moves."""


@dataclass(frozen=True, slots=True)
class PolicySource:
    """The policy file of the base branch; `text` None where there is none."""

    text: str | None
    path: str
    commit: str


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """The gate's own check on the head as the forge shows it now; `state` is None where there is none."""

    id: str | None
    state: str | None
    digest: str
    """The external id the gate gave it: names the content that was last written."""
    looked: bool = True
    """False where nothing is known of it, because what carries the verdict there cannot be read back."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a change. `head` is the value passed in as known when neither head nor base moved."""

    change: Change
    head: HeadFacts
    policy: PolicySource
    owners_text: str
    owners_path: str
    check: ShownCheck
    reads: int
    """Calls this reading took, for the bench."""


@dataclass(frozen=True, slots=True)
class OpenChange:
    """A line of the list of open changes, enough for the reconcile sweep and to find twins."""

    ref: ChangeRef
    head_sha: str
    base_ref: str
    updated_at: datetime
    place: str = ""
    """As `HeadFacts.place`: elsewhere than at the last look, and the check may be missing there."""


@dataclass(frozen=True, slots=True)
class TeamMembers:
    accounts: tuple[ForgeAccount, ...]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class GivenReview:
    """What an account's decision on the forge is now. `head_sha` is empty where it is not known to be about the head."""

    account: ForgeAccount
    decision: Literal["approved", "changes-requested"]
    head_sha: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """What an event said of the change, empty where it said nothing: guesses that save a look and are checked."""

    head_sha: str = ""
    base_ref: str = ""


IN_DOUBT = "?"
"""Given to `Forge.deliver` before the external id, or alone, of a delivery that a crash may have performed: look before
making anew."""


class Forge(Protocol):
    """One host of one forge."""

    def fetch_change(self, ref: ChangeRef, known: HeadFacts | None, hint: Hint | None = None) -> Reading:
        """Look at the change: one call where head and base are as in `known`, else as few as can be, in parallel.

        With `known` and no other head in the `hint`, the forge is asked first whether anything moved. Raises WorldError;
        what is merely incomplete is a Gap.
        """
        ...

    def fetch_open(self, repo: RepoRef) -> tuple[OpenChange, ...]: ...

    def fetch_twins(self, change: Change) -> tuple[ChangeRef, ...]:
        """Other open changes with the same head commit."""
        ...

    def fetch_reviews(self, ref: ChangeRef) -> tuple[GivenReview, ...]:
        """What people's decisions on the forge itself are now: of each the latest, and none that was taken back."""
        ...

    def fetch_blame(self, repo: RepoRef, commit: str, files: Sequence[TouchedLines]) -> tuple[tuple[str, int], ...]:
        """Who wrote these lines, as the files are at that commit: keys of accounts, each with how many lines, most first.

        Only accounts that the forge itself ties to a commit are told: an address is no identity, and lines of anybody else are
        nobody's. A file that is not there has no lines.
        """
        ...

    def fetch_group(self, repo: RepoRef, head_sha: str, base_sha: str, base_ref: str) -> tuple[ChangeRef, ...]:
        """The changes a merge group is made of. Raises WorldError if they cannot all be named."""
        ...

    def fetch_team(self, team: str, repo: RepoRef) -> TeamMembers:
        """Members of `org/team` with its nested teams, or direct members of a group.

        `@@maintainer` (or another role of the forge) means those who hold exactly that role in `repo`, directly; `repo`
        matters to such a team alone.
        """
        ...

    def fetch_writers(self, repo: RepoRef, accounts: Sequence[ForgeAccount]) -> tuple[str, ...]:
        """Which of these accounts may write to the repository now, by key."""
        ...

    def fetch_account(self, number: int) -> AccountState:
        """The account of that number as it is now. Raises WorldError where nothing certain is known of it."""
        ...

    def fetch_busy(self, accounts: Sequence[ForgeAccount]) -> frozenset[str]:
        """Keys of those of at most fifty of these accounts who say on the forge that they are busy. Whoever the forge does not
        know says nothing. Raises WorldError where it does not answer."""
        ...

    def redeliver(self, since: datetime) -> int:
        """Have events that did not reach the gate since then sent again; how many those were."""
        ...

    def repositories(self) -> tuple[RepoRef, ...]:
        """Every repository the gate is installed on."""
        ...

    def deliver(self, action: ForgeAction, external_id: str | None, key: str) -> str:
        """Perform the action; return the forge's id of what now shows it.

        `external_id` is what an earlier delivery to this surface returned, None where there was none, and `IN_DOUBT` before
        either where a crash may have forgotten the answer. `key` is the idempotency key: a delivery in doubt, repeated with
        the same key, changes nothing that was done and returns the same id.
        """
        ...
