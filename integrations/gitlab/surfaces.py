"""What GitLab lets the bot show, as it wants it: states in its words, texts within its limits, and marks to find one's own by.

Pure. A line of a note that begins with `/` would be carried out as a quick action (`/approve`, `/merge`) by whoever posts it,
which is the bot: no line of ours begins so.
"""

from __future__ import annotations

import re

from bot.core.actions import CheckState, SetCheck, SetComment

NOTE_LIMIT = 1_000_000
"""Characters of a note."""
STATUS_LIMIT = 255
"""Characters of a commit status' description, and of its link."""
NEUTRAL = "Not deciding: "
"""What a green status begins with that decides nothing: GitLab has no neutral one."""
WAITING = "Waiting for people; the note on this merge request says for whom"
"""GitLab keeps the first description of a status that waits, so this one stays true however the waiting goes on."""
LEAVING = "Waiting for people, so it leaves the merge train; the note on this merge request says for whom"
"""What a train's pipeline is told of a verdict that waits, as failed: every car behind would wait along."""
STICKY = "<!-- llmgate: the sticky note; it is rewritten, do not edit -->"
RESOLVES = "Resolve this thread once it is settled; llmgate leaves that to people."
_CUT = "\n\n… cut here: GitLab shows no more than 1,000,000 characters. The rest is in `llmgate policy explain`.\n"
_STATES: dict[CheckState, str] = {"waiting": "pending", "blocked": "failed", "allowed": "success", "neutral": "success"}
_COMMAND = re.compile(r"^([ \t\f\v]*)/", re.MULTILINE)
_PARTED = "@<!-- -->"


def passes(state: CheckState) -> bool:
    """Whether nothing of the gate stands in the way in this state."""
    return state in ("allowed", "neutral")


def status_state(state: CheckState) -> str:
    return _STATES[state]


def description(action: SetCheck) -> str:
    """What stands beside the status: the title where the state is final."""
    if action.state == "waiting":
        return WAITING
    return cut((NEUTRAL if action.state == "neutral" else "") + action.title, STATUS_LIMIT)


def status_body(action: SetCheck, name: str, train: bool = False) -> dict[str, object]:
    """`train`: it is for the pipeline of a car on a merge train."""
    state, said = status_state(action.state), description(action)
    if train and action.state == "waiting":
        state, said = "failed", LEAVING
    body: dict[str, object] = {"state": state, "name": name, "description": said}
    if action.details_url.startswith(("https://", "http://")) and len(action.details_url) <= STATUS_LIMIT:
        body["target_url"] = action.details_url
    return body


def note_text(action: SetComment) -> str:
    """The sticky note: the comment, and what a check would say folded below it."""
    folded = f"\n\n<details><summary>Details</summary>\n\n{action.details}\n\n</details>" if action.details else ""
    room = NOTE_LIMIT - len(action.body) - len(STICKY) - 2_000
    if len(folded) > room:
        folded = f"\n\n<details><summary>Details</summary>\n\n{cut(action.details, max(room, 2_000))}\n\n</details>"
    return marked(action.body + folded, STICKY)


def marked(text: str, mark: str) -> str:
    """The text, inert, with an invisible mark at its end, so that the bot finds its own words again."""
    return cut(inert(text), NOTE_LIMIT - len(mark) - 2) + "\n\n" + mark


def inert(text: str) -> str:
    """No line is a quick action, and nobody is called: GitLab drops a carriage return, and may close up around a comment."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _COMMAND.sub(r"\1\\/", lines).replace(_PARTED, "@&#8203;")


def cut(text: str, limit: int) -> str:
    """The text within the limit, with a note where it was cut."""
    if len(text) <= limit:
        return text
    note = _CUT if limit > 4 * len(_CUT) else "…"
    return text[: limit - len(note)] + note
