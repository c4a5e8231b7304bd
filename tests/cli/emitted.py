"""A repository with a generated file, and `llmgate provenance emit` run in it."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.core.facts import ChangedFile
from bot.core.provenance.coverage import cover
from bot.core.provenance.model import FoundDocument, ProvenanceDocument
from bot.core.provenance.read import read_document

PROMPT = "Write a login that compares passwords in constant time, zebra"
CODE = "def login() -> bool:\n    return False\n"
FOLDER = Path(".llmgate/provenance")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def shop(tmp_path: Path) -> Path:
    """A repository with one generated file; the prompt lies outside."""
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "login.py").write_text(CODE)
    (tmp_path / "prompt.txt").write_text(PROMPT)
    return root


def emit(*arguments: str | Path, prompt: str = "../prompt.txt", stdin: str | None = None, **said: str) -> Result:
    fields = {"model-name": "claude-opus", "model-version": "4.1", "model-provider": "anthropic", "prompt-version": "login@1"}
    options = [*fields.items(), ("user", "ann"), ("agent", "claude-code"), ("prompt-file", prompt)]
    given = {name.replace("_", "-"): value for name, value in said.items()}
    line = [part for name, value in {**dict(options), **given}.items() for part in (f"--{name}", value)]
    return CliRunner().invoke(app, ["provenance", "emit", *line, *map(str, arguments)], input=stdin)


def written(result: Result) -> Path:
    assert result.exit_code == 0, result.output
    return Path(result.stdout.strip())


def refused(result: Result, *says: str) -> None:
    assert result.exit_code in (1, 2), result.output
    assert isinstance(result.exception, SystemExit)
    for words in (*says, "wanted"):
        assert words in result.stderr
    assert "zebra" not in result.output


def raw(root: Path, result: Result) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((root / written(result)).read_bytes())
    return whole


def changed(root: Path, path: str) -> ChangedFile:
    """The file as a forge would tell it: after git has stored it."""
    content = subprocess.run(["git", "-C", str(root), "show", f":{path}"], capture_output=True, check=True).stdout
    sha256, opening = hashlib.sha256(content).hexdigest(), content.decode()
    return ChangedFile(path, "added", 1, 0, blob=git(root, "rev-parse", f":{path}"), sha256=sha256, opening=opening)


def covered(root: Path, result: Result, *paths: str) -> bool:
    git(root, "add", ".")
    name = written(result).as_posix()
    document = read_document((root / name).read_bytes(), name)
    assert isinstance(document, ProvenanceDocument), document
    found = cover([FoundDocument(name, "", document)], [changed(root, path) for path in paths])
    return not (found.uncovered or found.drifted or found.unknown or found.missing)
