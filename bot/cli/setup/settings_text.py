"""`llmgate.toml` as text: new values are put into their sections, and everything that stood there stays as it was.

A TOML library would lose comments and order on the way, so lines are inserted, and the result is read back before it is kept.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

HEADER = "# Settings of llmgate. README lists every key. Keep this file secret (mode 0600), and out of git.\n"
SEVERAL = "gitlab"
"""The one section that holds others: one a host, by name."""


class CannotMerge(ValueError):
    """The file cannot be read, or has no place for a new value; the message says what to do."""


def held_values(text: str, name: str) -> dict[str, object]:
    """Values by `section.key`, a GitLab host's by `gitlab.NAME.key`. Raises CannotMerge."""
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CannotMerge(f"saw {name} that is no TOML: {error}; wanted settings; correct it or move it away") from None
    hosts = whole.pop(SEVERAL, {})
    parts = {**whole, **({f"{SEVERAL}.{host}": values for host, values in hosts.items()} if isinstance(hosts, dict) else {})}
    found: dict[str, object] = {}
    for section, values in parts.items():
        if isinstance(values, dict):
            found.update({f"{section}.{key}": value for key, value in values.items()})
        else:
            found[section] = values
    return found


def with_values(text: str, values: Mapping[str, str], name: str) -> str:
    """The text with these values (by `section.key`) added. Raises CannotMerge if that is not safely possible."""
    before = held_values(text, name)
    grown = text or HEADER
    for section in dict.fromkeys(key.rpartition(".")[0] for key in values):
        inside = {key: value for key, value in values.items() if key.rpartition(".")[0] == section}
        grown = _into(grown, section, inside)
    wanted = {**before, **values}
    try:
        kept = held_values(grown, name) == wanted
    except CannotMerge:
        kept = False
    if not kept:
        missing = ", ".join(values)
        raise CannotMerge(f"saw {name} laid out in a way that lines cannot be added to; wanted {missing}; add them by hand")
    return grown


def _into(text: str, section: str, values: Mapping[str, str]) -> str:
    lines = {name: f"{name} = {quoted(value)}" for name, value in ((k.rpartition(".")[2], v) for k, v in values.items())}
    header = re.search(rf"^[ \t]*\[[ \t]*{re.escape(section)}[ \t]*\][ \t]*(#.*)?$", text, re.MULTILINE)
    if header is None:
        return f"{text.rstrip()}\n\n[{section}]\n{chr(10).join(lines.values())}\n"
    following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, header.end())
    end = following.start() if following else len(text)
    inside = text[header.end() : end]
    for key in list(lines):
        empty = re.compile(rf"^[ \t]*{key}[ \t]*=[ \t]*(\"\"|'')(?=[ \t]*(#.*)?$)", re.MULTILINE).search(inside)
        if empty:  # `key = ""` says nothing and gives its place to the value
            inside = inside[: empty.start()] + lines.pop(key) + inside[empty.end() :]
    fresh = "".join(f"\n{line}" for line in lines.values())
    return text[: header.end()] + fresh + inside + text[end:]


def quoted(value: str) -> str:
    """A TOML basic string."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def write_secret(path: Path, text: str) -> None:
    """Replace the file in one step, readable by its owner alone."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
