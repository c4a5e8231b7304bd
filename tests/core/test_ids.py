"""Keys read back to what they name."""

from __future__ import annotations

import pytest

from bot.core.ids import ChangeRef, ForgeAccount, ForgeName, RepoRef


@pytest.mark.parametrize(("forge", "host"), [("github", "github.com"), ("gitlab", "gitlab.example:8443")])
def test_an_account_is_known_by_its_key_alone(forge: ForgeName, host: str) -> None:
    whole = ForgeAccount(forge, host, 1001, "ann", "human")
    read = ForgeAccount.from_key(whole.key)
    assert (read.key, read.forge, read.host, read.id) == (whole.key, forge, host, 1001)


@pytest.mark.parametrize(
    "ref",
    [
        ChangeRef(RepoRef("github", "github.com", "acme/shop"), 7),
        ChangeRef(RepoRef("gitlab", "gitlab.example:8443", "group/sub/project"), 12),
    ],
)
def test_a_change_is_known_by_its_key_alone(ref: ChangeRef) -> None:
    assert ChangeRef.from_key(ref.key) == ref
