"""The `refs/notes/ai` notes of commits. Git keeps a note under its commit's id, flat or in folders of two digits.

Read only where the repository has such notes at all, which the main query says.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.ids import RepoRef
from bot.ports.answers import settle
from integrations.github.blobs import AT_ONCE, texts
from integrations.github.client import Session

NOTES = "refs/notes/ai"


def read_notes(session: Session, repo: RepoRef, commits: Sequence[str]) -> tuple[dict[str, str], int]:
    """Notes by commit, and the calls it took."""
    asked = [(commit, f"{NOTES}:{place}") for commit in commits for place in (commit, f"{commit[:2]}/{commit[2:]}")]
    chunks = [asked[at : at + AT_ONCE] for at in range(0, len(asked), AT_ONCE)]
    answers = settle([session.submit(texts, session, repo, [expression for _, expression in chunk]) for chunk in chunks])
    found: dict[str, str] = {}
    for chunk, blobs in zip(chunks, answers, strict=True):
        for (commit, _), blob in zip(chunk, blobs, strict=True):
            if blob is not None and blob.readable is not None:
                found[commit] = blob.readable
    return found, len(chunks)
