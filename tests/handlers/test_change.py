"""Which pushes to a base branch make its open changes be looked at again."""

from __future__ import annotations

import pytest

from bot.core.events import BaseMoved
from bot.core.ids import ForgeName, RepoRef
from bot.handlers.change import matters


@pytest.mark.parametrize(
    ("forge", "path", "looks"),
    [
        ("github", ".llmgate/policy.yaml", True),
        ("gitlab", ".llmgate/policy.yml", True),
        ("github", ".github/CODEOWNERS", True),
        ("gitlab", ".github/CODEOWNERS", False),
        ("gitlab", ".gitlab/CODEOWNERS", True),
        ("github", ".gitlab/CODEOWNERS", False),
        ("gitlab", "docs/CODEOWNERS", True),
        ("gitlab", ".gitattributes", True),
        ("gitlab", "src/cart.py", False),
    ],
)
def test_a_push_matters_where_the_forge_reads_its_rules(forge: ForgeName, path: str, looks: bool) -> None:
    repo = RepoRef(forge, f"{forge}.com", "acme/shop")
    assert matters(BaseMoved(repo, "main", ("README.md", path))) is looks


def test_a_push_that_names_no_path_always_matters() -> None:
    assert matters(BaseMoved(RepoRef("gitlab", "gitlab.com", "acme/shop"), "main"))
