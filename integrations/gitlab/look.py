"""One look at a merge request: what was thought of it before, what it showed, and what follows from that alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.attributes import marks
from bot.core.facts import Gap
from bot.ports.forge import HeadFacts
from integrations.gitlab.answers import MergeRequestAnswer, RepositoryAnswer
from integrations.gitlab.mapping import attributes_of, head_of, owners_of, policy_of


@dataclass(slots=True)
class Look:
    """What one `Change` query showed, and the head that it asked about."""

    told: MergeRequestAnswer
    repository: RepositoryAnswer
    asked_head: str
    asked_paths: tuple[str, ...]
    package: int
    calls: int = 1
    notes: bool = False

    @property
    def head_sha(self) -> str:
        return head_of(self.told)

    @property
    def merge_base(self) -> str | None:
        return self.told.diff_refs.base_sha if self.told.diff_refs else None

    @property
    def base_sha(self) -> str:
        tip = self.repository.tip
        return tip.last_commit.sha if tip and tip.last_commit else ""

    @property
    def objects(self) -> dict[str, str]:
        """The objects that the asked paths are at the head; a path that is not there is left out."""
        blobs = self.repository.head if self.asked_head == self.head_sha else None
        return {blob.path: blob.oid for blob in blobs.nodes} if blobs else {}


@dataclass(frozen=True, slots=True)
class Guess:
    """What is thought of the change before it is looked at. A wrong guess costs a call and nothing else."""

    head_sha: str = ""
    base_ref: str = ""
    paths: tuple[str, ...] = ()


def standing(known: HeadFacts, look: Look) -> HeadFacts:
    """What is known, on the base as it is now: only what the base's attributes mark can differ."""
    if known.base_sha == look.base_sha:
        return known
    marked = marks(attributes_of(look.repository))
    files = tuple(replace(file, marked=marked(file.path)) for file in known.files)
    return replace(known, base_sha=look.base_sha, files=files, gaps=base_gaps(look))


def base_gaps(look: Look) -> tuple[Gap, ...]:
    found = (policy_of(look.repository, look.told.target_branch, look.base_sha)[1], owners_of(look.repository)[2])
    return tuple(gap for gap in found if gap)


def has_notes(told: RepositoryAnswer) -> bool:
    return told.notes is not None and bool(told.notes.blobs.nodes or told.notes.trees.nodes)
