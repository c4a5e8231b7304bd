"""A small company on a fake GitHub, and three ways to reach it: githubkit, plain HTTP, and as a webhook receiver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from githubkit import AppInstallationAuthStrategy, GitHub
from githubkit.cache import MemCacheStrategy

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.github.fake import FakeGitHub
from integrations.sandbox.mailbox import trust
from tests.integrations.sandbox.github.hook import Hook

SHOP = "acme/shop"
FILES = {"README.md": "# Shop\n", "shop/cart.py": "total = 0\n", ".llmgate/policy.yaml": "version: 1\n"}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "forge", FakeClock()) as fake:
        fake.user("ann", emails=["ann@acme.example"])
        fake.user("bob")
        fake.repository(SHOP, files=FILES)
        yield fake


@pytest.fixture
def client(github: FakeGitHub) -> Iterator[GitHub[AppInstallationAuthStrategy]]:
    auth = AppInstallationAuthStrategy(github.app.id, github.app.private_key, github.app.installation_id)
    settings: dict[str, Any] = {"base_url": github.api_url, "cache_strategy": MemCacheStrategy(), "ssl_verify": trust()}
    with GitHub(auth, auto_retry=False, http_cache=False, **settings) as kit:
        yield kit


@pytest.fixture
def raw(github: FakeGitHub) -> Iterator[httpx.Client]:
    """Plain HTTP with an installation token."""
    token = github.verbs.tokens.mint({})["token"]
    headers = {"Authorization": f"token {token}"}
    with httpx.Client(base_url=github.api_url, headers=headers, trust_env=False, verify=trust()) as plain:
        yield plain


@pytest.fixture
def hook(github: FakeGitHub) -> Iterator[Hook]:
    receiver = Hook()
    receiver.start()
    github.install(receiver.url, by="ann")
    github.flush()
    receiver.received.clear()
    yield receiver
    receiver.close()


@pytest.fixture
def change(github: FakeGitHub) -> int:
    """An open change of ann's that edits one file and adds another."""
    github.push(SHOP, "cart", {"shop/cart.py": "total = 1\n", "shop/tax.py": "rate = 19\n"}, by="ann", message="Add tax")
    return github.open_change(SHOP, "cart", by="ann", title="Tax", body="Adds tax").number
