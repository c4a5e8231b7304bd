"""Generic packages: files of one name beside each other, and the newest served, as GitLab does unless a group forbids it."""

from __future__ import annotations

import httpx
import pytest

from integrations.sandbox.gitlab.fake import FakeGitLab
from integrations.sandbox.gitlab.people import Access

PACKAGES = "/projects/acme%2Fweb%2Fshop/packages"
FILE = f"{PACKAGES}/generic/verdict/1.0/summary.json"


def test_a_second_file_of_one_name_is_added_and_the_newest_is_served(raw: httpx.Client) -> None:
    assert [raw.put(FILE, content=text).json() for text in (b"one", b"two")] == [{"message": "201 Created"}] * 2
    assert raw.get(FILE).content == b"two"
    (package,) = raw.get(PACKAGES).json()
    files = raw.get(f"{PACKAGES}/{package['id']}/package_files").json()
    assert [(file["file_name"], file["size"]) for file in files] == [("summary.json", 3), ("summary.json", 3)]
    assert files[0]["id"] != files[1]["id"]
    assert files[0]["file_sha256"] != files[1]["file_sha256"]


def test_a_version_of_its_own_is_a_package_of_its_own(raw: httpx.Client) -> None:
    raw.put(FILE, content=b"one")
    raw.put(FILE.replace("1.0", "2.0"), content=b"two")
    assert [package["version"] for package in raw.get(PACKAGES, params={"sort": "asc"}).json()] == ["1.0", "2.0"]
    assert raw.get(FILE).content == b"one"


def test_what_was_made_is_told_to_who_asks(raw: httpx.Client) -> None:
    made = raw.put(FILE, content=b"one", params={"select": "package_file"})
    assert (made.status_code, made.json()["file_name"], made.json()["size"]) == (201, "summary.json", 3)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("generic/ver dict/1.0/a.json", "package_name is invalid"),
        ("generic/verdict/1..0/a.json", "package_version is invalid"),
        ("generic/verdict/one two/a.json", "package_version is invalid"),
        ("generic/verdict/1.0/a b.json", "file_name is invalid"),
    ],
)
def test_a_name_that_gitlab_would_not_take_is_refused(raw: httpx.Client, path: str, error: str) -> None:
    answer = raw.put(f"{PACKAGES}/{path}", content=b"x")
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_reporter_publishes_nothing(gitlab: FakeGitLab, raw: httpx.Client) -> None:
    gitlab.user("rae")
    gitlab.grant("acme/web/shop", "rae", Access.REPORTER)
    answer = raw.put(FILE, content=b"x", headers={"PRIVATE-TOKEN": gitlab.token_for("rae")})
    assert answer.status_code == 403
    assert raw.get(FILE).status_code == 404


@pytest.mark.parametrize("asked", [{"status": "hidden"}, {"select": "all"}, {"tag": "x"}])
def test_what_is_not_modelled_is_refused(raw: httpx.Client, asked: dict[str, str]) -> None:
    assert raw.put(FILE, content=b"x", params=asked).status_code == 400
