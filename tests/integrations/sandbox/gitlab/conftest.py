"""A small company on a fake GitLab, and two ways to reach it: plain HTTP, and as a receiver of webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from integrations.sandbox.clock import FakeClock
from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access
from integrations.sandbox.mailbox import trust
from tests.integrations.sandbox.gitlab.hook import GitLabHook

SHOP = "acme/web/shop"
FILES = {"README.md": "# Shop\n", "shop/cart.py": "total = 0\n", ".llmgate/policy.yaml": "version: 1\n"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def gitlab(tmp_path: Path, clock: FakeClock) -> Iterator[FakeGitLab]:
    with FakeGitLab(tmp_path / "forge", clock) as fake:
        fake.user("ann", name="Ann", emails=["ann@acme.example"])
        fake.user("bob")
        fake.user("mia")
        fake.project(SHOP, files=FILES)
        fake.grant(SHOP, "mia", Access.MAINTAINER)
        yield fake


@pytest.fixture
def raw(gitlab: FakeGitLab) -> Iterator[httpx.Client]:
    """Plain HTTP with the bot's token."""
    headers = {"PRIVATE-TOKEN": gitlab.bot_token}
    with httpx.Client(base_url=gitlab.api_url, headers=headers, trust_env=False, verify=trust()) as plain:
        yield plain


@pytest.fixture
def hook(gitlab: FakeGitLab) -> Iterator[GitLabHook]:
    receiver = GitLabHook()
    receiver.start()
    gitlab.install(receiver.url)
    yield receiver
    receiver.close()


@pytest.fixture
def change(gitlab: FakeGitLab) -> int:
    """An open merge request of ann's that edits one file and adds another."""
    gitlab.push(SHOP, "cart", {"shop/cart.py": "total = 1\n", "shop/tax.py": "rate = 19\n"}, by="ann", message="Add tax")
    return gitlab.open_change(SHOP, "cart", by="ann", title="Tax", body="Adds tax").iid
