"""What GitHub lets an app show, as it wants it: states in its words, texts within its limits, and marks to find one's own by.

Pure. GitHub refuses texts that are too long, so they are cut here and the cut says so.
"""

from __future__ import annotations

from bot.core.actions import CheckState, SetCheck

TEXT_LIMIT = 65_535
"""Characters of a check's summary, of its text, and of a comment's body."""
TITLE_LIMIT = 255
STATUS_LIMIT = 140
RECHECK = {"label": "Re-check", "description": "Look at this change again now", "identifier": "recheck"}
_CUT = "\n\n… cut here: GitHub shows no more than 65,535 characters. The rest is in `llmgate policy explain`.\n"
_RUN: dict[CheckState, tuple[str, str | None]] = {
    "waiting": ("in_progress", None),
    "blocked": ("completed", "failure"),
    "allowed": ("completed", "success"),
    "neutral": ("completed", "neutral"),
}
"""A required check that is not completed blocks the merge, and reads as what it is: somebody has yet to act."""
_STATUS: dict[CheckState, str] = {"waiting": "pending", "blocked": "failure", "allowed": "success", "neutral": "success"}


def run_body(action: SetCheck, name: str, key: str) -> dict[str, object]:
    """The body that creates or updates the check run. `key` becomes its external id."""
    status, conclusion = _RUN[action.state]
    body: dict[str, object] = {
        "name": name,
        "head_sha": action.head_sha,
        "status": status,
        "external_id": key,
        "output": {
            "title": cut(action.title, TITLE_LIMIT),
            "summary": cut(action.summary, TEXT_LIMIT),
            **({"text": cut(action.details, TEXT_LIMIT)} if action.details else {}),
        },
        "actions": [RECHECK],
    }
    if conclusion:
        body["conclusion"] = conclusion
    if action.details_url:
        body["details_url"] = action.details_url
    return body


def wanted_state(action: SetCheck) -> tuple[str, str | None]:
    """Status and conclusion that the check run must have after it was written."""
    return _RUN[action.state]


def status_body(action: SetCheck, name: str) -> dict[str, object]:
    """The body of the commit status that stands in for a check run."""
    body: dict[str, object] = {
        "state": _STATUS[action.state],
        "context": name,
        "description": cut(action.title, STATUS_LIMIT),
    }
    if action.details_url:
        body["target_url"] = action.details_url
    return body


def cut(text: str, limit: int) -> str:
    """The text within the limit, with a note where it was cut; what GitHub counts are UTF-16 units."""
    if _units(text) <= limit:
        return text
    note = _CUT if limit > 4 * len(_CUT) else "…"
    kept = text[: limit - len(note)]
    while _units(kept) + len(note) > limit:
        kept = kept[: len(kept) - max(1, (_units(kept) + len(note) - limit) // 2)]
    return kept + note


def marked(body: str, mark: str) -> str:
    """The body with an invisible mark at its end, so that the bot finds its own words again."""
    return cut(body, TEXT_LIMIT - len(mark) - 2) + "\n\n" + mark


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
