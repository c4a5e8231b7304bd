"""What moved between the moment a statement was shown and now: a person's signature covers what they saw and nothing else."""

from __future__ import annotations

from bot.core.in_toto import Json, member, parse
from bot.core.statement import Decision, render_statement

_PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("head", ("head", "commit")),
    ("files", ("head", "tree")),
    ("target branch", ("target", "ref")),
    ("difference", ("head", "patchId")),
    ("policy", ("policy", "digest")),
    ("risk tier", ("riskTier",)),
    ("evidence", ("evidence",)),
    ("checklist", ("checklist",)),
    ("reviewer", ("reviewer",)),
)
"""What must be as it was, and where a statement says it. The base branch's tip may move: that alone moves no difference."""


def what_moved(shown: bytes, now: Decision) -> str:
    """The first thing that is no longer as the statement says, in a word; empty if all of it is. Raises NotAStatement.

    `now` is the decision as it would be stated at this moment, with the same answers.
    """
    then, anew = member(parse(shown), "predicate"), member(parse(render_statement(now)), "predicate")
    return next((what for what, path in _PLACES if _at(then, path) != _at(anew, path)), "")


def _at(predicate: Json, path: tuple[str, ...]) -> object:
    found: object = predicate
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found
