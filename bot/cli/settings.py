"""The gate from the settings, or a clear end where they cannot be used."""

from __future__ import annotations

from bot.cli.outcome import USAGE, fail
from bot.main import BadSettings, Gate, assemble, read_settings
from bot.ports.errors import WorldError


def loaded() -> Gate:
    """Read the settings and wire the gate; what is wrong is said a line each, with exit code 2."""
    try:
        return assemble(read_settings())
    except BadSettings as error:
        fail(f"the settings cannot be used\n  {str(error).replace(chr(10), chr(10) + '  ')}", USAGE)
    except WorldError as error:
        fail(str(error), 3)
