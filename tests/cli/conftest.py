"""Nobody's own git configuration reaches these tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from integrations.sandbox.github.auth import private_key


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def app_key(tmp_path: Path) -> Path:
    """A GitHub App's private key, as it was downloaded."""
    path = tmp_path / "downloaded.pem"
    path.write_text(private_key())
    return path
