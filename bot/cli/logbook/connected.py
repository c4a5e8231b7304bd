"""The gate's log from the settings, or a clear end where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from bot.cli.outcome import USAGE, fail
from bot.cli.settings import loaded
from bot.main import Gate
from bot.main.log import ConnectedLog
from bot.ports.errors import Refused, WorldError

UNREACHED = 3
"""Exit code: the database, an anchor or a log elsewhere did not answer."""


@contextmanager
def connected_log() -> Iterator[tuple[Gate, ConnectedLog]]:
    """The gate, wired and not at work; what it logs goes to standard error. What the world refuses ends the command: with 1
    where the log itself is wrong."""
    with redirect_stdout(sys.stderr):
        yield from _connected()


def _connected() -> Iterator[tuple[Gate, ConnectedLog]]:
    gate = loaded()
    try:
        if gate.log is None:
            saw = f"saw no key of the log at {gate.settings.log.key_file}"
            fail(f"{saw}; wanted one, to know its heads by; run `llmgate init`", USAGE)
        yield gate, gate.log
    except Refused as error:
        fail(str(error), 1)
    except WorldError as error:
        fail(str(error), UNREACHED)
    finally:
        gate.close()
