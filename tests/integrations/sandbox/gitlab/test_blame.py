"""Blame over REST: pieces of one commit each, ranges that are taken whole or not at all, and no account anywhere."""

from __future__ import annotations

import httpx
import pytest

from integrations.sandbox.gitlab.fake import FakeGitLab
from tests.integrations.sandbox.gitlab.conftest import SHOP

FILE = "/projects/acme%2Fweb%2Fshop/repository/files/cart.py/blame"


@pytest.fixture(autouse=True)
def cart(gitlab: FakeGitLab) -> None:
    gitlab.push(SHOP, "main", {"cart.py": "one\ntwo\nthree\n"}, by="ann")
    gitlab.push(SHOP, "main", {"cart.py": "one\n2\nthree\n"}, by="mia")


def test_lines_come_in_pieces_of_one_commit_each_with_what_git_says_of_it(raw: httpx.Client) -> None:
    told = raw.get(FILE, params={"ref": "main"}).json()
    assert [piece["lines"] for piece in told] == [["one"], ["2"], ["three"]]
    assert told[0]["commit"]["id"] == told[2]["commit"]["id"] != told[1]["commit"]["id"]
    assert set(told[0]["commit"]) == {
        "id", "parent_ids", "message", "author_name", "author_email", "authored_date",
        "committer_name", "committer_email", "committed_date",
    }  # fmt: skip


def test_a_range_limits_the_lines(raw: httpx.Client) -> None:
    told = raw.get(FILE, params={"ref": "main", "range[start]": 2, "range[end]": 3}).json()
    assert [piece["lines"] for piece in told] == [["2"], ["three"]]


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ({}, 400, "ref is missing"),
        ({"ref": "main", "range[start]": 1}, 400, "range[end] is missing"),
        ({"ref": "main", "range[start]": 3, "range[end]": 2}, 400, "range[start] must be less than or equal to range[end]"),
        ({"ref": "main", "range[start]": 0, "range[end]": 2}, 400, "range[start] does not have a valid value"),
        ({"ref": "none"}, 404, "404 Commit Not Found"),
    ],
)
def test_what_gitlab_would_not_take_is_refused(raw: httpx.Client, params: dict[str, str], status: int, words: str) -> None:
    answer = raw.get(FILE, params=params)
    assert answer.status_code == status
    assert words in answer.text
