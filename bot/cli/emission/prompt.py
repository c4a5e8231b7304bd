"""The prompt's digest: the only thing of a prompt that leaves this module. It is read, digested and forgotten.

With a key, equal prompts give equal digests to whoever holds the key and to nobody else. Without one a fresh salt is drawn,
which keeps digests of equal prompts apart, though a short prompt can be guessed by whoever tries: prefer a key.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import stat
import sys
from pathlib import Path

from bot.cli.emission.refusal import NotEmitted

STANDARD_INPUT = Path("-")
LEAST_KEY = 16
MOST_PROMPT = 64 * 1024 * 1024


def digest_prompt(source: Path, key_file: Path | None) -> str:
    """`hmac-sha256:…` under the key, else `sha256-salted:…`. `source` is a file, or `-` for standard input."""
    key = _read_key(key_file) if key_file else b""
    prompt = _read(source)
    if key:
        return f"hmac-sha256:{hmac.new(key, prompt, hashlib.sha256).hexdigest()}"
    salt = secrets.token_bytes(16)
    return f"sha256-salted:{salt.hex()}:{hashlib.sha256(salt + prompt).hexdigest()}"


def _read(source: Path) -> bytes:
    name = "standard input" if source == STANDARD_INPUT else f"--prompt-file {source}"
    try:
        if source == STANDARD_INPUT:
            prompt = sys.stdin.buffer.read(MOST_PROMPT + 1)
        else:
            with source.open("rb") as file:
                prompt = file.read(MOST_PROMPT + 1)
    except OSError as error:
        raise NotEmitted(
            f"saw {name}: {error.strerror}; wanted the prompt there, or `-` and the prompt on standard input"
        ) from None
    if not prompt.strip():
        raise NotEmitted(f"saw nothing in {name}; wanted the prompt that made the files")
    if len(prompt) > MOST_PROMPT:
        raise NotEmitted(f"saw more than {MOST_PROMPT:,} bytes in {name}; wanted a prompt; give the right file")
    return prompt


def _read_key(path: Path) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_bytes().strip()
    except OSError as error:
        raise NotEmitted(f"saw --prompt-key {path}: {error.strerror}; wanted a secret key there that you may read") from None
    if mode & 0o077:
        raise NotEmitted(f"saw {path} with mode {mode:04o}; wanted 0600, since others may read it; run `chmod 600 {path}`")
    if len(key) < LEAST_KEY:
        saw = f"saw a key of {len(key)} bytes in {path}"
        raise NotEmitted(f"{saw}; wanted at least {LEAST_KEY}; make one with `openssl rand -hex 32 > {path}`")
    return key
