"""What is missing in the repository itself, before any change is looked at: each with its cure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cli.scanning.asked import unfilled_roles
from bot.cli.scanning.ground import POLICY, Ground
from bot.cli.scanning.tally import Tally
from bot.core.owners.read import parse_owners


def standing_gaps(ground: Ground, tally: Tally) -> Iterator[str]:
    """Sentences, the weightiest first."""
    for problem in ground.policy.problems:
        place = f"{problem.file}:{problem.line}"
        yield f"the policy is refused, and every change would be blocked: {place} {problem.saw}; {problem.cure}"
    if tally.cut:
        oldest = "its oldest commit" if tally.cut == 1 else f"its {tally.cut} oldest commits"
        yield (
            f"the clone is shallow: history before {tally.oldest} is not here, nor what {oldest} changed; "
            "`git fetch --unshallow` brings both"
        )
    if ground.policy.source == "defaults":
        yield f"no {POLICY}: the defaults were used"
    for role in unfilled_roles(ground.policy):
        yield f"the role `{role}` has nobody: define `roles.{role}` in {POLICY} (people, team or chat_group)"
    yield from _owner_gaps(ground)
    if tally.files_changed and not tally.files_covered:
        yield "no generated file has a provenance document: see `llmgate provenance schema`"


def _owner_gaps(ground: Ground) -> Iterator[str]:
    if not ground.owners_text.strip():
        yield "no CODEOWNERS: nobody is asked as owner of a file"
    for problem in parse_owners(ground.owners_text, ground.forge).problems[:3]:
        yield f"{ground.owners_path}:{problem.line} is not read whole: saw {problem.saw}; wanted {problem.wanted}"
