"""A generated change as a coding agent would leave it: code, tests, provenance, and the reports of a CI run.

The demonstration, the tests and the bench all push the same kind of change, so that what they show is the same thing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.patch import git_blob_id

AGENT_TRAILER = "Co-authored-by: Claude <noreply@anthropic.com>"
PROVENANCE = ".llmgate/provenance"
EVIDENCE = ".llmgate/evidence"

LOGIN = '''"""Logging in: a password is compared in constant time, and five failures lock the account."""

import hmac
from hashlib import scrypt

LIMIT = 5


def check_password(given: str, salt: bytes, stored: bytes) -> bool:
    """Whether the password is the stored one."""
    digest = scrypt(given.encode(), salt=salt, n=2**14, r=8, p=1)
    return hmac.compare_digest(digest, stored)


def is_locked(failures: int) -> bool:
    """Whether so many failures lock the account."""
    return failures >= LIMIT
'''
TESTS = '''"""Tests of logging in."""

from auth.login import is_locked


def test_five_failures_lock() -> None:
    assert is_locked(5)
    assert not is_locked(4)
'''


@dataclass(frozen=True, slots=True)
class Specimen:
    """A change to push. `files` maps paths to content; `message` is the commit's."""

    files: Mapping[str, bytes]
    message: str


def document(files: Mapping[str, bytes], at: datetime, name: str = "claude-opus", user: str = "ann") -> bytes:
    """A provenance document over these files, with both digests of each."""
    whole = {
        "model_name": name,
        "model_version": "4.1",
        "model_provider": "anthropic",
        "prompt_hash": f"hmac-sha256:{hashlib.sha256(b'a keyed digest').hexdigest()}",
        "prompt_version": "login-v1",
        "user_id": user,
        "agent_id": "claude-code",
        "timestamp": at.isoformat(),
        "retrievals": [],
        "files_generated": [_file(path, content) for path, content in sorted(files.items())],
        "tooling_chain": [{"name": "claude-code", "version": "2.0"}],
    }
    return json.dumps(whole, indent=1).encode()


def _file(path: str, content: bytes) -> dict[str, str]:
    sha256 = hashlib.sha256(content).hexdigest()
    return {"path": path, "hash": f"sha256:{sha256}", "git_blob": f"gitblob:{git_blob_id(content)}"}


def _coverage(path: str, lines: list[int]) -> bytes:
    report = {
        "meta": {"format": 3, "version": "7.17.3", "branch_coverage": True},
        "files": {
            path: {
                "executed_lines": lines,
                "missing_lines": [],
                "excluded_lines": [],
                "executed_branches": [[line, line + 1] for line in lines[:4]],
                "missing_branches": [],
                "summary": {},
            }
        },
        "totals": {},
    }
    return json.dumps(report).encode()


def _mutants(path: str, content: bytes, lines: list[int]) -> bytes:
    statuses = ["Killed"] * 9 + ["Survived"]
    mutants = [
        {
            "id": str(i),
            "mutatorName": "Comparison",
            "status": status,
            "location": {
                "start": {"line": lines[i % len(lines)], "column": 1},
                "end": {"line": lines[i % len(lines)], "column": 9},
            },
        }
        for i, status in enumerate(statuses)
    ]
    report = {
        "schemaVersion": "2",
        "thresholds": {"high": 80, "low": 60},
        "framework": {"name": "cosmic-ray", "version": "8.7.0"},
        "files": {path: {"language": "python", "source": content.decode(), "mutants": mutants}},
    }
    return json.dumps(report).encode()


def evidence(path: str, content: bytes, passed: int = 12) -> dict[str, bytes]:
    """What a CI run leaves: a test report, line and branch coverage, and mutants of one file."""
    lines = [number for number, line in enumerate(content.decode().splitlines(), 1) if line.strip()]
    cases = "".join(f'<testcase classname="tests.test_login" name="test_{i}" time="0.01"/>' for i in range(passed))
    scan = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "bandit", "version": "1.9.4"}}, "results": []}]}
    return {
        f"{EVIDENCE}/bandit.sarif": json.dumps(scan).encode(),
        f"{EVIDENCE}/junit.xml": f'<testsuites><testsuite name="pytest">{cases}</testsuite></testsuites>'.encode(),
        f"{EVIDENCE}/coverage.json": _coverage(path, lines),
        f"{EVIDENCE}/mutation.json": _mutants(path, content, lines),
    }


def login_change(at: datetime, note: str = "") -> Specimen:
    """A high-risk change: logging in, with everything the gate asks of it. `note` makes another revision of it."""
    login = LOGIN + (f"\n# {note}\n" if note else "")
    generated = {"auth/login.py": login.encode(), "tests/test_login.py": TESTS.encode()}
    files = {**generated, f"{PROVENANCE}/login.json": document(generated, at), **evidence("auth/login.py", login.encode())}
    return Specimen(files, f"Add password login{f' ({note})' if note else ''}\n\n{AGENT_TRAILER}\n")


def small_change(at: datetime, number: int, note: str = "") -> Specimen:
    """A low-risk change of one small file; `number` keeps many of them apart."""
    path = f"shop/part_{number}.py"
    content = f'"""Part {number}. {note}"""\n\n\ndef part_{number}() -> int:\n    return {number}\n'.encode()
    files = {path: content, f"{PROVENANCE}/part_{number}.json": document({path: content}, at), **evidence(path, content)}
    return Specimen(files, f"Add part {number}\n\n{AGENT_TRAILER}\n")
