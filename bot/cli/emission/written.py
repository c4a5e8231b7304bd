"""Files written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from bot.cli.emission.refusal import NotEmitted

ORDINARY = 0o644


def replace_file(path: Path, content: bytes) -> None:
    """Put the content there in one step; a file that is there keeps its mode. Raises NotEmitted, and then nothing changed."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else ORDINARY
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".llmgate-")
    except OSError as error:
        raise NotEmitted(f"saw {path.parent}: {error.strerror}; wanted a folder that can be written") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise NotEmitted(f"saw {path}: {error.strerror}; wanted room and leave to write it") from None
