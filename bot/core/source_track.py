"""Which level of SLSA's Source Track the settings of a forge support, as far as they were seen.

Source: SLSA v1.2, Source requirements, the tables "Organization" and "Source Control System" (history, continuity, protected
tags, enforced change management, source provenance, two party review); the names are those that slsa-framework/source-tool
writes. What was not seen counts as not there, and looking once proves no continuity: that has to come from whoever kept
watch. Where nobody looked nothing is said at all, not even level 1.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Protection:
    """What is known of the branch that a change goes into and of its commit there. None: not seen, which counts as no."""

    on_branch: bool | None = None
    """The branch holds the commit. Levels above 1 are about protected branches, and what is not merged is on none."""
    history_kept: bool | None = None
    """Nobody may push to the branch by force, or delete it."""
    tags_kept: bool | None = None
    """Nobody may move or delete the tags that others take."""
    nobody_bypasses: bool | None = None
    """No person, role or app may step around what the branch requires, administrators included."""
    continuous: bool | None = None
    """It is known since which commit all this holds, without a lapse."""
    check_required: bool | None = None
    """The branch takes nothing without the gate's check."""
    provenance: bool | None = None
    """Source provenance was issued when the branch came to this commit."""
    two_parties: bool | None = None
    """The branch takes nothing without a second trusted person's review of the last commit."""


def source_level(protection: Protection | None) -> tuple[str, ...]:
    """The highest level that is supported, alone, as the track wants it; none where nobody looked."""
    if protection is None or protection == Protection():
        return ()
    return (f"SLSA_SOURCE_LEVEL_{_number(protection)}",)


def _number(seen: Protection) -> int:
    """Each level needs all that the one below it needs. Level 1 is a repository that can be named, as a forge's can."""
    kept = seen.on_branch and seen.history_kept and seen.tags_kept and seen.nobody_bypasses and seen.continuous
    if not kept:
        return 1
    if not (seen.check_required and seen.provenance):
        return 2
    return 4 if seen.two_parties else 3
