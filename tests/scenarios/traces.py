"""Everything the gate left anywhere: on the forge, in the chat, in its database file and in its log.

What must appear nowhere is looked for in all of it at once.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url
from structlog.testing import capture_logs

from bot.cli.playground import Playground
from tests.scenarios.forges import written

FORGE_LIMIT = 65_535


@dataclass
class Ears:
    """What was logged, by us and by libraries, while somebody listened."""

    entries: list[str] = field(default_factory=list)

    @property
    def all(self) -> str:
        return "\n".join(self.entries)


class _Listening(logging.Handler):
    def __init__(self, ears: Ears) -> None:
        super().__init__(logging.DEBUG)
        self._ears = ears

    def emit(self, record: logging.LogRecord) -> None:
        self._ears.entries.append(f"{record.name}: {record.getMessage()} {record.exc_text or ''} {record.exc_info or ''}")


@contextmanager
def overheard() -> Iterator[Ears]:
    """Listen to every log, at every level."""
    ears, root = Ears(), logging.getLogger()
    handler = _Listening(ears)
    root.addHandler(handler)
    try:
        with capture_logs() as ours:
            yield ears
    finally:
        root.removeHandler(handler)
        ears.entries += [json.dumps(entry, default=str) for entry in ours]


def on_forge(world: Playground, number: int) -> str:
    """All that the gate wrote about a change: checks, comments, reviews, labels."""
    return "\n".join(written(world, number))


def in_chat(world: Playground) -> str:
    """All that anybody can see in the chat, private words and dialogues too."""
    space = world.slack.workspace
    messages = [(m.text, m.blocks) for m in (*space.messages, *space.ephemerals)]
    views = [view.content for view in (*space.views, *space.homes.values())]
    return json.dumps([messages, views], ensure_ascii=False, default=str)


def in_database(world: Playground) -> bytes:
    """The bytes of the SQLite file and its write-ahead log."""
    path = Path(make_url(world.gate.settings.database.url).database or "")
    return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))


def assert_nowhere(world: Playground, number: int, ears: Ears, *words: str) -> None:
    """None of these words is on the forge, in the chat, in the log or in the database."""
    for word in words:
        assert word not in on_forge(world, number), f"{word!r} is on the forge"
        assert word not in in_chat(world), f"{word!r} is in the chat"
        assert word not in ears.all, f"{word!r} is in the log"
        assert word.encode() not in in_database(world), f"{word!r} is in the database"


def secrets_of(world: Playground) -> tuple[str, ...]:
    """What the gate knows and must never say."""
    slack = world.gate.settings.slack
    told = (slack.bot_token, slack.app_token, slack.signing_secret)
    return (*(each.get_secret_value() for each in told), *(word for stage in world.stages.values() for word in stage.secrets))
