"""The marker that says in the file itself that a model wrote it: `generated_by_llm` in a comment at the top.

Only files whose comments are known are touched, and only where one more comment line cannot change what the file means: a
`#!` line, an encoding line and a Dockerfile's directives stay first. Everything else is left as it is and named.

A `.gitattributes` line is the other way, for files that take no comment. The gate reads it from the base branch, and a change
to that file raises the tier, so it is worth it for folders that are always generated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.cli.emission.files import Generated, read
from bot.cli.emission.refusal import NotEmitted
from bot.cli.emission.written import replace_file
from bot.core.detection.marks.builtin import BUILTIN

WORD = "generated_by_llm"
ATTRIBUTES = ".gitattributes"
ATTRIBUTE = "llmgate-generated"
# Endings that two languages share with different comments (`.m`, `.pl`, `.v`) are left out.
_STYLES = {
    "#": "bash ex exs jl mk nim pm py pyi r rb sh tf tfvars toml yaml yml zsh",
    "//": "c cc cjs cpp cs cts cxx dart go gradle groovy h hh hpp java js jsx kt kts mjs mts proto rs scala scss swift ts tsx",
    "--": "adb ads elm hs lua sql vhd vhdl",
    ";;": "clj cljc cljs el lisp scm",
    "%": "erl hrl",
}
_NAMES = {"Containerfile": "#", "Dockerfile": "#", "Gemfile": "#", "Justfile": "#", "Makefile": "#", "Rakefile": "#"}
_BY_SUFFIX = {suffix: style for style, suffixes in _STYLES.items() for suffix in suffixes.split()}
_STAYS_FIRST = re.compile(r"#!|#.*coding[:=]|#\s*(?:syntax|escape|check)\s*=")
_OTHER_ENCODING = re.compile(r"^#.*coding[:=]\s*(?!\s|utf-?8)", re.IGNORECASE)
_PLAIN_AGENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/@+-]{0,59}")
_READ_BY_THE_GATE = 15
"""Lines; the gate looks at a few more."""


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A file that was left as it is, and why."""

    path: str
    reason: str


def mark_headers(files: Sequence[Generated], agent: str) -> tuple[Unmarked, ...]:
    """Put the marker at the top of each file that can take it; those that cannot come back."""
    left: list[Unmarked] = []
    for one in files:
        content = read(one.file)
        reason = _why_not(one.path, content)
        if reason:
            left.append(Unmarked(one.path, reason))
        elif not _is_marked(content.decode()):
            replace_file(one.file, _with_marker(content.decode(), _style(one.path), agent).encode())
    return tuple(left)


def mark_attributes(root: Path, files: Sequence[Generated]) -> None:
    """One line a file in `.gitattributes`, where it is not there yet."""
    attributes = root / ATTRIBUTES
    if attributes.is_symlink():
        raise NotEmitted(f"saw a symbolic link at {ATTRIBUTES}; wanted a plain file, as git does; replace it")
    try:
        text = read(attributes).decode() if attributes.exists() else ""
    except UnicodeDecodeError:
        raise NotEmitted(f"saw {ATTRIBUTES} that is not UTF-8; wanted text; mark the files there by hand") from None
    lines = [f"{_pattern(one.path)} {ATTRIBUTE}" for one in files]
    missing = [line for line in dict.fromkeys(lines) if line not in text.splitlines()]
    if missing:
        end = "" if not text or text.endswith("\n") else "\n"
        replace_file(attributes, (text + end + "\n".join(missing) + "\n").encode())


def _why_not(path: str, content: bytes) -> str:
    if not _style(path):
        return "no comment style is known for it"
    if not content:
        return "it is empty"
    if content.startswith(b"\xef\xbb\xbf") or b"\0" in content:
        return "it starts with a byte order mark or is binary"
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return "it is not UTF-8"
    if any(_OTHER_ENCODING.search(line) for line in text.splitlines()[:2]):
        return "it declares an encoding other than UTF-8"
    return ""


def _style(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return _NAMES.get(name.split(".")[0], "") or _BY_SUFFIX.get(name.rsplit(".", 1)[-1].lower() if "." in name else "", "")


def _is_marked(text: str) -> bool:
    head = "\n".join(text.splitlines()[:_READ_BY_THE_GATE])
    return any(mark.id == "llmgate.header.generated-by-llm" for mark, _ in BUILTIN.matching("header", head, head.lower()))


def _with_marker(text: str, style: str, agent: str) -> str:
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    at = 0
    while at < len(lines) and at < _READ_BY_THE_GATE and _STAYS_FIRST.match(lines[at]):
        at += 1
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    before = "".join(lines[:at])
    before += end if before and not before.endswith("\n") else ""
    named = f"{style} {WORD}: {agent}{end}"
    usable = _PLAIN_AGENT.fullmatch(agent) is not None and _is_marked(named)
    return before + (named if usable else f"{style} {WORD}{end}") + "".join(lines[at:])


def _pattern(path: str) -> str:
    """The path as a pattern of git attributes. What has a meaning there becomes `?`, which stands for any one character."""
    return "/" + re.sub(r'[\s*?\[\]\\"!#]', "?", path)
