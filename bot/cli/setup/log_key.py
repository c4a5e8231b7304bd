"""The log's own key, as `llmgate init` makes it: once, under the name that the log then keeps for ever."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import typer

from bot.core.tlog.note import BadVerifierKey, format_vkey
from integrations.tlog.keys import BadKey, load_key, make_key, public_path

KEY_FILE, ORIGIN = "log.key_file", "log.origin"
LOCAL = "llmgate.local/log"
"""The settings' own default."""


def log_values(folder: Path, words: Mapping[str, str]) -> dict[str, str]:
    """What the settings lack of the log: where its key lies, and a name for one that is still to be made.

    The name is where the log will be served, without the scheme (c2sp.org/tlog-tiles, "Parameters"). A key that is there has
    one, which may only be what the settings say already.
    """
    fresh = {} if KEY_FILE in words else {KEY_FILE: str(folder / "llmgate-log.pem")}
    path, served = Path({**words, **fresh}[KEY_FILE]), urlsplit(words.get("web.public_url", ""))
    if ORIGIN not in words and served.netloc and not path.exists():
        fresh[ORIGIN] = f"{served.netloc.rpartition('@')[2]}{served.path.rstrip('/')}/log"
    return fresh


def make_log_key(path: Path, origin: str) -> bool:
    """The key, made if there is none. False: there is one that cannot be used, and it was left alone."""
    public = public_path(path)
    try:
        if path.exists():
            key, verb = load_key(path, origin), "Kept"
        elif public.exists():
            raise BadKey(
                f"saw {public} without {path.name}; wanted both or neither; bring the private key back or move it away"
            )
        else:
            key, verb = make_key(path, origin), "Wrote"
        if not public.exists():
            public.write_text(f"{format_vkey(key.vkey)}\n")
    except (BadKey, BadVerifierKey, OSError) as error:
        typer.echo(f"llmgate: {error}", err=True)
        return False
    typer.echo(f"{verb} {path} and {public.name} (the log {key.vkey.name}, key {key.vkey.key_hash.hex()})")
    return True
