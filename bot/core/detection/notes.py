"""git-ai authorship notes (3.0.0, `refs/notes/ai`): which lines of which files a tool's session wrote.

A note has a section of attestations (a path, then indented `key ranges`), a line `---`, and JSON that says what the keys are:
`s_…::t_…` a session, `h_…` a person, sixteen hex digits a prompt in the older form. Notes are unsigned and anyone who can push
can write one; so a note raises suspicion and never clears anybody. A key that the JSON does not explain still counts as a
model's: dropping the JSON must not hide it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from bot.core.detection.trace import FILES, LIMIT, FileAuthorship, text_of
from bot.core.detection.trailers import name_and_address

KEY = re.compile(r"s_[0-9a-f]{6,64}(?:::t_[0-9a-f]{6,64})?|[0-9a-f]{7,64}")
RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
VERSION = "authorship/3."
RANGES = 1000
"""Ranges kept for one file and session."""


@dataclass(frozen=True, slots=True)
class Session:
    """What the JSON says of one key."""

    tool: str = ""
    model: str = ""
    human: str = ""


@dataclass(slots=True)
class _Reading:
    sessions: dict[str, Session]
    files: dict[tuple[str, str], FileAuthorship] = field(default_factory=dict)

    def attest(self, path: str, line: str) -> None:
        """Read one `key ranges` line under its path. Past the ceiling, files are not read any more."""
        key, _, ranges = line.partition(" ")
        if not path or not KEY.fullmatch(key) or len(self.files) >= FILES:
            return
        session = self.sessions.get(key) or self.sessions.get(key.partition("::")[0]) or Session()
        lines = tuple(_span(part) for part in RANGE.findall(ranges)[:RANGES])
        place = (path, session.tool)
        known = self.files.get(place)
        self.files[place] = FileAuthorship(
            path,
            session.tool,
            session.model,
            ((known.ranges if known else ()) + lines)[:RANGES],
            name_and_address(session.human)[1],
        )


def parse_note(text: str) -> tuple[FileAuthorship, ...] | None:
    """Files and the sessions that wrote in them, people's lines left out; None where the text is no git-ai note."""
    attested, metadata = _sections(text[:LIMIT].replace("\r\n", "\n"))
    known = _json(metadata)
    if not _attests(attested) and not text_of(known, "schema_version").startswith(VERSION):
        return None
    reading = _Reading(_sessions(known or {}))
    path = ""
    for line in attested.split("\n"):
        if line.startswith("  "):
            reading.attest(path, line.strip())
        elif line.strip():
            path = _unquoted(line.strip())
    return tuple(reading.files.values())


def _sections(text: str) -> tuple[str, str]:
    """The attestations and the JSON; a note may be JSON alone."""
    if text.lstrip().startswith("{"):
        return "", text
    match = re.search(r"(?m)^---[ \t]*$", text)
    return (text[: match.start()], text[match.end() :]) if match else (text, "")


def _attests(section: str) -> bool:
    return any(line.startswith("  ") and KEY.match(line.strip()) for line in section.split("\n"))


def _json(text: str) -> dict[str, object] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _sessions(metadata: dict[str, object]) -> dict[str, Session]:
    found: dict[str, Session] = {}
    for section in ("prompts", "sessions"):
        entries = metadata.get(section)
        for key, entry in entries.items() if isinstance(entries, dict) else ():
            agent = entry.get("agent_id") if isinstance(entry, dict) else None
            found[key] = Session(text_of(agent, "tool"), text_of(agent, "model"), text_of(entry, "human_author"))
    return found


def _span(match: tuple[str, str]) -> tuple[int, int]:
    first = int(match[0])
    return first, int(match[1]) if match[1] else first


def _unquoted(path: str) -> str:
    return path[1:-1] if len(path) > 2 and path.startswith('"') and path.endswith('"') else path
