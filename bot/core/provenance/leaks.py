"""What must not stand in a document or be repeated from a report: prompts in clear, and secrets.

Answers name the kind of what was found and never the text. The patterns are our own: each has the issuer's fixed prefix, or an
assignment to a telling name whose value looks random.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from bot.core.provenance.strict_json import Json

PROMPT_KEYS = frozenset({
    "chat", "chathistory", "completion", "completions", "content", "conversation", "input", "inputs", "inputtext",
    "instruction", "instructions", "message", "messages", "output", "outputs", "outputtext", "prompt", "prompts",
    "promptbody", "promptcontent", "prompttemplate", "prompttext", "query", "rawprompt", "reply", "request",
    "response", "responses", "responsetext", "systemmessage", "systemprompt", "transcript", "usermessage",
    "userprompt",
})  # fmt: skip
"""Keys that hold what was said to a model or by it, lower-cased and without `_` and `-`."""

_SECRETS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an AWS access key id", re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])")),
    ("a GitHub token", re.compile(r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})")),
    ("a GitLab token", re.compile(r"(?<![A-Za-z0-9])gl(?:pat|ptt|rt|dt)-[A-Za-z0-9_-]{20,}")),
    ("a Slack token", re.compile(r"(?<![A-Za-z0-9])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}")),
    ("a Google API key", re.compile(r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}")),
    ("a model provider's key", re.compile(r"(?<![A-Za-z0-9])sk-(?=[A-Za-z0-9_-]{0,60}\d)[A-Za-z0-9_-]{20,}")),
    ("a private key", re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY")),
    ("a JSON Web Token", re.compile(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")),
    ("a password inside a URL", re.compile(r"://[^\s/:@]{1,100}:[^\s/@]{3,200}@")),
)
_ASSIGNMENT = re.compile(
    r"(?:api[_-]?key|access[_-]?key|secret|token|passw(?:or)?d|pwd|credential|auth)[A-Za-z0-9_-]{0,30}[\"']?\s{0,3}[:=]\s{0,3}"
    r"[\"']?(?:bearer )?([A-Za-z0-9+/_=.~-]{16,})",
    re.IGNORECASE,
)
_RANDOM_BITS = 3.5
"""Bits a character above which a value of 16 or more looks random: English words stay near 3, random hex nears 4."""


def find_secret(text: str) -> str | None:
    """The kind of secret that `text` seems to hold, in words; None if there is none."""
    for kind, pattern in _SECRETS:
        if pattern.search(text):
            return kind
    if any(_bits(found[1]) >= _RANDOM_BITS for found in _ASSIGNMENT.finditer(text)):
        return "a random value assigned to a secret's name"
    return None


def is_prompt_key(key: str) -> bool:
    """Whether a key's name says that it holds a prompt or a model's reply."""
    return key.replace("_", "").replace("-", "").lower() in PROMPT_KEYS


def texts(value: Json, at: str = "") -> Iterator[tuple[str, str]]:
    """Every string of a JSON value with its place; a place names indexes and known-safe keys only."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, f"{at}[{index}]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield f"a key of {at}" if at else "a key", key
            yield from texts(inner, join(at, key))


def prompt_keys(value: Json, at: str = "") -> Iterator[str]:
    """Places of keys, at any depth, that hold a prompt or a reply in clear."""
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from prompt_keys(inner, f"{at}[{index}]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if is_prompt_key(key):
                yield join(at, key)
            yield from prompt_keys(inner, join(at, key))


def join(at: str, key: str) -> str:
    """A place one key deeper. A key that could itself be a text or a secret is described, not quoted."""
    shown = safe_name(key)
    return f"{at}.{shown}" if at else shown


def safe_name(key: str) -> str:
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,39}", key) and not find_secret(key) and _bits(key) < 4:
        return key
    return f"(a key of {len(key)} characters)"


def _bits(text: str) -> float:
    """Shannon entropy of the text, in bits a character."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
